"""The working state of one commit, and how an entry is added to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection

from schemas import upcasts
from schemas.records import RULES
from server.commit import receipts
from server.keys.vault import VaultSession
from server.storage import device_store
from server.storage.duty_store import Duty
from server.storage.ledger_store import Head, Ledger
from server.storage.search_store import Refound
from server.storage.waiting_store import Waiting
from sync import lines, merge
from sync.changes import Change, Item
from sync.entries import Entry
from sync.epochs import Epochs, Moved
from sync.merge import Record
from sync.merkle import leaf_hash
from sync.outcomes import Outcome
from sync.reconcile import Judged, Proposal, States, reconcile
from sync.rules import Grants
from sync.tiles import TileWriter

if TYPE_CHECKING:
    from server.commit.held import Held

SALT_BYTES = 16
PRIVATE_PURPOSE = b"private line"
ROOT_CHARS = 36
"""A sealed private line starts with the id of the scope root under whose key it is sealed."""
QUARANTINE_PURPOSE = b"quarantine"


@dataclass
class Commit:
    """The working state of one transaction.

    held: {entry: change} of those that may be released in it; late: {entry: change} of those that it decides on
    waiting: {entry: how a change stands that waits or did}
    erased: digests of the private lines that it destroys; duties: the parts that people take by it
    frozen, found: rows of records that were judged ahead, and what those are found by
    """

    connection: Connection
    ledger: Ledger
    head: Head
    vault: VaultSession
    tiles: TileWriter
    now: int
    loaded: dict[str, Record] = field(default_factory=dict)
    table: dict[str, Record] = field(default_factory=dict)
    grants: Grants = field(default_factory=Grants)
    used: dict[str, str] = field(default_factory=dict)
    entries: list[bytes] = field(default_factory=list)
    rows: dict[str, list[dict[str, Any]]] = field(
        default_factory=lambda: {"entries": [], "bodies": [], "privates": [], "change_sets": []}
    )
    chains: dict[str, device_store.Device] = field(default_factory=dict)
    receipts: list[receipts.Pending] = field(default_factory=list)
    frozen: list[dict[str, Any]] = field(default_factory=list)
    found: Refound = ()
    held: dict[int, Held] = field(default_factory=dict)
    late: dict[int, Held] = field(default_factory=dict)
    waiting: dict[int, Waiting] = field(default_factory=dict)
    erased: list[str] = field(default_factory=list)
    duties: list[Duty] = field(default_factory=list)
    epochs: Epochs = field(default_factory=Epochs)
    forks: dict[str, int] = field(default_factory=dict)
    bases: dict[tuple[str, int], Moved] = field(default_factory=dict)

    @property
    def next_index(self) -> int:
        """The index that the next entry will have."""
        return self.head.size + len(self.entries)

    def accept(self, judged: Judged, items: Sequence[Item]) -> None:
        """Take over what judging found, so that the next submission is judged on it."""
        self.table.update(judged.records)
        self.grants = judged.grants
        self.used.update({item.change.id: item.change.digest for item in items if item.change})


def reconciled(work: Commit, proposals: Sequence[Proposal]) -> Judged:
    """Judge proposals on what the commit holds so far."""
    states = States(work.head.epoch, work.used, work.forks, work.bases)
    return reconcile(proposals, work.table, RULES, work.grants, states)


@dataclass(frozen=True, slots=True)
class Author:
    """Who an entry is by, and for a phone its device, set and seq; late: the entry that found its change late.

    branch: the first set of the branch of a fork that it belongs to
    schema: that its change line is written in, None for the present one
    """

    kind: str
    by: str
    at: int
    device: str | None = None
    set: str | None = None
    seq: int | None = None
    late: int | None = None
    branch: str | None = None
    schema: int | None = None


def append(work: Commit, item: Item, outcome: Outcome, after: Record | None, author: Author, n: int) -> None:
    """Add one entry with its body; after: the record that results, None if nothing came into force."""
    index = work.next_index
    salt = lines.b64u(work.vault.vault.random(SALT_BYTES))
    change = item.change
    digest = lines.digest(item.line)
    moved = after is not None and after.version == index
    named = change.record if change else None
    # A record that points to another by its alias passes on what is written to it.
    record = after.id if moved and after is not None else named
    entry = Entry(
        at=author.at,
        kind=author.kind,
        by=author.by,
        change=digest,
        outcome=outcome.json(),
        salt=salt,
        type=change.type if change else None,
        record=record,
        addressed=named if record != named else None,
        n=n,
        after=merge.after_digest(after, salt) if moved and after is not None else None,
        device=author.device,
        set=author.set,
        seq=author.seq,
        late=author.late,
        branch=author.branch,
        base=_moved_base(work, change),
        schema=author.schema or upcasts.SCHEMA_VERSION,
    )
    line = entry.line()
    row = {"ledger": work.ledger.id, "index": index, "line": line, "record": record}
    work.rows["entries"].append(row)
    work.entries.append(line)
    work.tiles.append(leaf_hash(line))
    keep(work, index, 0, item, work.table, digest)


def _moved_base(work: Commit, change: Change | None) -> int | None:
    """Return what a base of an earlier epoch comes to; None for one of the present, and where there is none."""
    moved = work.bases.get(change.base) if change is not None and change.base is not None else None
    return moved.index if moved is not None else None


def keep(
    work: Commit, index: int, n: int, item: Item, table: Mapping[str, Record], digest: str | None = None
) -> None:
    """Keep a change's line and, encrypted, its private lines.

    Of an item that could not be read or does not fit its declaration only the digest stands here:
    nobody knows what is in it, so its bytes are in quarantine, encrypted. digest: the line's, where it is known
    """
    change = item.change
    work.rows["bodies"].append(
        {
            "ledger": work.ledger.id,
            "index": index,
            "n": n,
            "change": change.id if change else None,
            "digest": digest or lines.digest(item.line),
            "line": b"" if item.fault else item.line,
        }
    )
    if change is None or item.fault:
        return
    known = table.get(change.record)
    root = known.root if known is not None else change.record
    for private in change.private:
        if not private.line:
            continue  # It was erased: what is sent again stays out.
        work.rows["privates"].append(
            {
                "ledger": work.ledger.id,
                "index": index,
                "n": n,
                "kind": private.kind,
                "digest": private.digest,
                "sealed": root.encode() + work.vault.seal(root, PRIVATE_PURPOSE, private.line),
            }
        )
