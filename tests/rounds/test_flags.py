"""What makes a bed doubtful: each flag says one thing, is raised for that alone, and is no verdict."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.rounds import flags
from server.rounds.flags import ORDER, Answer, Called, Capture, Seen, of_answer, of_bed

MINUTE = 60_000
CALLED = Called(
    at=100 * MINUTE, index=40, respond_by=130 * MINUTE, operator="ward", team=frozenset({"lead", "member"})
)
THERE = Seen(away=120, accuracy=15, fence=300)
CHECK = Capture(arrived=112 * MINUTE, latest=111 * MINUTE, anchor=40, place=THERE)
PICTURE = replace(CHECK, latest=112 * MINUTE)
GOOD = Answer("ward", CHECK, "7K3M", "7K3M", (PICTURE,))
AFTERWARDS = 140 * MINUTE


def by(who: str, **more: object) -> Answer:
    return replace(GOOD, by=who, **more)


def captured(**more: object) -> Answer:
    """Return a good answer whose check was captured otherwise, with its picture."""
    return replace(GOOD, check=replace(CHECK, **more), pictures=(replace(PICTURE, **more),))


def test_an_answer_as_it_should_be_has_no_flag():
    assert of_bed([GOOD], CALLED, AFTERWARDS) == flags.Flags(((),), (), in_time=True)


@pytest.mark.parametrize(
    ("answer", "flag"),
    [
        (captured(arrived=131 * MINUTE, latest=131 * MINUTE), "late"),
        (captured(arrived=131 * MINUTE, latest=129 * MINUTE, clock=("clock_impossible",)), "late"),
        (replace(GOOD, pictures=(replace(PICTURE, arrived=140 * MINUTE, latest=131 * MINUTE),)), "late"),
        (captured(latest=100 * MINUTE - 1), "before_call"),
        (captured(anchor=39), "before_call"),
        (captured(anchor=None), "before_call"),
        (replace(GOOD, pictures=(PICTURE, replace(PICTURE, anchor=39))), "before_call"),
        (by("another"), "other_operator"),
        (replace(GOOD, typed=None), "challenge_missing"),
        (replace(GOOD, typed=""), "challenge_missing"),
        (replace(GOOD, typed="7K3N"), "challenge_mismatch"),
        (replace(GOOD, challenge=""), "challenge_mismatch"),
        (replace(GOOD, pictures=()), "no_picture"),
        (replace(GOOD, shown_before=True), "duplicate"),
        (captured(place=replace(THERE, away=316)), "outside_fence"),
        (replace(GOOD, pictures=(replace(PICTURE, place=replace(THERE, away=5_000)),)), "outside_fence"),
        (captured(place=replace(THERE, mocked=True)), "mocked"),
        (captured(place=replace(THERE, accuracy=301)), "vague_position"),
        (captured(place=None), "no_position"),
        (captured(clock=("clock_jumped",)), "clock_jumped"),
    ],
)
def test_each_doubt_raises_its_own_flag_and_no_other(answer: Answer, flag: str):
    expected = {flag, *answer.check.clock}
    found = of_bed([answer], CALLED, AFTERWARDS)
    assert set(found.answers[0]) == set(found.bed) == expected


@pytest.mark.parametrize(
    "answer",
    [
        captured(arrived=130 * MINUTE, latest=130 * MINUTE),
        captured(arrived=600 * MINUTE, latest=130 * MINUTE),
        replace(GOOD, pictures=(PICTURE, replace(PICTURE, arrived=300 * MINUTE, latest=299 * MINUTE))),
        captured(latest=100 * MINUTE),
        captured(anchor=41),
        replace(GOOD, typed=" 7k3m "),
        replace(GOOD, typed="７Ｋ３Ｍ"),
        captured(place=replace(THERE, away=315)),
        captured(place=replace(THERE, away=None)),
        captured(place=replace(THERE, accuracy=300)),
        replace(GOOD, check=replace(CHECK, place=None)),
    ],
    ids=[
        "the last moment",
        "offline, provably captured in time",
        "a slip photographed later, beside a picture in time",
        "captured as the call was made",
        "the phone heard more than the call",
        "typed in small letters with blanks",
        "typed in full width",
        "its circle touches the fence",
        "an institution without a position",
        "as exact as the fence is wide",
        "the picture alone has a position",
    ],
)
def test_what_only_looks_doubtful_has_no_flag(answer: Answer):
    assert of_answer(answer, CALLED) == ()


def test_a_bed_that_its_ward_did_not_answer_is_missed_when_the_time_has_passed():
    assert of_bed([], CALLED, CALLED.respond_by + 1).bed == ("missed",)


def test_no_bed_is_missed_while_there_is_time():
    assert of_bed([], CALLED, CALLED.respond_by).bed == ()


def test_what_an_officer_says_of_a_bed_is_no_answer_of_its_ward():
    found = of_bed([by("lead", typed=None, pictures=())], CALLED, AFTERWARDS)
    assert (found.answers, found.bed, found.in_time) == (((),), ("missed",), False)


def test_a_bed_that_was_answered_late_is_not_missed():
    late = captured(arrived=131 * MINUTE, latest=131 * MINUTE)
    found = of_bed([late], CALLED, AFTERWARDS)
    assert (found.bed, found.in_time) == (("late",), False)


def test_one_answer_in_time_is_enough():
    late = captured(arrived=131 * MINUTE, latest=131 * MINUTE)
    found = of_bed([late, GOOD], CALLED, AFTERWARDS)
    assert (found.answers, found.bed, found.in_time) == ((("late",), ()), ("late",), True)


@pytest.mark.parametrize("who", ["ward", "member", "anybody"])
def test_at_the_bedside_nobody_is_asked_for_a_challenge_or_haste(who: str):
    answer = by(
        who, typed=None, pictures=(), check=replace(CHECK, anchor=None, arrived=900 * MINUTE, place=None)
    )
    assert of_bed([answer], None, AFTERWARDS) == flags.Flags(((),), ())


def test_place_and_repeated_pictures_are_told_of_officers_too():
    answer = by("lead", shown_before=True, check=replace(CHECK, place=replace(THERE, away=900, mocked=True)))
    assert of_bed([answer], None, 0).bed == ("duplicate", "outside_fence", "mocked")


def test_a_bed_tells_each_flag_once_in_one_order_with_the_clocks_behind():
    first = replace(GOOD, shown_before=True, check=replace(CHECK, clock=("restarted",)))
    second = replace(GOOD, typed=None, shown_before=True)
    for some in permutations((first, second)):
        assert of_bed(some, CALLED, AFTERWARDS).bed == ("challenge_missing", "duplicate", "restarted")


# -- whatever comes --------------------------------------------------------------------------------------

MOMENTS = st.integers(0, 400 * MINUTE)
PLACES = st.none() | st.builds(
    Seen, st.none() | st.integers(0, 5_000), st.integers(0, 5_000), st.just(300), st.booleans()
)


def captured_then(arrived: int, lag: int, anchor: int, clock: tuple[str, ...], place: Seen | None) -> Capture:
    """Return a capture that arrived so long after it was made; anchor: below 20 for none."""
    return Capture(arrived, max(0, arrived - lag), anchor if anchor >= 20 else None, clock, place)


CLOCKS = st.sampled_from([(), ("restarted",), ("clock_jumped",), ("clock_impossible", "clock_jumped")])
CAPTURES = st.builds(captured_then, MOMENTS, MOMENTS, st.integers(0, 80), CLOCKS, PLACES)
ANSWERS = st.builds(
    Answer,
    by=st.sampled_from(["ward", "another", "lead", "member"]),
    check=CAPTURES,
    typed=st.none() | st.sampled_from(["", "7K3M", "7k3m", "XXXX"]),
    challenge=st.just("7K3M"),
    pictures=st.lists(CAPTURES, max_size=2).map(tuple),
    shown_before=st.booleans(),
)
BEDS = st.lists(ANSWERS, max_size=3)


@given(BEDS, MOMENTS)
def test_a_bed_has_exactly_the_flags_of_its_answers_and_missed(answers: list[Answer], now: int):
    found = of_bed(answers, CALLED, now)
    of_answers = {flag for some in found.answers for flag in some}
    assert set(found.bed) - {"missed"} == of_answers
    assert len(found.answers) == len(answers)
    assert len(set(found.bed)) == len(found.bed)
    known = [ORDER.index(flag) for flag in found.bed if flag in ORDER]
    assert known == sorted(known)


@given(BEDS, MOMENTS)
def test_a_bed_that_was_answered_in_time_is_neither_missed_nor_wholly_late(answers: list[Answer], now: int):
    found = of_bed(answers, CALLED, now)
    if found.in_time:
        assert "missed" not in found.bed
        assert any("late" not in some for some in found.answers)


@given(BEDS, MOMENTS, MOMENTS)
def test_time_that_passes_adds_missed_and_takes_nothing_away(answers: list[Answer], one: int, two: int):
    earlier, later = (set(of_bed(answers, CALLED, now).bed) for now in sorted((one, two)))
    assert later - earlier <= {"missed"}
    assert earlier <= later


@given(ANSWERS, MOMENTS)
def test_the_later_something_arrives_the_sooner_it_is_late(answer: Answer, more: int):
    if flags.is_late(answer, CALLED):
        slower = replace(answer, check=replace(answer.check, arrived=answer.check.arrived + more))
        assert flags.is_late(slower, CALLED)


@given(ANSWERS)
def test_what_was_provably_captured_in_time_is_never_late(answer: Answer):
    def proven(capture: Capture) -> Capture:
        return replace(capture, latest=min(capture.latest, CALLED.respond_by), clock=())

    in_time = replace(answer, check=proven(answer.check), pictures=tuple(map(proven, answer.pictures)))
    assert "late" not in of_answer(in_time, CALLED)


@given(ANSWERS, st.integers(0, 5_000))
def test_a_wider_fence_never_puts_anything_outside(answer: Answer, wider: int):
    def widen(capture: Capture) -> Capture:
        place = capture.place
        return replace(capture, place=replace(place, fence=place.fence + wider) if place else None)

    widened = replace(answer, check=widen(answer.check), pictures=tuple(map(widen, answer.pictures)))
    assert {"outside_fence", "vague_position"} & set(of_answer(widened, CALLED)) <= set(
        of_answer(answer, CALLED)
    )


@given(ANSWERS)
def test_an_officer_of_the_team_is_never_asked_what_only_the_ward_owes(answer: Answer):
    owed = {
        "late", "before_call", "other_operator", "challenge_missing", "challenge_mismatch", "no_picture",
        "vague_position", "no_position",
    }  # fmt: skip
    assert not owed & set(of_answer(replace(answer, by="lead"), CALLED))
