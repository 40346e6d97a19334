"""Our tables of 2024 to 2026 against two public libraries that others keep, day by day.

They are in the lock of the tests alone; the product reads its own tables.
"""

from __future__ import annotations

from datetime import date, timedelta

import chinese_calendar
import holidays
import pytest

from server.reminders.calendar import Calendar

YEARS = (2024, 2025, 2026)


def days_of(year: int) -> list[date]:
    first = date(year, 1, 1)
    return [first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days)]


@pytest.mark.parametrize("year", YEARS)
def test_every_day_is_worked_or_off_as_chinesecalendar_says(china: Calendar, year: int):
    ours = {day: china.is_working_day(day) for day in days_of(year)}
    assert ours == {day: chinese_calendar.is_workday(day) for day in days_of(year)}


@pytest.mark.parametrize("year", YEARS)
def test_every_day_is_worked_or_off_as_holidays_says(china: Calendar, year: int):
    theirs = holidays.country_holidays("CN", years=year, categories=("public",))
    ours = {day: china.is_working_day(day) for day in days_of(year)}
    assert ours == {day: theirs.is_working_day(day) for day in days_of(year)}


def test_a_slip_in_a_table_would_be_seen(china: Calendar):
    """The comparison can fail: one make-up day left out differs from both."""
    slipped = Calendar(china.region, china.off, china.working - {date(2026, 2, 28)}, china.years)
    day = date(2026, 2, 28)
    assert slipped.is_working_day(day) != chinese_calendar.is_workday(day)
    assert slipped.is_working_day(day) != holidays.country_holidays("CN", years=2026).is_working_day(day)
