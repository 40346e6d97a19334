"""The ledger's head, for people who want to check it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class LedgerEntry:
    """One of the newest entries, without any content of the field."""

    index: int
    at: datetime
    kind: str
    type: str = ""
    outcome: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Audit:
    """The last full audit; faults: how many places it named."""

    at: datetime
    size: int
    faults: int = 0


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
    audit: Audit | None = None
