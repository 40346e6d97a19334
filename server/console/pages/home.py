"""What waits for this reader."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from server.console.pages.cases import CaseRow
from server.console.pages.rounds import RoundRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue:
    """One kind of work that waits. name: `evidence`, `conflicts`, `rounds`, `findings` or `cases`."""

    name: str
    count: int
    oldest_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class HomePage:
    """What needs this reader, and the first few items of what moves or falls due."""

    template: ClassVar[str] = "console/home.html"
    queues: tuple[Queue, ...]
    rounds: tuple[RoundRow, ...] = ()
    cases: tuple[CaseRow, ...] = ()
