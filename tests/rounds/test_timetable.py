"""When a schedule calls: at its hour, or at times that nobody chose; pure."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records.round_schedule import WEEKDAYS
from server.rounds.timetable import Occurrence, monday_of, occurrences
from sync.draw import seed_of

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 16)
SEED = seed_of(bytes(32), "ab" * 32, 1)
SCHEDULE = "00000000-0000-7000-8000-000000000001"
HOSPITALS = ["00000000-0000-7000-8000-0000000000a1", "00000000-0000-7000-8000-0000000000a2"]


def week(seed: str = SEED, **values: Any) -> list[Occurrence]:
    known = {
        "kind": "routine", "institutions": HOSPITALS[:1], "weekdays": ["mon", "wed"], "from_minute": 510, **values,
    }  # fmt: skip
    return occurrences(SCHEDULE, known, MONDAY, seed, ZONE)


def surprise(seed: str = SEED, **values: Any) -> list[Occurrence]:
    known = {
        "kind": "surprise",
        "weekdays": list(WEEKDAYS),
        "until_minute": 1200,
        "times_a_week": 2,
        **values,
    }
    return week(seed, **known)


def test_a_routine_schedule_calls_at_its_hour_on_its_days():
    assert [one.at for one in week()] == [
        datetime(2026, 11, 16, 8, 30, tzinfo=ZONE),
        datetime(2026, 11, 18, 8, 30, tzinfo=ZONE),
    ]


def test_a_week_of_surprises_is_the_golden_one():
    assert [f"{one.at:%a %H:%M}" for one in surprise()] == ["Mon 09:24", "Sun 12:19"]


@given(st.integers(1, 10**6), st.integers(1, 7), st.sets(st.sampled_from(sorted(WEEKDAYS)), min_size=1))
def test_surprises_come_on_days_of_their_own_within_their_hours(number, times, days):
    found = surprise(seed_of(bytes(32), "ab" * 32, number), times_a_week=times, weekdays=sorted(days))
    assert len(found) == min(times, len(days))
    assert len({one.at.date() for one in found}) == len(found)
    for one in found:
        assert list(WEEKDAYS)[one.at.weekday()] in days
        assert 510 <= one.at.hour * 60 + one.at.minute < 1200


def test_every_day_and_hour_is_as_likely_as_any_other():
    found = [one for n in range(700) for one in surprise(seed_of(bytes(32), "ab" * 32, n), times_a_week=1)]
    days = Counter(one.at.weekday() for one in found)
    assert all(60 < days[day] < 145 for day in range(7))
    assert 800 < sum(one.at.hour * 60 + one.at.minute for one in found) / len(found) < 910


def test_another_seed_or_institution_has_other_times():
    one, two = (surprise(institutions=[place]) for place in HOSPITALS)
    assert [each.at for each in one] != [each.at for each in two]
    assert [each.at for each in one] != [each.at for each in surprise(seed_of(bytes(32), "cd" * 32, 1))]


def test_a_call_has_one_id_whoever_computes_it():
    assert week() == week()
    assert len({one.ward_round for one in week(institutions=HOSPITALS)}) == 4


def test_a_schedule_without_days_or_places_calls_nobody():
    assert week(weekdays=[]) == week(institutions=[]) == surprise(weekdays=[]) == []


@pytest.mark.parametrize("day", [date(2026, 11, 16), date(2026, 11, 22)])
def test_a_week_begins_on_its_monday(day):
    assert monday_of(day) == MONDAY
