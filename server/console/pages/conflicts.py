"""Conflicts: the queue of what waits for a decision, and one with its values side by side."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from server.console.pages.frame import CaptureInterval, Chip, Officer, Paging
from server.console.pages.registers import Cell, Named


@dataclass(frozen=True, kw_only=True, slots=True)
class ConflictRow:
    """One conflict that waits. place: the institution; name, label: the field's name, and in words.

    values: the values that stand against each other; reason: a code of `device_marks.CONFLICT_REASONS`
    may: whether this reader may decide it
    """

    id: str
    record_type: str
    record: str
    title: str
    place: str
    name: str
    label: str
    reason: str
    values: tuple[Cell, ...]
    officers: tuple[str, ...]
    since: datetime
    may: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ConflictsPage:
    """Conflicts that are open, the longest waiting first; chips by the type of the record."""

    template: ClassVar[str] = "console/conflicts.html"
    chips: tuple[Chip, ...]
    rows: tuple[ConflictRow, ...]
    paging: Paging


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text; differs: whether the other value reads differently here."""

    words: str
    differs: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Contender:
    """One of the values that stand against each other.

    change: the id by which it is taken; cell: None where it stands for a whole record, then `record` is that one
    role: of whoever wrote it, a code of `marks.ROLES` or ''; device: '' for what was written at the desk
    index: the ledger entry; seen: the newest entry of the record that its writer had seen, None before the first
    unknown: whether its writer did not know of another of the values
    """

    change: str
    cell: Cell | None
    officer: Officer
    role: str
    captured: CaptureInterval
    received: datetime
    index: int
    seen: int | None
    unknown: bool
    pieces: tuple[Piece, ...] = ()
    record: Named | None = None
    device: str = ""
    own: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """How a third value is written; kind: as declared, '' where none may be; choices: value and words."""

    kind: str
    choices: Mapping[str, str] = field(default_factory=dict)
    typed: str = ""
    chars_max: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ConflictPage:
    """One conflict. now: what the record shows until somebody decides; blocked: why this reader may not.

    failed: the code of a refusal of what was just tried; fresh: how many values came meanwhile
    settled: False while it waits; place: its number in the queue of `waiting`
    """

    template: ClassVar[str] = "console/conflict.html"
    id: str
    record_type: str
    record: Named
    place: Named | None
    name: str
    label: str
    reason: str
    standing: tuple[Contender, ...]
    now: Cell
    entry: Entry
    blocked: str | None = None
    failed: str = ""
    fresh: int = 0
    settled: bool = False
    number: int = 0
    waiting: int = 0
    previous: str | None = None
    next: str | None = None
