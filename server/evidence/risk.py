"""What makes an item worth a closer look, and how much: an open sum of what is known of it, and nothing else.

It orders a queue and decides nothing. Each ground has a weight; the sum is the risk, and from HIGH up it is high.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WEIGHTS = {
    "file_corrupt": 5,
    "conflict": 4,
    "outside_fence": 3,
    "mocked": 3,
    "duplicate": 3,
    "clock_impossible": 3,
    "resembles": 2,
    "late_capture": 2,
    "clock_jumped": 2,
    "no_position": 1,
    "no_second_officer": 1,
    "file_missing": 1,
    "no_anchor": 1,
    "restarted": 1,
}
"""What each ground counts. A person who wants another order changes this table, and the tests say what followed."""
HIGH = 3
LATE_MS = 24 * 60 * 60_000
"""An item that reached the server later than this after it was captured at the latest is a late one."""
LEVELS = ("high", "some", "none")


@dataclass(frozen=True)
class Facts:
    """What is known of an item. outside: its whole circle of accuracy lies outside the grounds, None where unknown.

    duplicate: the very bytes of an earlier item; resembling: a picture much like an earlier one
    captured, received: Unix ms; captured: the latest that it can have been; clock: flags of the phone's clock
    """

    file_state: str
    captured: int
    received: int
    outside: bool | None = None
    located: bool = True
    mocked: bool = False
    duplicate: bool = False
    resembling: bool = False
    conflict: bool = False
    accompanied: bool = True
    clock: Sequence[str] = ()


@dataclass(frozen=True)
class Risk:
    """The sum, and the grounds that it is made of, the gravest first."""

    score: int
    grounds: tuple[str, ...]

    @property
    def level(self) -> str:
        """One of LEVELS."""
        return "high" if self.score >= HIGH else "some" if self.score else "none"


def risk(facts: Facts) -> Risk:
    """Return the risk of an item; pure."""
    found = {
        "file_corrupt": facts.file_state == "corrupt",
        "file_missing": facts.file_state not in ("verified", "corrupt"),
        "conflict": facts.conflict,
        "outside_fence": facts.outside is True,
        "mocked": facts.mocked,
        "duplicate": facts.duplicate,
        "resembles": facts.resembling,
        "late_capture": facts.received - facts.captured > LATE_MS,
        "no_position": not facts.located,
        "no_second_officer": not facts.accompanied,
        **{flag: True for flag in facts.clock if flag in WEIGHTS},
    }
    grounds = sorted((each for each, holds in found.items() if holds), key=lambda each: -WEIGHTS[each])
    return Risk(sum(WEIGHTS[each] for each in grounds), tuple(grounds))
