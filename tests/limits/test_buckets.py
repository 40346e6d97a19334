"""Token buckets: a burst, then a rate; each key its own; never more memory than named."""

from __future__ import annotations

from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st

from server.limits.buckets import Buckets


@dataclass
class Steady:
    """A clock that stands until the test moves it."""

    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_and_what_is_more_is_told_after_how_many_seconds() -> None:
    buckets = Buckets(2, 5, mono=Steady())
    assert [buckets.take("a") for _ in range(7)] == [0, 0, 0, 0, 0, 1, 1]


def test_whoever_waits_as_long_as_was_named_is_let_through() -> None:
    clock = Steady()
    buckets = Buckets(0.1, 1, mono=clock)
    assert buckets.take("a") == 0
    seconds = buckets.take("a")
    assert seconds == 10
    clock.now += seconds
    assert buckets.take("a") == 0


def test_asking_while_it_is_refused_does_not_put_the_moment_off() -> None:
    clock = Steady()
    buckets = Buckets(1, 1, mono=clock)
    buckets.take("a")
    for _ in range(50):
        assert buckets.take("a") == 1
    clock.now += 1
    assert buckets.take("a") == 0


def test_one_key_is_not_held_up_by_another() -> None:
    buckets = Buckets(1, 1, mono=Steady())
    assert [buckets.take(key) for key in ("a", "a", "b")] == [0, 1, 0]


def test_a_rate_of_nought_limits_nothing() -> None:
    buckets = Buckets(0, 0, mono=Steady())
    assert not any(buckets.take("a") for _ in range(1000))


def test_no_more_keys_are_kept_than_named_and_those_that_ask_are_kept() -> None:
    buckets = Buckets(1, 1, keys_max=10, mono=Steady())
    buckets.take("a")
    for number in range(100):
        buckets.take(f"other-{number}")
        assert buckets.take("a") == 1, "who asks on is not forgotten"
    assert len(buckets._full_at) == 10


def test_a_token_that_is_there_is_given_whatever_fractions_say() -> None:
    for rate in (0.75, 0.3, 7.7, 19.9):
        for start in (0.0, 0.1, 1_000_000.7, 12_345_678.123):
            clock = Steady()
            clock.now += start
            buckets = Buckets(rate, 3, mono=clock)
            assert [buckets.take("a") == 0 for _ in range(4)] == [True, True, True, False]


@given(st.lists(st.floats(0, 5), min_size=1, max_size=60), st.floats(0.2, 20), st.integers(1, 30))
def test_never_more_pass_than_the_burst_and_what_the_rate_brings(
    pauses: list[float], rate: float, burst: int
) -> None:
    clock = Steady()
    buckets, passed = Buckets(rate, burst, mono=clock), 0
    for pause in pauses:
        clock.now += pause
        passed += not buckets.take("a")
    assert passed <= burst + rate * sum(pauses) + 1e-5
    assert passed >= min(len(pauses), burst)
