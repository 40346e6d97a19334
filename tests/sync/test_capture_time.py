"""Intervals: whatever a phone's clocks did, the true moment lies inside."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.capture_time import DRIFT_PPM, JUMP_MS, LATENCY_MS, Interval, interval
from sync.changes import Anchor, At
from tests.tiers import examples

T0 = 1_800_000_000_000
HOUR = 3_600_000


def at(wall: int, mono: int, session: str = "s", anchor: Anchor | None = None) -> At:
    """Return a capture on a phone whose clocks stood at T0 and 1000 when it last heard the server."""
    return At(wall, mono, session, anchor or Anchor("e", 9, T0, T0, 1000, "s"))


def test_a_steady_clock_narrows_the_interval_to_seconds() -> None:
    found = interval(at(T0 + HOUR, 1000 + HOUR), T0 + 100 * HOUR)
    slack = LATENCY_MS + HOUR * DRIFT_PPM // 1_000_000
    assert found == Interval(T0 + HOUR - slack, T0 + HOUR + slack, T0 + HOUR)


def test_a_clock_that_is_wrong_but_steady_changes_nothing() -> None:
    wrong = Anchor("e", 9, T0, T0 - 500 * HOUR, 1000, "s")
    found = interval(at(T0 - 499 * HOUR, 1000 + HOUR, anchor=wrong), T0 + 100 * HOUR)
    assert (found.likely_ms, found.flags) == (T0 + HOUR, ())


def test_a_clock_that_jumped_widens_and_is_flagged() -> None:
    found = interval(at(T0 + 30 * HOUR, 1000 + HOUR), T0 + 100 * HOUR)
    assert (found.earliest_ms, found.latest_ms, found.flags) == (T0, T0 + 100 * HOUR, ("clock_jumped",))


def test_a_clock_that_moved_a_little_widens_by_as_much_without_a_flag() -> None:
    steady = interval(at(T0 + HOUR, 1000 + HOUR), T0 + 100 * HOUR)
    moved = interval(at(T0 + HOUR + 60_000, 1000 + HOUR), T0 + 100 * HOUR)
    assert (moved.earliest_ms, moved.latest_ms) == (steady.earliest_ms - 60_000, steady.latest_ms + 60_000)
    assert moved.flags == ()


def test_a_restart_leaves_the_bounds_and_a_hint() -> None:
    found = interval(at(T0 + 2 * HOUR, 5, session="t"), T0 + 100 * HOUR)
    assert found == Interval(T0, T0 + 100 * HOUR, T0 + 2 * HOUR, ("restarted",))


@pytest.mark.parametrize("wall", [T0 - HOUR, T0 + 101 * HOUR])
def test_a_clock_outside_the_bounds_is_flagged_and_believed_in_nothing(wall: int) -> None:
    found = interval(at(wall, 5, session="t"), T0 + 100 * HOUR)
    assert found.flags == ("restarted", "clock_impossible")
    assert found.earliest_ms <= found.likely_ms <= found.latest_ms


def test_a_monotonic_clock_that_ran_back_is_impossible() -> None:
    found = interval(at(T0, 500), T0 + HOUR)
    assert (found.earliest_ms, found.latest_ms, found.flags) == (T0, T0 + HOUR, ("clock_impossible",))


def test_a_capture_after_its_arrival_is_impossible() -> None:
    found = interval(at(T0 + 5 * HOUR, 1000 + 5 * HOUR), T0 + HOUR)
    assert (found.latest_ms, found.flags) == (T0 + HOUR, ("clock_impossible",))


@pytest.mark.parametrize("wall", [0, T0 - HOUR, T0, T0 + 900 * HOUR])
def test_a_phone_that_never_heard_the_server_proves_no_earliest_moment(wall: int) -> None:
    found = interval(At(wall, 5, "s", None), T0)
    assert (found.earliest_ms, found.latest_ms, found.flags) == (0, T0, ("no_anchor",))
    assert found.likely_ms == min(wall, T0)


@given(
    elapsed=st.integers(0, 400 * HOUR),
    travel=st.integers(0, 400 * HOUR),
    latency=st.integers(0, LATENCY_MS),
    drift=st.integers(-DRIFT_PPM, DRIFT_PPM),
    asleep=st.integers(0, 10 * HOUR),
    offset=st.integers(-900 * HOUR, 900 * HOUR),
    jump=st.one_of(st.just(0), st.integers(-50 * HOUR, 50 * HOUR)),
)
@examples(200)
def test_the_true_moment_lies_inside(
    elapsed: int, travel: int, latency: int, drift: int, asleep: int, offset: int, jump: int
) -> None:
    """A phone hears the server, works, sleeps (its monotonic clock standing still), maybe sets its clock."""
    true = T0 + latency + elapsed
    stood = min(asleep, elapsed) if not jump else 0
    ran = elapsed - stood
    mono = 1000 + ran + ran * drift // 1_000_000
    anchor = Anchor("e", 9, T0, T0 + latency + offset, 1000, "s")
    found = interval(at(true + offset + jump, mono, anchor=anchor), true + travel)
    assert found.earliest_ms <= true <= found.latest_ms
    assert T0 <= found.earliest_ms <= found.likely_ms <= found.latest_ms <= true + travel
    if abs(stood) > JUMP_MS + 1_000_000 or abs(jump) > JUMP_MS + 1_000_000:
        assert found.flags
