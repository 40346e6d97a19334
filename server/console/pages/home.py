"""What waits for this reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from server.console.pages.cases import CaseRow
from server.console.pages.rounds import RoundRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """One kind of work that waits. name: an entry of `queries.home.counts`."""

    name: str
    count: int
    oldest_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CountyTile:
    """One county's open cases. shade: from 0 for none to 4 for the most; spot: (column, row) on the grid, or None."""

    region: str
    name: str
    open: int
    overdue: int
    shade: int
    spot: tuple[int, int] | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Coverage:
    """How many institutions were visited in so many months, of all in scope."""

    visited: int
    institutions: int
    months: int


@dataclass(frozen=True, kw_only=True, slots=True)
class StageCount:
    """How many open cases stand in a stage, and how many of them are overdue."""

    stage: str
    open: int
    overdue: int


@dataclass(frozen=True, kw_only=True, slots=True)
class PhoneHealth:
    """Enrolled phones: heard of within a day, silent for days, never heard of."""

    enrolled: int
    fresh: int
    silent: int
    never: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Overview:
    """How things stand in the reader's region."""

    tiles: tuple[CountyTile, ...]
    coverage: Coverage
    stages: tuple[StageCount, ...]
    phones: PhoneHealth


@dataclass(frozen=True, kw_only=True, slots=True)
class HomePage:
    """What needs this reader, and the first few items of what moves or falls due."""

    template: ClassVar[str] = "console/home.html"
    queues: tuple[Queue, ...]
    rounds: tuple[RoundRow, ...] = ()
    cases: tuple[CaseRow, ...] = ()
    overview: Overview | None = None
