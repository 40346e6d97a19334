"""What arrived and is not in force: late changes, held ones, and what lies in quarantine."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from server.console.pages.frame import CaptureInterval, Chip, Officer
from server.console.pages.registers import Cell, Choice, Named


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitedFor:
    """What has to come. kind: `record`, or `type` or `schema` that this server does not know yet; words: it, briefly

    type: of the record, '' where it cannot be told; record: it, where the reader may see it
    entry: of the held change that will bring it, once that is released
    """

    kind: str
    words: str
    type: str = ""
    record: Named | None = None
    entry: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingRow:
    """A group of changes that waits together. index: the entry of its first; verdict: `late` or `held`

    record: what it is about, or lies in; waiting_for: the id of the record that has to arrive, or a type or schema that
    this server does not know, '' for a person's word; wanted: the same in words; count: changes in the group; days:
    that it has waited
    """

    index: int
    verdict: str
    type: str
    record: Named | None
    author: str
    device: str
    received: datetime
    days: int
    count: int
    waiting_for: str = ""
    wanted: WaitedFor | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class WaitingPage:
    """What waits, the longest waiting first; state: `late` or `held`; next: where the next page begins, or ''."""

    template: ClassVar[str] = "console/waiting.html"
    state: str
    chips: tuple[Chip, ...]
    rows: tuple[WaitingRow, ...]
    next: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Compared:
    """One field: what the record says now, and what the late change would write; way: `set`, `add` or `remove`."""

    name: str
    label: str
    now: Cell
    late: Cell
    way: str
    differs: bool
    withheld: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LateChange:
    """One member of the group: what it would do to which record, and when it was recorded."""

    index: int
    op: str
    type: str
    record: Named | None
    captured: CaptureInterval
    fields: tuple[Compared, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class LatePage:
    """A late change with its group. root_stage: where what it lies in stands by now; blocked: why not this reader."""

    template: ClassVar[str] = "console/late.html"
    index: int
    author: Officer
    device: str
    received: datetime
    changes: tuple[LateChange, ...]
    place: Named | None
    root_stage: str
    reasons: tuple[Choice, ...]
    blocked: str | None = None
    failed: str = ""
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarantineRow:
    """One thing that is kept outside the ledger. whole: a set that can be let in; let_in: whether it was"""

    id: str
    device: str
    user: str
    seq: int
    code: str
    at: datetime
    size_bytes: int
    whole: bool
    let_in: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class QuarantinePage:
    """What is kept outside the ledger, newest first; next: where the next page begins, or ''."""

    template: ClassVar[str] = "console/quarantine.html"
    rows: tuple[QuarantineRow, ...]
    next: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class KeptPage:
    """One thing that is kept: what is known without opening it. lines: of its text, the manifest among them."""

    template: ClassVar[str] = "console/kept.html"
    row: QuarantineRow
    lines: int
    stage: str
    blocked: str | None = None
    failed: str = ""
    reason: str = ""
