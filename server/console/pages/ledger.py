"""The ledger's head, for people who want to check it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerEntry:
    """One entry, without any content of the field. role: of whoever it is by, or `machine`, `phone`."""

    index: int
    at: datetime
    kind: str
    type: str = ""
    outcome: str = ""
    role: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Audit:
    """The last full audit; faults: how many places it named."""

    at: datetime
    size: int
    faults: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Cosigned:
    """A witness, and the largest head of this epoch that it signed."""

    name: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Stamped:
    """A head that an authority outside has dated."""

    size: int
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class EntriesPage:
    """Entries of the ledger, newest first. kind, type: what they are narrowed to, or ''; below: the place to go on at.

    looked: through how many entries this page looked to find its rows
    """

    template: ClassVar[str] = "console/entries.html"
    size: int
    entries: tuple[LedgerEntry, ...]
    kind: str
    type: str
    kinds: tuple[str, ...]
    types: tuple[str, ...]
    from_index: int
    below: int | None
    looked: int


@dataclass(frozen=True, kw_only=True, slots=True)
class EntryPage:
    """One entry with its place in the tree, recomputed now.

    verdict: `ok` or `bad`; leaf, path, root: hex; record: its id where this reader may open it, and its type
    change: the digest of its change line; device: the phone's id, or ''; at_index: what came before and after
    """

    template: ClassVar[str] = "console/entry.html"
    entry: LedgerEntry
    size: int
    verdict: str
    why: str
    leaf: str
    path: tuple[str, ...]
    root: str
    checkpoint: str
    change: str
    by: str
    record: str = ""
    record_kind: str = ""
    device: str = ""
    set: str = ""
    seq: int | None = None
    late: int | None = None
    witnesses: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerPage:
    """The ledger's head and how anybody can check it. checkpoint: the signed note, as served."""

    template: ClassVar[str] = "console/ledger.html"
    origin: str
    epoch: str
    size: int
    root: str
    signed_at: datetime
    key_fingerprint: str
    checkpoint: str
    address: str
    entries: tuple[LedgerEntry, ...] = ()
    witnesses: tuple[Cosigned, ...] = ()
    timestamps: tuple[Stamped, ...] = ()
    audit: Audit | None = None
