"""A table of working days from a file: the days off and the make-up days of one region and year; one ledger entry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas import times
from schemas.codes import asked_region
from schemas.drafting import Draft
from schemas.records.working_calendar import STANDINGS, YEAR_MAX, YEAR_MIN
from server.imports.cells import Column, Values, a_day, headings, translate, worded
from server.imports.progress import Progress, unnoticed
from server.imports.table import BadRows, RowFault, read
from server.reminders.year_tables import YearTable
from sync.errors import BadCode, BadValue

if TYPE_CHECKING:
    from server.wiring import Services

OFF, WORKING = "off", "working"
KINDS = {
    OFF: OFF, "放假": OFF, "休息": OFF, "休": OFF, "holiday": OFF,
    WORKING: WORKING, "上班": WORKING, "调休": WORKING, "调休上班": WORKING, "班": WORKING, "workday": WORKING,
}  # fmt: skip
COLUMNS = (
    Column("day", "day", a_day, needed=True, also=("日期", "起", "开始日期", "from")),
    Column("until", "until", a_day, also=("止", "结束日期", "to")),
    Column("kind", "kind", worded(KINDS), needed=True, also=("类型", "性质")),
)
SPAN_DAYS_MAX = 31
ROWS_MAX = 400
SATURDAY = 5


@dataclass(frozen=True)
class Header:
    """What is said of a file: whose year it is, from which day it counts, and what it rests on."""

    region: str
    year: int
    valid_from: date
    standing: str = "published"
    source: str = ""


@dataclass(frozen=True)
class Looked:
    """A file that was read and not imported. off, working: days by line; faults: of every row that does not fit."""

    header: Header
    digest: str
    rows: int
    off: Mapping[date, int]
    working: Mapping[date, int]
    faults: Sequence[RowFault]
    left_out: tuple[str, ...] = ()

    def table(self, record: str = "", version: int = 2**53) -> YearTable:
        """Return the table that it would be."""
        head = self.header
        return YearTable(
            record, head.region, head.year, head.valid_from, version, head.standing == "published",
            frozenset(self.off), frozenset(self.working),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class CalendarReport:
    """What an import did; record, index: of what is new, '' and None where the same table was there already.

    deadlines: how many open cases moved
    """

    region: str
    year: int
    valid_from: str
    off: int
    working: int
    file: str
    deadlines: int
    record: str
    index: int | None

    def json(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return asdict(self)

    def text(self) -> list[str]:
        """Return the report in lines."""
        return [
            f"calendar  {self.region} {self.year}",
            f"from      {self.valid_from}",
            f"days off  {self.off}, make-up days {self.working}",
            f"moved     {self.deadlines} deadlines",
            f"entry     {'none: it is there already' if self.index is None else self.index}",
        ]


def header(
    region: str, year: int, valid_from: date, *, standing: str = "published", source: str = ""
) -> Header:
    """Return what is said of a file, checked; raises BadValue or BadCode by the field."""
    region = asked_region(region)
    if not YEAR_MIN <= year <= YEAR_MAX:
        raise BadValue(f"a year from {YEAR_MIN} to {YEAR_MAX}", field="year")
    if standing not in STANDINGS:
        raise BadValue(f"one of {', '.join(STANDINGS)}", field="standing")
    return Header(region, year, valid_from, standing, source.strip()[:200])


def columns() -> tuple[str, ...]:
    """Return the names of the columns that are looked at."""
    return tuple(column.name for column in COLUMNS)


def look_at(source: Path | bytes, head: Header, *, sheet: str | None = None) -> Looked:
    """Return a file as it would be imported, with every row that does not fit; raises BadFile, TooLarge."""
    table = read(source, headings(COLUMNS), sheet=sheet, rows_max=ROWS_MAX)
    found: dict[str, dict[date, int]] = {OFF: {}, WORKING: {}}
    faults: list[RowFault] = []
    for row in table.rows:
        values, wrong = translate(row, COLUMNS)
        faults += wrong or _take(row.line, values, head.year, found)
    if not faults and not found[OFF]:
        faults.append(_fault(table.rows[0].line, "kind", "no day is off", "没有放假日"))
    return Looked(head, table.digest, len(table.rows), found[OFF], found[WORKING], faults, table.left_out)


def _take(line: int, values: Values, year: int, found: dict[str, dict[date, int]]) -> list[RowFault]:
    """Note the days of one row, or return what is wrong with them."""
    first = date.fromisoformat(values["day"])
    last = date.fromisoformat(str(values.get("until") or values["day"]))
    if last < first or (last - first).days >= SPAN_DAYS_MAX:
        return [_fault(line, "until", "the span ends before it begins, or is too long", "起止日期有误或过长")]
    faults = list(_misfits(line, values["kind"], first, last, year, found))
    if not faults:
        found[values["kind"]].update(dict.fromkeys(_days(first, last), line))
    return faults


def _misfits(
    line: int, kind: str, first: date, last: date, year: int, found: Mapping[str, Mapping[date, int]]
) -> Iterator[RowFault]:
    # A notice may reach back into December: New Year's holiday of 2019 began on 30 December 2018.
    if not date(year - 1, 12, 1) <= first <= last <= date(year, 12, 31):
        yield _fault(line, "day", f"is no day of {year}", f"不属于{year}年")
    for day in _days(first, last):
        if kind == WORKING and day.weekday() < SATURDAY:
            yield _fault(line, "day", f"{day} is a weekday, which is worked anyway", f"{day} 本为工作日")
        for known, zh in ((OFF, "放假"), (WORKING, "上班")):
            if day in found[known]:
                there = found[known][day]
                yield _fault(
                    line, "day", f"{day} is {known} already in line {there}", f"{day} 在第{there}行已列为{zh}"
                )


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def _fault(line: int, column: str, detail: str, zh: str) -> RowFault:
    return RowFault(line, column, BadValue.code, detail, zh)


def import_calendar(
    services: Services,
    source: Path | bytes,
    head: Header,
    progress: Progress = unnoticed,
    *,
    acting: str | None = None,
    sheet: str | None = None,
) -> CalendarReport:
    """Bring a table into the ledger, and move the deadlines that it touches once its day has come.

    acting: the supervisor who brings it; None for the server's operator
    The same table again is left as it is. Raises BadFile, BadRows, BadValue, TooLarge, NotAllowed, or the
    Refusal that the commit met.
    """
    looked = look_at(source, head, sheet=sheet)
    if looked.faults:
        raise BadRows(sorted(looked.faults, key=lambda fault: fault.line), looked.rows)
    progress("check", looked.rows, looked.rows)
    return bring(services, looked, acting=acting)


def bring(services: Services, looked: Looked, *, acting: str | None = None) -> CalendarReport:
    """Enter a table that has no faults; raises NotAllowed, or the Refusal that the commit met."""
    from server.casework import recalculating
    from server.commit.acts import MACHINE, act, new_id

    assert not looked.faults, "a table with faults is not imported"
    if _there(services, looked):
        return _report(looked, 0, "", None)
    made = new_id(services)
    result = act(services, [_draft(made, looked)], user=acting or MACHINE, kind="setting")
    moved = recalculating.sweep(services)["deadlines"]
    return _report(looked, moved, made, result.first)


def _draft(made: str, looked: Looked) -> Draft:
    head = looked.header
    values: dict[str, Any] = {
        "region": head.region,
        "year": head.year,
        "valid_from": head.valid_from.isoformat(),
        "standing": head.standing,
        "file": looked.digest,
    }
    if head.source:
        values["source"] = head.source
    sets = {"holidays": looked.off, "makeup_days": looked.working}
    add: dict[str, Sequence[str]] = {
        name: [day.isoformat() for day in sorted(days)] for name, days in sets.items() if days
    }
    return Draft("create", "working_calendar", made, values, add=add)


def _there(services: Services, looked: Looked) -> bool:
    """Return whether the newest table of the region and year, from the same day, says the same."""
    from server.reminders import working_calendars

    with services.database.reading() as connection:
        known = [working_calendars.table_of(one) for one in working_calendars.records(connection, services)]
    wanted = looked.table()
    same = [
        one
        for one in known
        if (one.region, one.year) == (wanted.region, wanted.year) and one.valid_from <= wanted.valid_from
    ]
    newest = max(same, key=lambda one: (one.valid_from, one.version), default=None)
    return newest is not None and (newest.off, newest.working, newest.published) == (
        wanted.off, wanted.working, wanted.published,
    )  # fmt: skip


def _report(looked: Looked, moved: int, record: str, index: int | None) -> CalendarReport:
    head = looked.header
    return CalendarReport(
        region=head.region,
        year=head.year,
        valid_from=head.valid_from.isoformat(),
        off=len(looked.off),
        working=len(looked.working),
        file=looked.digest,
        deadlines=moved,
        record=record,
        index=index,
    )


def day_of(text: str, field: str) -> date:
    """Return a day as it was typed; raises BadValue."""
    try:
        return times.read_day(text)
    except BadCode as bad:
        raise BadValue(bad.detail, field=field) from bad
