"""What makes the checks of a bed doubtful: flags on the bed, derived each time, never a verdict. Pure.

A weak connection is no fault: what arrives late but was provably captured in time is not late. A flag
tells a person where to look; what a picture shows, the challenge on its card above all, a person must see.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sync.challenge import agrees

MISSED, LATE, BEFORE_CALL, OTHER_OPERATOR = "missed", "late", "before_call", "other_operator"
OUTSIDE, MOCKED, NO_POSITION = "outside_fence", "mocked", "no_position"
CHALLENGE_MISSING, CHALLENGE_MISMATCH = "challenge_missing", "challenge_mismatch"
NO_PICTURE, DUPLICATE = "no_picture", "duplicate"
IMPOSSIBLE = "clock_impossible"
ORDER = (
    MISSED, LATE, BEFORE_CALL, OTHER_OPERATOR, CHALLENGE_MISSING, CHALLENGE_MISMATCH, NO_PICTURE, DUPLICATE,
    OUTSIDE, MOCKED, NO_POSITION,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Called:
    """A called round. at: when, Unix ms; index: the ledger entry of the call; team: who watches it."""

    at: int
    index: int
    respond_by: int
    operator: str
    team: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Seen:
    """Where something was captured. metres from the institution, the accuracy of that, and the fence around it."""

    metres: int
    accuracy_m: int
    fence_m: int
    mocked: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """One check of a bed by whoever made it. Times in Unix ms.

    earliest, latest: the interval in which it was captured; anchor: the ledger entry that the phone had heard of
    typed, challenge: what was typed, and what the card must show; pictures: how many it has
    shown_before: whether an earlier item shows one of them
    """

    by: str
    arrived: int
    earliest: int
    latest: int
    anchor: int | None = None
    clock: tuple[str, ...] = ()
    place: Seen | None = None
    has_position: bool = False
    typed: str | None = None
    challenge: str = ""
    pictures: int = 0
    shown_before: bool = False


@dataclass(frozen=True)
class Flags:
    """The flags of a bed: of each answer in turn, and of the bed as a whole, each once."""

    answers: tuple[tuple[str, ...], ...] = ()
    bed: tuple[str, ...] = field(default=())


def of_bed(answers: Sequence[Answer], called: Called | None, now: int) -> Flags:
    """Return the flags of a bed that a round looks for; now: Unix ms; called: None for a round at the bedside.

    A bed that nobody answered is missed once the time to answer has passed. Flags of clocks come last.
    """
    each = tuple(of_answer(answer, called) for answer in answers)
    missed = (MISSED,) if called is not None and not answers and now > called.respond_by else ()
    return Flags(each, _once([*missed, *(flag for some in each for flag in some)]))


def of_answer(answer: Answer, called: Called | None) -> tuple[str, ...]:
    """Return the flags of one check; an officer of the round's own team is asked for no challenge and no haste."""
    found: list[str] = []
    if called is not None and answer.by not in called.team:
        found += _of_the_ward(answer, called)
    if answer.shown_before:
        found.append(DUPLICATE)
    found += _of_place(answer)
    return _once([*found, *answer.clock])


def _of_the_ward(answer: Answer, called: Called) -> list[str]:
    found: list[str] = []
    if answer.by != called.operator:
        found.append(OTHER_OPERATOR)
    if is_late(answer, called):
        found.append(LATE)
    if answer.latest < called.at or answer.anchor is None or answer.anchor < called.index:
        found.append(BEFORE_CALL)
    if not answer.typed:
        found.append(CHALLENGE_MISSING)
    elif not agrees(answer.typed, answer.challenge):
        found.append(CHALLENGE_MISMATCH)
    if not answer.pictures:
        found.append(NO_PICTURE)
    if not answer.has_position:
        found.append(NO_POSITION)
    return found


def is_late(answer: Answer, called: Called) -> bool:
    """Return whether an answer arrived too late and was not provably captured in time all the same.

    A clock that cannot be right proves nothing.
    """
    captured_in_time = answer.latest <= called.respond_by and IMPOSSIBLE not in answer.clock
    return answer.arrived > called.respond_by and not captured_in_time


def _of_place(answer: Answer) -> list[str]:
    if answer.place is None:
        return []
    outside = answer.place.metres - answer.place.accuracy_m > answer.place.fence_m
    return [flag for flag, there in ((OUTSIDE, outside), (MOCKED, answer.place.mocked)) if there]


def _once(flags: Iterable[str]) -> tuple[str, ...]:
    """Return flags each once, in the order of ORDER, those of clocks behind."""
    known = dict.fromkeys(flags)
    return tuple(sorted(known, key=lambda flag: ORDER.index(flag) if flag in ORDER else len(ORDER)))
