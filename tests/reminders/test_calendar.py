"""Working days and periods, against the notice of the State Council as printed and against their own laws."""

import json
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.reminders.calendar import (
    PERIOD_DAYS_MAX,
    Calendar,
    InvalidCalendar,
    add_working_days,
    deadline_at,
    due_date,
    due_date_in_calendar_days,
    load,
    next_working_morning,
    rung_date,
    working_days_between,
    working_days_left,
)

SHANGHAI = ZoneInfo("Asia/Shanghai")
MORNING = time(8, 30)
FRIDAY, SATURDAY, SUNDAY, MONDAY = (date(2026, 11, day) for day in (20, 21, 22, 23))
ANY_DAY = st.dates(date(2023, 12, 1), date(2028, 12, 31))
ANY_PERIOD = st.integers(1, 90)


def days(*spans: tuple[str, str]) -> set[date]:
    ends = [(date.fromisoformat(start), date.fromisoformat(end)) for start, end in spans]
    return {start + timedelta(n) for start, end in ends for n in range((end - start).days + 1)}


def table(**changes: object) -> dict[str, object]:
    return {
        "year": 2030,
        "source": "a test",
        "published_on": "2029-11-01",
        "off": [],
        "working": [],
        **changes,
    }


def told(*tables: dict[str, object]) -> str:
    return json.dumps({"region": "CN", "years": tables})


# --- the table ----------------------------------------------------------------------------------------------


def test_2026_is_off_and_worked_as_the_notice_says(china: Calendar) -> None:
    off = days(
        ("2026-01-01", "2026-01-03"),
        ("2026-02-15", "2026-02-23"),
        ("2026-04-04", "2026-04-06"),
        ("2026-05-01", "2026-05-05"),
        ("2026-06-19", "2026-06-21"),
        ("2026-09-25", "2026-09-27"),
        ("2026-10-01", "2026-10-07"),
    )
    worked = {date(2026, *day) for day in ((1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10))}
    assert {day for day in china.off if day.year == 2026} == off
    assert {day for day in china.working if day.year == 2026} == worked


@pytest.mark.parametrize(("year", "working_days"), [(2024, 251), (2025, 248), (2026, 248)])
def test_a_published_year_has_the_working_days_that_are_known_of_it(
    china: Calendar, year: int, working_days: int
) -> None:
    """366 - 104 - 11, 365 - 104 - 13 and 365 - 104 - 13: weekends and the statutory holidays."""
    assert working_days_between(date(year - 1, 12, 31), date(year, 12, 31), china) == working_days


def test_every_make_up_day_is_worked_though_it_is_a_weekend(china: Calendar) -> None:
    assert all(day.weekday() >= 5 and china.is_working_day(day) for day in china.working)


def test_no_day_off_is_worked(china: Calendar) -> None:
    assert not any(china.is_working_day(day) for day in china.off)


def test_a_year_that_is_not_published_is_monday_to_friday_and_says_so(china: Calendar) -> None:
    assert china.is_working_day(date(2027, 10, 1))
    assert not china.is_working_day(date(2027, 10, 2))
    assert china.provisional_years(date(2026, 12, 20), date(2027, 1, 10)) == (2027,)


def test_published_years_are_not_provisional(china: Calendar) -> None:
    assert china.provisional_years(date(2024, 1, 1), date(2026, 12, 31)) == ()


def test_a_table_is_left_out_before_it_was_published(china_json: str) -> None:
    before = load(china_json, known_on=date(2025, 11, 3))
    assert before.years == {2024, 2025}
    assert before.is_working_day(date(2026, 10, 1))


def test_a_year_that_is_told_again_is_taken_as_last_published() -> None:
    first = table(off=[{"from": "2030-01-01", "to": "2030-01-02"}])
    mended = table(published_on="2030-01-20", off=[{"from": "2030-02-04", "to": "2030-02-08"}])
    calendar = load(told(mended, first))
    assert calendar.off == days(("2030-02-04", "2030-02-08"))


def test_a_table_may_reach_back_into_december() -> None:
    calendar = load(told(table(off=[{"from": "2029-12-31", "to": "2030-01-01"}], working=["2029-12-29"])))
    assert not calendar.is_working_day(date(2029, 12, 31))
    assert calendar.is_working_day(date(2029, 12, 29))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"region": "CN", "years": [{}]}',
        told(table(), table()),
        told(table(off=[{"from": "2030-01-03", "to": "2030-01-01"}])),
        told(table(off=[{"from": "2029-05-01", "to": "2029-05-01"}])),
        told(table(off=[{"from": "2030-12-31", "to": "2031-01-01"}])),
        told(table(off=[{"from": "2030-02-30", "to": "2030-03-01"}])),
        told(table(working=["2030-01-07"])),
        told(table(working=["2031-01-04"])),
        told(table(off=[{"from": "2030-01-05", "to": "2030-01-06"}], working=["2030-01-05"])),
    ],
)
def test_a_table_that_contradicts_itself_is_refused(text: str) -> None:
    with pytest.raises(InvalidCalendar):
        load(text)


# --- periods ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("served_on", "working_days", "due_on"),
    [
        (date(2026, 11, 16), 3, date(2026, 11, 19)),
        (FRIDAY, 1, MONDAY),
        (SATURDAY, 1, MONDAY),
        # 2 January is off, Sunday 4 January is worked.
        (date(2025, 12, 31), 1, date(2026, 1, 4)),
        # Spring Festival: Saturday 14 and 28 February are worked, the nine days between 15 and 23 are not.
        (date(2026, 2, 13), 1, date(2026, 2, 14)),
        (date(2026, 2, 13), 2, date(2026, 2, 24)),
        (date(2026, 2, 13), 6, date(2026, 2, 28)),
        # Mid-autumn and National Day: Sunday 20 September and Saturday 10 October are worked.
        (date(2026, 9, 18), 15, date(2026, 10, 15)),
        # Over the end of the last published year.
        (date(2026, 12, 31), 1, date(2027, 1, 1)),
    ],
)
def test_a_period_of_working_days_begins_after_service(
    china: Calendar, served_on: date, working_days: int, due_on: date
) -> None:
    assert due_date(served_on, working_days, china) == due_on


@pytest.mark.parametrize(
    ("served_on", "period", "due_on"),
    [
        (date(2026, 11, 16), 3, date(2026, 11, 19)),
        (date(2026, 11, 16), 5, MONDAY),
        # The thirtieth day is 1 October: it rolls over the whole holiday.
        (date(2026, 9, 1), 30, date(2026, 10, 8)),
        # A make-up Saturday is worked, so a period may end on it.
        (date(2026, 10, 7), 3, date(2026, 10, 10)),
    ],
)
def test_a_period_of_calendar_days_that_ends_on_a_holiday_rolls_on(
    china: Calendar, served_on: date, period: int, due_on: date
) -> None:
    assert due_date_in_calendar_days(served_on, period, china) == due_on


@pytest.mark.parametrize("period", [0, -1, PERIOD_DAYS_MAX + 1])
def test_a_period_of_no_or_of_too_many_days_is_refused(china: Calendar, period: int) -> None:
    with pytest.raises(ValueError, match="period"):
        due_date(FRIDAY, period, china)
    with pytest.raises(ValueError, match="period"):
        due_date_in_calendar_days(FRIDAY, period, china)


def test_a_shift_beyond_the_limit_is_refused(china: Calendar) -> None:
    with pytest.raises(ValueError, match="more than"):
        add_working_days(FRIDAY, -PERIOD_DAYS_MAX - 1, china)


@given(served_on=ANY_DAY, period=ANY_PERIOD)
def test_a_due_date_is_always_a_working_day(china: Calendar, served_on: date, period: int) -> None:
    assert china.is_working_day(due_date(served_on, period, china))
    assert china.is_working_day(due_date_in_calendar_days(served_on, period, china))


@given(served_on=ANY_DAY, period=ANY_PERIOD)
def test_one_day_more_is_a_later_due_date(china: Calendar, served_on: date, period: int) -> None:
    assert due_date(served_on, period, china) < due_date(served_on, period + 1, china)
    shorter = due_date_in_calendar_days(served_on, period, china)
    assert shorter <= due_date_in_calendar_days(served_on, period + 1, china)


@given(served_on=ANY_DAY, later=st.integers(0, 40), period=ANY_PERIOD)
def test_later_service_is_never_an_earlier_due_date(
    china: Calendar, served_on: date, later: int, period: int
) -> None:
    served_later = served_on + timedelta(later)
    assert due_date(served_on, period, china) <= due_date(served_later, period, china)


@given(served_on=ANY_DAY, period=ANY_PERIOD, elapsed=st.integers(0, 150))
def test_what_is_left_and_what_is_gone_make_the_period(
    china: Calendar, served_on: date, period: int, elapsed: int
) -> None:
    due_on, today = due_date(served_on, period, china), served_on + timedelta(elapsed)
    gone = working_days_between(served_on, today, china)
    assert gone + working_days_left(due_on, today, china) == period


@given(day=ANY_DAY, shift=st.integers(-60, 60))
def test_a_shift_is_undone_by_its_opposite_from_a_working_day(china: Calendar, day: date, shift: int) -> None:
    start = add_working_days(day, 0, china)
    assert add_working_days(add_working_days(start, shift, china), -shift, china) == start


@pytest.mark.parametrize(
    ("today", "left"),
    [(FRIDAY, 1), (SATURDAY, 1), (MONDAY, 0), (MONDAY + timedelta(1), -1), (date(2026, 11, 28), -4)],
)
def test_the_days_left_count_down_to_nought_and_on(china: Calendar, today: date, left: int) -> None:
    assert working_days_left(MONDAY, today, china) == left


# --- rungs and instants -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rung", "day"),
    [
        (-7, date(2026, 9, 30)),
        (-3, date(2026, 10, 12)),
        (-1, date(2026, 10, 14)),
        (0, date(2026, 10, 15)),
        (1, date(2026, 10, 16)),
        (3, date(2026, 10, 20)),
    ],
)
def test_rungs_lie_in_working_days_around_the_due_date(china: Calendar, rung: int, day: date) -> None:
    assert rung_date(date(2026, 10, 15), rung, china) == day


def test_a_due_date_that_became_a_holiday_is_reminded_of_before_the_gap(china: Calendar) -> None:
    became_a_holiday = date(2026, 10, 5)
    assert rung_date(became_a_holiday, 0, china) == date(2026, 9, 30)
    assert rung_date(became_a_holiday, -1, china) == date(2026, 9, 29)
    assert rung_date(became_a_holiday, 1, china) == date(2026, 10, 8)


def test_a_deadline_ends_with_its_day_in_the_zone_of_the_region() -> None:
    assert deadline_at(date(2026, 11, 21), SHANGHAI) == datetime(2026, 11, 21, 16, tzinfo=UTC)
    assert deadline_at(date(2026, 11, 21), ZoneInfo("UTC")) == datetime(2026, 11, 22, tzinfo=UTC)


def test_a_deadline_ends_with_its_day_when_the_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    length = deadline_at(date(2026, 10, 25), berlin) - deadline_at(date(2026, 10, 24), berlin)
    assert length == timedelta(hours=25)


@pytest.mark.parametrize(
    ("after", "morning"),
    [
        ((11, 20, 8, 30), (11, 20, 8, 30)),
        ((11, 20, 8, 31), (11, 23, 8, 30)),
        ((11, 20, 3, 0), (11, 20, 8, 30)),
        ((11, 22, 3, 0), (11, 23, 8, 30)),
        ((9, 19, 12, 0), (9, 20, 8, 30)),
        ((9, 30, 20, 0), (10, 8, 8, 30)),
    ],
)
def test_the_next_morning_is_that_of_a_working_day(
    china: Calendar, after: tuple[int, ...], morning: tuple[int, ...]
) -> None:
    found = next_working_morning(_at(*after), china, SHANGHAI, morning=MORNING)
    assert found == _at(*morning)
    assert found.tzinfo is UTC


def _at(month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)
