"""Days and points in time: milliseconds in UTC inside, the region's own days outside."""

from __future__ import annotations

from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas import times
from sync.errors import BadCode

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YORK = ZoneInfo("America/New_York")
TEN_MS = 1_794_880_800_000
"""2026-11-17 10:00 in Shanghai."""


@pytest.mark.parametrize(
    "text",
    ["2026-11-17", "2026/11/17", "2026.11.17", "20261117", "2026年11月17日", "2026-11-17 00:00:00"],
)
def test_a_day_is_read_however_files_write_it(text: str):
    assert times.read_day(text) == date(2026, 11, 17)


@given(st.dates(date(1900, 1, 1), date(2100, 12, 31)))
def test_every_day_comes_back(day: date):
    assert times.read_day(day.isoformat()) == day
    assert times.read_day(f"{day.year}/{day.month}/{day.day}") == day


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "form"),
        ("17/11/2026", "form"),
        ("26-11-17", "form"),
        ("2026-11/17", "form"),
        ("45978", "form"),
        ("2026-02-30", "no_such_day"),
        ("2026-13-01", "no_such_day"),
        ("1899-12-31", "no_such_day"),
        ("2026-11-17 08:30", "has_time"),
    ],
)
def test_what_is_no_day_is_refused_with_its_fault(text: str, fault: str):
    with pytest.raises(BadCode) as refusal:
        times.read_day(text)
    assert refusal.value.facts["fault"] == fault


@pytest.mark.parametrize(
    ("text", "ms"),
    [
        ("2026-11-17 10:00", TEN_MS),
        ("2026-11-17T10:00:00+08:00", TEN_MS),
        ("2026-11-17T02:00:00Z", TEN_MS),
        ("2026/11/17 10:00:00.250", TEN_MS + 250),
        ("20261117 10:00:01", TEN_MS + 1000),
    ],
)
def test_a_point_in_time_is_read_in_the_region_s_zone_unless_it_names_its_own(text: str, ms: int):
    assert times.read_instant(text, SHANGHAI) == ms


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("2026-11-17", "form"),
        ("2026-11-17 8am", "form"),
        ("2026-11-17 25:00", "no_such_time"),
        ("2026-02-30 10:00", "no_such_day"),
        ("1960-01-01 00:00", "range"),
    ],
)
def test_what_is_no_point_in_time_is_refused_with_its_fault(text: str, fault: str):
    with pytest.raises(BadCode) as refusal:
        times.read_instant(text, SHANGHAI)
    assert refusal.value.facts["fault"] == fault


@pytest.mark.parametrize("text", ["2026-03-08 02:30", "2026-11-01 01:30"])
def test_a_local_time_that_was_skipped_or_came_twice_is_refused(text: str):
    with pytest.raises(BadCode) as refusal:
        times.read_instant(text, NEW_YORK)
    assert refusal.value.facts["fault"] == "no_such_time"
    assert times.read_instant(f"{text}-05:00", NEW_YORK)


@given(st.integers(0, times.INSTANT_MS_MAX))
def test_a_point_in_time_lies_within_the_bounds_of_its_local_day(ms: int):
    begins, ends = times.day_bounds(times.local_day(ms, SHANGHAI), SHANGHAI)
    assert begins <= ms < ends


def test_the_local_day_is_not_that_of_greenwich():
    assert times.local_day(TEN_MS - 10 * 3_600_000, SHANGHAI) == date(2026, 11, 17)
    assert times.local_day(TEN_MS - 10 * 3_600_000 - 1, SHANGHAI) == date(2026, 11, 16)


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 8), 23), (date(2026, 11, 1), 25)])
def test_days_join_without_a_gap_where_clocks_are_moved(day: date, hours: int):
    begins, ends = times.day_bounds(day, NEW_YORK)
    assert ends - begins == hours * 3_600_000
    assert times.day_bounds(day + timedelta(days=1), NEW_YORK)[0] == ends
