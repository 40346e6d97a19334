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
class Readmission(Push):
    """A set from quarantine that a supervisor lets in: his act and the set, both or neither.

    act: the record that says so; branch: the digest of the first set of its branch, None where it joins the chain
    received_at: when it was put into quarantine
    """

    user: str
    act: Item
    branch: str | None


@dataclass(frozen=True)
class Act:
    """An act of the desk, the command line or the server itself: all of it comes into force, or none.

    user: whose rights count; "machine" for the server's own acts
    expect: {record: version} that the actor saw; VersionChanged if one moved
    after: operational rows to write in the same transaction
    release: records that are there, for which something still waits
    late: {place of an item: the entry that brought the late change which it adopts, or decides to set aside}
    """

    user: str
    kind: str
    items: tuple[Item, ...]
    at: int
    session: str = ""
    expect: Mapping[str, int] = field(default_factory=dict)
    after: After | None = None
    release: frozenset[str] = frozenset()
    late: Mapping[int, int] = field(default_factory=dict)


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


@dataclass(frozen=True)
class Erase:
    """The destruction of private lines of some records: one entry a record, all of them or none.

    user, second: who decides and who agrees; "machine" and nobody where what was erased came back with a backup
    basis: one of schemas.bases.BASES
    fields: private fields of which no value may be left; all of them where none is named
    digests: lines to destroy instead, with what says the same
    """

    user: str
    records: tuple[str, ...]
    basis: str
    at: int
    second: str | None = None
    fields: frozenset[str] = frozenset()
    digests: frozenset[str] = frozenset()
    after: After | None = None


Submission = Push | Act | Import | Erase


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


__all__ = ["Act", "After", "Erase", "Import", "Push", "Readmission", "Result", "Submission"]
