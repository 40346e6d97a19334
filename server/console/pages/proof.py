"""What a stranger needs to check an item against the ledger by himself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class ProofEntry:
    """One entry of an item. entry, change: its line and its change line; proof: its tlog-proof with the checkpoint.

    change: '' where it is not there; proof: '' for an entry that the tree does not reach
    """

    index: int
    entry: str
    change: str
    proof: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ProofFacts:
    """An item's entries, of its capture first, and the keys that sign the ledger's heads.

    verdict, why: as the server finds records, entries and tree now, its file aside; digest: of the file, as the
    record says; keys: verifier keys (`name+hash+base64`); witnesses: whose signature stands on witnessed_size
    """

    id: str
    verdict: str
    why: str
    checked_at: datetime
    digest: str
    size_bytes: int
    entries: tuple[ProofEntry, ...]
    keys: tuple[str, ...]
    witnesses: tuple[str, ...] = ()
    witnessed_size: int | None = None
