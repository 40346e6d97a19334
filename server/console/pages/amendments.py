"""An item of evidence and the one that was handed in for it."""

from __future__ import annotations

from dataclasses import dataclass

from server.console.pages.waiting import LatePage


@dataclass(frozen=True, kw_only=True, slots=True)
class Difference:
    """One field in which two items differ; '' where it is not written."""

    field: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True, slots=True)
class LateAmendment:
    """A late change of an item beside what the item says. more: changes of its group that are about other records."""

    change: LatePage
    more: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Amendment:
    """waiting: items handed in for this one that are not approved; replaces: the item that this one was handed in for.

    stands: whether that one is still approved; differences: between the two
    late: changes of this very item that came late, each with what it would change
    """

    waiting: tuple[str, ...] = ()
    replaces: str | None = None
    stands: bool = False
    differences: tuple[Difference, ...] = ()
    late: tuple[LateAmendment, ...] = ()
