"""Pictures that resemble the one under review."""

from __future__ import annotations

from dataclasses import dataclass

from server.console.pages.frame import CaptureInterval, Institution


@dataclass(frozen=True, kw_only=True, slots=True)
class Resembling:
    """Another item's picture that resembles this one; bits: in how many of 64 places their hashes differ.

    earlier: whether it is in the ledger before this one; turned: whether one of them was turned or mirrored
    """

    id: str
    institution: Institution
    subject: str
    author: str
    captured: CaptureInterval
    state: str
    bits: int
    earlier: bool
    turned: bool
    picture: bool = True
    file_state: str = "verified"


@dataclass(frozen=True, kw_only=True, slots=True)
class Elsewhere:
    """How many pictures outside the reader's scope resemble this one, and whose they are."""

    bureau: str
    count: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Likenesses:
    """What resembles an item's picture; shown: what the reader may see; looked: whether it was compared yet."""

    shown: tuple[Resembling, ...] = ()
    elsewhere: tuple[Elsewhere, ...] = ()
    looked: bool = True
