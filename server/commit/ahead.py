"""Imports judged before the lock: what twenty thousand rows come to is worked out on a snapshot.

It holds if nothing has moved in the scope roots that the rows were made on, which the commit asks under
the lock. What the ledger gained elsewhere meanwhile shifts the index and nothing else, so the lock is
held for writing rows, not for judging them. An import that cannot be judged ahead is judged there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from server.commit import judging, transaction
from server.commit.work import Commit, keep
from server.keys.vault import Vault, VaultSession
from server.projections import FOLDS
from server.storage import ledger_store, record_store, search_store
from server.storage.database import Database
from server.storage.ledger_store import Ledger
from server.storage.search_store import Refound
from sync.merge import Record
from sync.outcomes import Outcome
from sync.tiles import TileWriter

if TYPE_CHECKING:
    from server.commit.submission import Import

Rows = list[dict[str, Any]]


@dataclass(frozen=True)
class Ahead:
    """What an import comes to at `index`, ready to be written: bodies, private lines, records with their rows.

    found: what the records are found by, before and after
    """

    index: int
    outcomes: tuple[Outcome, ...]
    bodies: Rows
    privates: Rows
    records: Sequence[tuple[Record, dict[str, Any]]]
    found: Refound = ()

    def at(self, index: int) -> tuple[Rows, Rows, Rows]:
        """Return bodies, private lines and record rows for the index that the entry really gets."""
        if index == self.index:
            return self.bodies, self.privates, [row for _, row in self.records]
        bodies = [{**row, "index": index} for row in self.bodies]
        privates = [{**row, "index": index} for row in self.privates]
        moved = [record_store.shifted(record, row, self.index, index) for record, row in self.records]
        return bodies, privates, moved


class _KeyMissing(Exception):
    """A root has no data key yet; only a commit makes one."""


class _OpeningSession(VaultSession):
    """The vault inside a reading transaction: it seals under keys that there are and makes none."""

    def _make(self, root: str) -> bytes:
        raise _KeyMissing(root)


def look_ahead(database: Database, ledger: Ledger, vault: Vault, given: Import) -> Import:
    """Return the import with what it comes to, or as it is where only the lock can tell.

    Raises the Refusal that it meets: what is refused now is not worth the lock.
    """
    if not given.seen:
        return given
    with database.reading() as connection:
        head = ledger_store.head(connection, ledger.id)
        tiles = TileWriter(head.tree(), ledger_store.tile_reader(connection, ledger.id))
        session = _OpeningSession(vault, connection, ledger.id)
        work = Commit(connection, ledger, head, session, tiles, given.at)
        try:
            return _judged(work, given)
        except _KeyMissing:
            return given


def _judged(work: Commit, given: Import) -> Import:
    transaction.gather(work, [given])
    judging.check_unmoved(work, given)
    judged = judging.judge_rows(work, given)
    if not _stands_alone(work, given, judged.records) or judged.grants.changed:
        return given
    for n, item in enumerate(given.rows, start=1):
        keep(work, work.next_index, n, item, judged.records)
    records = [(record, record_store.freeze(record, work.vault)) for record in judged.records.values()]
    found = search_store.moved(work.loaded, judged.records.values())
    ahead = Ahead(
        work.next_index, judged.outcomes, work.rows["bodies"], work.rows["privates"], records, found
    )
    return replace(given, ahead=ahead)


def _stands_alone(work: Commit, given: Import, changed: Mapping[str, Record]) -> bool:
    """Return whether an import's result depends on its roots alone, and moves with its index as a whole."""
    within = all(record.root in given.seen for record in (*work.table.values(), *changed.values()))
    settled = not any(
        contest.version == work.next_index
        for record in changed.values()
        for contest in record.contests.values()
    )
    return within and settled and not any(record.type in FOLDS for record in changed.values())
