"""What may be handed to the one door, and what comes back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from sync.changes import ChangeSet, Item
from sync.merge import Record
from sync.outcomes import Outcome

if TYPE_CHECKING:
    from server.commit.ahead import Ahead

After = Callable[[Connection, "Result"], None]
"""Work inside the commit's transaction, after its entries are there; must not touch the ledger."""


@dataclass(frozen=True)
class Push:
    """A phone's change-set: attributed, opened, read; every change of it will be in the ledger."""

    device: str
    change_set: ChangeSet
    received_at: int
    text: bytes


@dataclass(frozen=True)
class Act:
    """An act of the desk, the command line or the server itself: all of it comes into force, or none.

    user: whose rights count; "machine" for the server's own acts
    expect: {record: version} that the actor saw; VersionChanged if one moved
    after: operational rows to write in the same transaction
    release: records that are there, for which something still waits
    """

    user: str
    kind: str
    items: tuple[Item, ...]
    at: int
    session: str = ""
    expect: Mapping[str, int] = field(default_factory=dict)
    after: After | None = None
    release: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Import:
    """Rows of one file: one entry, committing to the file's digest and the Merkle root of the rows.

    seen: {scope root: newest version in it} on which the rows were made; VersionChanged if one moved
    ahead: what it comes to, where that was judged before the lock
    """

    header: Item
    rows: tuple[Item, ...]
    at: int
    seen: Mapping[str, int] = field(default_factory=dict)
    ahead: Ahead | None = None
    after: After | None = None


Submission = Push | Act | Import


@dataclass(frozen=True)
class Result:
    """What a submission became: its entries' place, outcomes, records, and for a push the receipt.

    repeated: the set was accepted before; this is the receipt of then
    released: records that changes came into force on which had waited for what this brought
    """

    first: int
    outcomes: tuple[Outcome, ...]
    records: Mapping[str, Record]
    receipt: str | None = None
    repeated: bool = False
    released: Mapping[str, Record] = field(default_factory=dict)


__all__ = ["Act", "After", "Import", "Push", "Result", "Submission"]
