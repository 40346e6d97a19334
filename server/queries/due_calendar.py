"""The calendar of what falls due: last days of cases, look-backs and interviews, a month at a time."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Select

from server.console.pages import Institution
from server.console.pages.deadlines import DueCalendarPage, DueDay, DueItem
from server.queries import people
from server.queries.case_board import clocked
from server.queries.cases import CLOSED, DEADLINES
from server.queries.narrowing import in_region, region_choices, region_of
from server.queries.reading import TABLE, Reading, moment
from server.reminders.calendar import Calendar
from server.storage import record_store
from sync.errors import BadValue

DUE, LOOK_BACK, INTERVIEW = "due", "look_back", "interview"
LISTED_MAX = 1_000
"""So much of one month is listed; the page says how much more there is."""
OVERDUE_MAX = 12
INTERVIEWS_MAX = 2_000
TO_COME = ("planned", "invited")
MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


def first_of(words: str | None, today: date) -> date:
    """Return the first day of the month that an address asks for, today's unless told; raises BadValue."""
    if not words:
        return today.replace(day=1)
    found = MONTH.fullmatch(words)
    if found is None:
        raise BadValue("a month is written 2026-11", field="month")
    return date(int(found[1]), int(found[2]), 1)


def calendar_page(reading: Reading, given: Mapping[str, str]) -> DueCalendarPage:
    """Return a month by the `month` and `region` of an address; raises BadValue or BadCode."""
    first, region = first_of(given.get("month"), reading.today), region_of(given)
    after = (first + timedelta(days=31)).replace(day=1)
    every = in_region(clocked(reading), region)
    standing = every.where(TABLE.c.stage.not_in(sorted(CLOSED)))
    due = standing.where(DEADLINES.c.due_on >= first.isoformat(), DEADLINES.c.due_on < after.isoformat())
    late = standing.where(DEADLINES.c.due_on < reading.today.isoformat())
    items = [*_due(reading, due, LISTED_MAX), *_look_backs(reading, every, first)]
    items += _interviews(reading, region, first)
    overdue = _due(reading, late, OVERDUE_MAX)
    named = _institutions(reading, [*items, *overdue])
    calendar = reading.calendar_of(region) if region else reading.own_calendar
    last = after - timedelta(days=1)
    return DueCalendarPage(
        month=month_of(first),
        first=first,
        weeks=_weeks(first, last, [_named(one, named) for one in items], calendar),
        before=month_of(first - timedelta(days=1)),
        after=month_of(after),
        overdue=tuple(_named(one, named) for one in overdue),
        overdue_count=reading.count(late),
        not_served=reading.count(standing.where(DEADLINES.c.due_on.is_(None))),
        total=len(items),
        left_out=max(0, reading.count(due) - LISTED_MAX),
        provisional=calendar.provisional_years(first, last),
        regions=region_choices(reading, region),
        query={"region": region} if region else {},
    )


def month_of(day: date) -> str:
    """Return a day's month as an address names it."""
    return day.isoformat()[:7]


def _due(reading: Reading, cases: Select[Any], limit: int) -> list[DueItem]:
    """Return cases by their last day; an institution is named by its record until it is looked up."""
    columns = cases.add_columns(DEADLINES.c.due_on).order_by(DEADLINES.c.due_on, TABLE.c.id)
    found = []
    for row in reading.connection.execute(columns.limit(limit)):
        on = date.fromisoformat(row.due_on)
        found.append(_item(DUE, row, on, overdue=on < reading.today))
    return found


def _look_backs(reading: Reading, cases: Select[Any], first: date) -> list[DueItem]:
    """Return the look-backs of a month that were not made yet."""
    written = f'"look_back_on":"{month_of(first)}-'
    some = cases.where(TABLE.c.state.contains(written, autoescape=True)).order_by(TABLE.c.id)
    found = []
    for row in reading.connection.execute(some.limit(LISTED_MAX)):
        values = record_store.glimpse(row, ("look_back_on", "looked_back_on")).values
        on = date.fromisoformat(values["look_back_on"])
        if on.replace(day=1) == first and not values.get("looked_back_on"):
            found.append(_item(LOOK_BACK, row, on, overdue=on < reading.today))
    return found


def _interviews(reading: Reading, region: str, first: date) -> list[DueItem]:
    """Return the interviews of a month that are to come or were not held yet."""
    some = in_region(reading.visible("interview"), region).where(TABLE.c.stage.in_(TO_COME))
    rows = reading.connection.execute(some.order_by(TABLE.c.version.desc()).limit(INTERVIEWS_MAX))
    found = []
    for row in rows:
        at = moment(record_store.glimpse(row, ("scheduled_at",)).values["scheduled_at"])
        on = at.astimezone(reading.services.config.zone).date()
        if on.replace(day=1) == first:
            found.append(replace(_item(INTERVIEW, row, on, overdue=on < reading.today), at=at))
    return found


def _item(kind: str, row: Any, on: date, *, overdue: bool) -> DueItem:
    place = record_store.glimpse(row, ("institution",)).values["institution"]
    named = Institution(name=place, code="")
    return DueItem(kind=kind, id=row.id, institution=named, stage=str(row.stage), on=on, overdue=overdue)


def _institutions(reading: Reading, items: Sequence[DueItem]) -> dict[str, Institution]:
    known = reading.named(one.institution.name for one in items)
    return {key: people.institution(record) for key, record in known.items()}


def _named(item: DueItem, institutions: Mapping[str, Institution]) -> DueItem:
    return replace(item, institution=institutions.get(item.institution.name, people.institution(None)))


def _weeks(
    first: date, last: date, items: Sequence[DueItem], calendar: Calendar
) -> tuple[tuple[DueDay, ...], ...]:
    """Return the month in rows from Monday to Sunday."""
    start = first - timedelta(days=first.weekday())
    end = last + timedelta(days=6 - last.weekday())
    by_day: dict[date, list[DueItem]] = {}
    for item in items:
        by_day.setdefault(item.on, []).append(item)
    days = [
        DueDay(
            on=day,
            sort=sort_of(day, calendar),
            inside=day.month == first.month,
            items=tuple(by_day.get(day, ())),
        )
        for day in (start + timedelta(days=n) for n in range((end - start).days + 1))
    ]
    return tuple(tuple(days[n : n + 7]) for n in range(0, len(days), 7))


def sort_of(day: date, calendar: Calendar) -> str:
    """Return what a day is: `working`, `makeup` (a weekend's day that is worked), `weekend` or `holiday`."""
    if calendar.is_working_day(day):
        return "makeup" if day in calendar.working else "working"
    return "holiday" if day in calendar.off else "weekend"
