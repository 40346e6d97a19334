"""What makes the checks of a bed doubtful: flags on the bed, derived each time, never a verdict. Pure.

A weak connection is no fault: what arrives late but was provably captured in time is not late. A flag
tells a person where to look; what a picture shows, the challenge on its card above all, a person must see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sync.challenge import agrees

MISSED, LATE, BEFORE_CALL, OTHER_OPERATOR = "missed", "late", "before_call", "other_operator"
OUTSIDE, MOCKED, VAGUE, NO_POSITION = "outside_fence", "mocked", "vague_position", "no_position"
CHALLENGE_MISSING, CHALLENGE_MISMATCH = "challenge_missing", "challenge_mismatch"
NO_PICTURE, DUPLICATE, RESEMBLES = "no_picture", "duplicate", "resembles"
IMPOSSIBLE = "clock_impossible"
ORDER = (
    MISSED, LATE, BEFORE_CALL, OTHER_OPERATOR, CHALLENGE_MISSING, CHALLENGE_MISMATCH, NO_PICTURE, DUPLICATE, RESEMBLES,
    OUTSIDE, MOCKED, VAGUE, NO_POSITION,
)  # fmt: skip
CLOCKS = ("clock_jumped", IMPOSSIBLE, "restarted", "no_anchor")
"""What the protocol says of a phone's clocks."""
WORDS = (*ORDER, *CLOCKS)


@dataclass(frozen=True, slots=True)
class Called:
    """A called round. at, respond_by: Unix ms; index: the ledger entry of the call; team: who watches it."""

    at: int
    index: int
    respond_by: int
    operator: str
    team: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Seen:
    """Where something was captured, in metres. away: from the institution, None where that has no position.

    accuracy: of what the phone told; fence: how far the institution's grounds reach
    """

    away: int | None
    accuracy: int
    fence: int
    mocked: bool = False


@dataclass(frozen=True, slots=True)
class Capture:
    """When and where a check or a picture was made. Times in Unix ms.

    arrived: at the server; latest: the end of the interval in which it was captured
    anchor: the newest ledger entry that the phone had heard of, None before the first
    clock: what makes its clocks doubtful, in words of the protocol; place: None where the phone knew none
    """

    arrived: int
    latest: int
    anchor: int | None = None
    clock: tuple[str, ...] = ()
    place: Seen | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """One check of a bed by whoever made it.

    typed, challenge: what was typed, and what the card must show; pictures: each of its own
    shown_before: whether an earlier item shows the very bytes of one of them
    resembles: whether one of them resembles an earlier item's, of another check
    """

    by: str
    check: Capture
    typed: str | None = None
    challenge: str = ""
    pictures: tuple[Capture, ...] = ()
    shown_before: bool = False
    resembles: bool = False


@dataclass(frozen=True, slots=True)
class Flags:
    """The flags of a bed: of each answer in turn, and of the bed as a whole, each once.

    in_time: whether the ward that was called answered it in time
    """

    answers: tuple[tuple[str, ...], ...] = ()
    bed: tuple[str, ...] = ()
    in_time: bool = False


def of_bed(answers: Sequence[Answer], called: Called | None, now: int) -> Flags:
    """Return the flags of a bed that a round looks for; now: Unix ms; called: None for a round at the bedside.

    A bed that its ward did not answer is missed once the time to answer has passed, whatever the officers
    say of it. Flags of clocks come last.
    """
    each = tuple(of_answer(answer, called) for answer in answers)
    every = [flag for some in each for flag in some]
    if called is None:
        return Flags(each, _once(every))
    missed = now > called.respond_by and not by_ward(answers, called)
    return Flags(each, _once([MISSED, *every] if missed else every), is_in_time(answers, called))


def by_ward(answers: Iterable[Answer], called: Called) -> list[Answer]:
    """Return the answers that the ward gave, and not an officer of the round's own team."""
    return [answer for answer in answers if answer.by not in called.team]


def is_in_time(answers: Iterable[Answer], called: Called) -> bool:
    """Return whether the ward answered a bed at least once without being late."""
    return any(not is_late(answer, called) for answer in by_ward(answers, called))


def of_answer(answer: Answer, called: Called | None) -> tuple[str, ...]:
    """Return the flags of one check; an officer of the round's own team is asked for no challenge and no haste."""
    found: list[str] = []
    if called is not None and answer.by not in called.team:
        found += _of_the_ward(answer, called)
    if answer.shown_before:
        found.append(DUPLICATE)
    if answer.resembles:
        found.append(RESEMBLES)
    found += [flag for one in (answer.check, *answer.pictures) for flag in _of_place(one.place)]
    return _once([*found, *answer.check.clock])


def _of_the_ward(answer: Answer, called: Called) -> list[str]:
    captures = (answer.check, *answer.pictures)
    places = [one.place for one in captures if one.place is not None]
    doubts = {
        OTHER_OPERATOR: answer.by != called.operator,
        LATE: is_late(answer, called),
        BEFORE_CALL: not all(_follows(one, called) for one in captures),
        CHALLENGE_MISSING: not answer.typed,
        CHALLENGE_MISMATCH: bool(answer.typed) and not agrees(answer.typed or "", answer.challenge),
        NO_PICTURE: not answer.pictures,
        VAGUE: bool(places) and all(place.accuracy > place.fence for place in places),
        NO_POSITION: not places,
    }
    return [flag for flag, there in doubts.items() if there]


def is_late(answer: Answer, called: Called) -> bool:
    """Return whether an answer is late, or all of its pictures are: a slip that is sent after it is no fault."""
    pictures = [_missed_the_time(one, called) for one in answer.pictures]
    return _missed_the_time(answer.check, called) or (bool(pictures) and all(pictures))


def _missed_the_time(capture: Capture, called: Called) -> bool:
    """Return whether something came too late and was not provably captured in time all the same.

    A clock that cannot be right proves nothing.
    """
    in_time = capture.latest <= called.respond_by and IMPOSSIBLE not in capture.clock
    return capture.arrived > called.respond_by and not in_time


def _follows(capture: Capture, called: Called) -> bool:
    """Return whether something was captured after its phone had heard of the call."""
    return capture.latest >= called.at and capture.anchor is not None and capture.anchor >= called.index


def _of_place(place: Seen | None) -> list[str]:
    """Return what is doubtful of a place: it lies outside only when its whole circle of accuracy does."""
    if place is None:
        return []
    doubts = {
        OUTSIDE: place.away is not None and place.away - place.accuracy > place.fence,
        MOCKED: place.mocked,
    }
    return [flag for flag, there in doubts.items() if there]


def _once(flags: Iterable[str]) -> tuple[str, ...]:
    """Return flags each once, in the order of ORDER, those of clocks behind."""
    known = dict.fromkeys(flags)
    return tuple(sorted(known, key=lambda flag: ORDER.index(flag) if flag in ORDER else len(ORDER)))
