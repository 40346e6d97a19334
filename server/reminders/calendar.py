"""Working days: which days count, when a period ends, when a morning comes.

Pure: the table arrives as text, the zone as a ZoneInfo and the present as an argument. The rules are those of
the State Council's yearly notice (days off and make-up working days, 调休) and of the period arithmetic of
administrative procedure: day 1 is the day after service, and a deadline is the end of its day.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

PERIOD_DAYS_MAX = 1_000
"""The longest period or shift, in days of its kind; a longer one is a slip of the keyboard."""

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5


class InvalidCalendar(ValueError):
    """A calendar table contradicts itself or cannot be read; the message names the year and the day."""


@dataclass(frozen=True)
class Calendar:
    """The working days of one region.

    off: days off of all published tables, their weekends included
    working: make-up working days, Saturdays and Sundays that are worked
    years: the years whose table is published; any other year is provisional, Monday to Friday
    """

    region: str
    off: frozenset[date]
    working: frozenset[date]
    years: frozenset[int]

    def is_working_day(self, day: date) -> bool:
        """Return whether `day` is worked, by the table or, where none is published, Monday to Friday."""
        if day in self.working:
            return True
        return day.weekday() < _SATURDAY and day not in self.off

    def provisional_years(self, start: date, end: date) -> tuple[int, ...]:
        """Return the years from `start` to `end` whose table is not published yet, in order.

        A date computed across one of them may move when the table appears; who shows it has to say so.
        """
        return tuple(year for year in range(start.year, end.year + 1) if year not in self.years)


def load(text: str, *, known_on: date | None = None) -> Calendar:
    """Return the Calendar told by the JSON `text`, of the form of `calendars/CN.json`.

    known_on: leaves out what was published later, to re-derive an old decision; None takes everything
    A year that is told twice is taken as last published: the notice of 2020 was mended within the year.
    Raises InvalidCalendar.
    """
    try:
        told = json.loads(text)
        region = str(told["region"])
        tables = {
            (date.fromisoformat(each["published_on"]), int(each["year"])): each for each in told["years"]
        }
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidCalendar(f"no calendar: {error!r}") from error
    if len(tables) != len(told["years"]):
        raise InvalidCalendar("a year is told twice with the same day of publication")
    latest = {
        year: tables[published, year]
        for published, year in sorted(tables)
        if known_on is None or published <= known_on
    }
    off: set[date] = set()
    working: set[date] = set()
    for year, table in latest.items():
        days_off, days_worked = _days(year, table)
        off |= days_off
        working |= days_worked
    if both := off & working:
        raise InvalidCalendar(f"{min(both)} is both off and worked")
    return Calendar(region=region, off=frozenset(off), working=frozenset(working), years=frozenset(latest))


def _days(year: int, table: dict[str, Any]) -> tuple[set[date], set[date]]:
    try:
        spans = [(date.fromisoformat(span["from"]), date.fromisoformat(span["to"])) for span in table["off"]]
        worked = {date.fromisoformat(day) for day in table["working"]}
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidCalendar(f"the table of {year} cannot be read: {error!r}") from error
    # A notice may reach back into December: New Year's holiday of 2019 began on 30 December 2018.
    first, last = date(year - 1, 12, 1), date(year, 12, 31)
    for start, end in spans:
        if not first <= start <= end <= last:
            raise InvalidCalendar(f"{start} to {end} is no span of days of {year}")
    for day in worked:
        if not first <= day <= last or day.weekday() < _SATURDAY:
            raise InvalidCalendar(f"{day} is no make-up working day of {year}")
    off = {start + timedelta(days=n) for start, end in spans for n in range((end - start).days + 1)}
    return off, worked


def add_working_days(day: date, working_days: int, calendar: Calendar) -> date:
    """Return the day that lies `working_days` working days after `day`, before it when negative.

    `day` itself never counts, so 1 from a Friday is Monday, and so is 1 from the Saturday after.
    0 is `day` if it is worked, else the last working day before it.
    """
    if abs(working_days) > PERIOD_DAYS_MAX:
        raise ValueError(f"{working_days} working days are more than {PERIOD_DAYS_MAX}")
    if working_days == 0:
        return day if calendar.is_working_day(day) else add_working_days(day, -1, calendar)
    step = _ONE_DAY if working_days > 0 else -_ONE_DAY
    for _ in range(abs(working_days)):
        day += step
        while not calendar.is_working_day(day):
            day += step
    return day


def due_date(served_on: date, working_days: int, calendar: Calendar) -> date:
    """Return the last day of a period of `working_days` (at least 1) that began by service on `served_on`.

    Day 1 is the first working day after service; the result is always a working day.
    """
    _check_period(working_days)
    return add_working_days(served_on, working_days, calendar)


def last_day(came_at: datetime, working_days: int, calendar: Calendar, zone: ZoneInfo) -> date:
    """Return the last day of a term that runs from the day after something came, on `zone`'s clock."""
    return due_date(came_at.astimezone(zone).date(), working_days, calendar)


def due_date_in_calendar_days(served_on: date, days: int, calendar: Calendar) -> date:
    """Return the last day of a period of calendar `days` (at least 1); one that ends on a holiday rolls on.

    Day 1 is the day after service; the result is always a working day (民法典 art. 203).
    """
    _check_period(days)
    end = served_on + timedelta(days=days)
    return end if calendar.is_working_day(end) else add_working_days(end, 1, calendar)


def _check_period(days: int) -> None:
    if not 1 <= days <= PERIOD_DAYS_MAX:
        raise ValueError(f"a period is 1 to {PERIOD_DAYS_MAX} days, not {days}")


def rung_date(due_on: date, working_days_from_due: int, calendar: Calendar) -> date:
    """Return the day of the rung T-n (negative), T (0) or T+n (positive) of a deadline.

    T moves before the gap: when a table published later turns `due_on` into a holiday, T is the last working
    day before it, and T-n counts back from there; T+1 is the first working day after.
    """
    return add_working_days(add_working_days(due_on, 0, calendar), working_days_from_due, calendar)


def working_days_between(start: date, end: date, calendar: Calendar) -> int:
    """Return the number of working days after `start` up to and with `end`; negative when `end` is earlier.

    Additive: the days from a to b and from b to c make those from a to c.
    """
    if end < start:
        return -working_days_between(end, start, calendar)
    return sum(calendar.is_working_day(day) for day in _days_after(start, end))


def _days_after(start: date, end: date) -> Iterator[date]:
    return (start + timedelta(days=n) for n in range(1, (end - start).days + 1))


def working_days_left(due_on: date, today: date, calendar: Calendar) -> int:
    """Return the working days after `today` up to and with `due_on`: 0 on the last day, -n if n are overdue.

    It is 0 as well on the holidays next to the last day, so whether it is overdue is asked of the dates.
    """
    return working_days_between(today, due_on, calendar)


def deadline_at(due_on: date, zone: ZoneInfo) -> datetime:
    """Return the first instant (aware UTC) that is late: the midnight that ends `due_on` in `zone`."""
    return instant(due_on + _ONE_DAY, time(0), zone)


def next_working_morning(after: datetime, calendar: Calendar, zone: ZoneInfo, *, morning: time) -> datetime:
    """Return the first `morning` of a working day, as aware UTC, that is not before the instant `after`."""
    day = after.astimezone(zone).date()
    if not calendar.is_working_day(day) or instant(day, morning, zone) < after:
        day = add_working_days(day, 1, calendar)
    return instant(day, morning, zone)


def instant(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the aware UTC datetime of the wall clock `at` on `day` in `zone`."""
    return datetime.combine(day, at, tzinfo=zone).astimezone(UTC)
