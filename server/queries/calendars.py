"""Working calendars: what counts at the reader's place, what was imported, and what a file would do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select

from schemas import regions
from server.access import scope
from server.casework import recalculating
from server.console.pages.calendars import (
    CalendarFault,
    CalendarForm,
    CalendarPreview,
    CalendarsPage,
    MovedRow,
    Span,
    TableRow,
    YearRow,
)
from server.imports.calendars import Looked
from server.queries.reading import TABLE, Reading
from server.reminders import working_calendars
from server.reminders.calendar import Calendar
from server.reminders.working_calendars import Calendars, table_of
from server.reminders.year_tables import YearTable, counting
from sync.errors import NotAllowed
from sync.merge import Record

BRINGER = "supervisor"
TABLES_MAX = 200
FAULTS_SHOWN = 200
MOVES_SHOWN = 100
FILE_BYTES_MAX = 200_000
"""A year of days fits many times over."""


def calendars_page(
    reading: Reading, region: str, form: CalendarForm, preview: CalendarPreview | None = None
) -> CalendarsPage:
    """Return the calendars as they stand. region: the reader's own"""
    standing = working_calendars.calendars(reading.connection, reading.services)
    return CalendarsPage(
        region=region,
        years=years(standing, region, reading.locale),
        tables=tuple(table_row(one) for one in reading.records(_every(reading))),
        form=form,
        preview=preview,
        may_bring=may_bring(reading),
    )


def _every(reading: Reading) -> Select[Any]:
    return reading.visible("working_calendar").order_by(TABLE.c.id.desc()).limit(TABLES_MAX)


def may_bring(reading: Reading) -> bool:
    """Return whether the reader brings tables."""
    return BRINGER in scope.roles(reading.connection, reading.services.ledger.id, reading.user)


def check_bringer(reading: Reading) -> None:
    """Raise NotAllowed for whoever brings no table."""
    if not may_bring(reading):
        raise NotAllowed(f"a {BRINGER} brings a working calendar")


def years(calendars: Calendars, region: str, locale: str = "zh_CN") -> tuple[YearRow, ...]:
    """Return the year before, this one and the next as they count in a region."""
    calendar = calendars.of(region)
    chosen = counting(calendars.tables, region, calendars.today)
    this = calendars.today.year
    return tuple(_year(year, calendar, chosen.get(year), locale) for year in (this - 1, this, this + 1))


def _year(year: int, calendar: Calendar, table: YearTable | None, locale: str) -> YearRow:
    published = year in calendar.years
    return YearRow(
        year=year,
        standing="published" if published else "provisional",
        origin=regions.name(table.region, locale) if table else "",
        off=tuple(spans(day for day in calendar.off if day.year == year)),
        working=tuple(sorted(day for day in calendar.working if day.year == year)),
    )


def spans(days: Iterable[date]) -> Iterator[Span]:
    """Yield days joined to (first, last) where they follow each other."""
    first = last = None
    for day in sorted(days):
        if first is None or last is None or day != last + timedelta(days=1):
            if first is not None and last is not None:
                yield first, last
            first = day
        last = day
    if first is not None and last is not None:
        yield first, last


def table_row(record: Record) -> TableRow:
    """Return an imported table as a row."""
    table = table_of(record)
    return TableRow(
        id=record.id,
        region=table.region,
        year=table.year,
        stage=str(record.stage),
        standing=str(record.values["standing"]),
        valid_from=table.valid_from,
        off=len(table.off),
        working=len(table.working),
        source=str(record.values.get("source") or ""),
    )


def previewed(reading: Reading, looked: Looked) -> CalendarPreview:
    """Return what a file would do now; deadlines are named as far as the reader sees their cases."""
    moves = [] if looked.faults else recalculating.foreseen(reading.services, looked.table())
    seen = _seen(reading, [move.case for move in moves])
    shown = [move for move in moves if move.case in seen][:MOVES_SHOWN]
    return CalendarPreview(
        digest=looked.digest,
        rows=looked.rows,
        off=tuple(spans(looked.off)),
        working=tuple(sorted(looked.working)),
        faults=tuple(
            CalendarFault(line=one.line, column=one.column, words=one.zh if _zh(reading) else one.detail)
            for one in looked.faults[:FAULTS_SHOWN]
        ),
        fault_count=len(looked.faults),
        moves=tuple(MovedRow(case=one.case, before=one.before, after=one.after) for one in shown),
        move_count=len(moves),
    )


def _zh(reading: Reading) -> bool:
    return reading.locale.startswith("zh")


def _seen(reading: Reading, cases: Sequence[str]) -> set[str]:
    wanted = list(cases)[: MOVES_SHOWN * 2]
    if not wanted:
        return set()
    seen = reading.visible("rectification_case").where(TABLE.c.id.in_(wanted)).with_only_columns(TABLE.c.id)
    return set(reading.connection.execute(seen).scalars())
