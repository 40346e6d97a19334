"""The arithmetic of reports: intervals, medians, what stands on a day, months."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.queries.reports.figures import median, months_back, standing_by_day, wilson

DAY = date(2026, 11, 1)
COUNTS = st.integers(0, 500).flatmap(lambda whole: st.tuples(st.integers(0, whole), st.just(whole)))
SPANS = st.lists(
    st.tuples(st.integers(-40, 40), st.none() | st.integers(0, 40)).map(
        lambda span: (
            DAY + timedelta(days=span[0]),
            None if span[1] is None else DAY + timedelta(days=span[0] + span[1]),
        )
    ),
    max_size=30,
)


def test_the_interval_is_that_of_the_textbook():
    # Agresti and Coull's example: 0 of 20 by Wilson's score.
    low, high = wilson(0, 20) or (1.0, 0.0)
    assert (round(low, 4), round(high, 4)) == (0.0, 0.1611)
    low, high = wilson(81, 263) or (1.0, 0.0)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


@given(COUNTS)
def test_the_interval_holds_the_share_and_stays_within_nothing_and_all(counts: tuple[int, int]):
    part, whole = counts
    found = wilson(part, whole)
    if whole == 0:
        assert found is None
        return
    assert found is not None
    assert 0 <= found[0] <= part / whole + 1e-12
    assert part / whole - 1e-12 <= found[1] <= 1


def test_more_beds_make_the_interval_narrower():
    few, many = wilson(9, 10), wilson(900, 1000)
    assert few
    assert many
    assert many[1] - many[0] < few[1] - few[0]


@pytest.mark.parametrize("counts", [(-1, 5), (6, 5)])
def test_a_part_beyond_its_whole_is_no_share(counts: tuple[int, int]):
    with pytest.raises(ValueError, match="whole"):
        wilson(*counts)


def test_the_median_of_nothing_is_unknown_and_of_two_the_lower():
    assert (median([]), median([9]), median([4, 8]), median([3, 1, 2])) == (None, 9, 4, 2)


@given(SPANS)
def test_what_stands_on_a_day_is_what_a_count_one_by_one_says(spans: list[tuple[date, date | None]]):
    for day, begun, ended, standing in standing_by_day(spans, DAY, DAY + timedelta(days=9)):
        assert begun == sum(first <= day for first, _ in spans)
        assert ended == sum(last is not None and last <= day for _, last in spans)
        assert standing == sum(first <= day and (last is None or last > day) for first, last in spans)


def test_every_day_of_a_period_has_its_row():
    days = [row[0] for row in standing_by_day([], DAY, DAY + timedelta(days=2))]
    assert days == [DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)]


def test_months_are_counted_back_over_a_new_year():
    assert months_back(date(2026, 2, 28), 4) == ["2025-11", "2025-12", "2026-01", "2026-02"]
