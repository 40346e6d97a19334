"""Releasing what was held: in the commit that brings what it waited for, by a `release` entry for each change.

A held change is in the ledger and not in force. When the record that it waits for arrives, from whichever phone or
desk, it is judged again as of then, in ledger order and in the place that it has in its writer's chain. It comes into
force, is refused or late like any other, or goes on waiting for what else it lacks; each is an entry of its own, so a
replay needs no rule for it. What a release brings may release more.

What waits for a newer schema or an unknown type is released by the first sweep of a server that knows it.

The records of an import get their ids from the server, so nothing can have waited for them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from schemas.records import RULES
from schemas.upcasts import is_known
from server.catalogues import frozen_codes
from server.commit.held import Held, read_changes
from server.commit.work import Author, Commit, append, reconciled
from server.storage import ledger_store, waiting_store
from server.storage.waiting_store import OPEN, Waiting
from sync.changes import CHANGES_MAX, Change, Item
from sync.entries import RELEASE, Entry, from_line
from sync.merge import Record
from sync.outcomes import HELD, Outcome
from sync.proposals import Proposal
from sync.replay import fork_writer
from sync.rules import PHONE_ROLES

RELEASES_MAX = 250
"""About so many changes are released in one commit, whole sets of a phone; the sweep goes on with the others."""


def gather(work: Commit, changes: Iterable[Change], also: frozenset[str]) -> list[Held]:
    """Load what waits for the records that these changes make, and for those that the former make in turn.

    also: records that are there already, for which something still waits
    """
    made = {change.record for change in changes if change.op == "create"} | also
    asked: set[str] = set()
    found: list[Held] = []
    while fresh := made - asked:
        asked |= fresh
        rows = waiting_store.waited_for(work.connection, work.ledger.id, fresh)
        read = _read(work, rows, RELEASES_MAX - len(found))
        made |= {held.change.record for held in read if held.change.op == "create"}
        found.extend(read)
    work.held.update({held.row.index: held for held in found})
    return found


def _first_sets(rows: Sequence[Waiting], entries: Mapping[int, Entry], most: int) -> list[Waiting]:
    """Return `most` rows from the front, and the rest of the set in which that cuts: its groups are not parted."""
    taken: list[Waiting] = []
    for row in rows:
        told = entries[row.index]
        if len(taken) >= most and (not taken or entries[taken[-1].index].set != told.set):
            break
        taken.append(row)
    return taken


def _read(work: Commit, rows: Sequence[Waiting], most: int) -> list[Held]:
    """Return the changes of these rows, about `most`."""
    if not rows or most <= 0:
        return []
    near = [row.index for row in rows[: most + CHANGES_MAX]]
    stored = ledger_store.lines_at(work.connection, work.ledger.id, near)
    entries = {index: from_line(line) for index, line in stored.items()}
    rows = _first_sets(rows[: len(near)], entries, most)
    return read_changes(work.connection, work.ledger.id, work.vault, rows)


def note(work: Commit, index: int, item: Item, outcome: Outcome, author: Author, n: int) -> None:
    """Remember a phone's change that did not come into force and may yet; index: its entry."""
    if author.device is None or outcome.verdict not in OPEN:
        return
    change = item.change
    row = Waiting(
        index,
        change.id if change else None,
        author.device,
        change.record if change else None,
        change.type if change else None,
        outcome.verdict,
        outcome.waiting_for,
        author.at,
    )
    work.waiting[index] = row
    if outcome.verdict == HELD and change is not None and item.fault is None:
        work.held[index] = Held(row, replace(author, kind=RELEASE), n, item)


def release(work: Commit) -> Mapping[str, Record]:
    """Judge again what has waited for records that are there by now, until nothing more moves; return what changed."""
    found: dict[str, Record] = {}
    while ready := [held for _, held in sorted(work.held.items()) if _came(work, held)]:
        first = work.next_index
        items = frozen_codes.checked_among(
            work.connection, work.ledger.id, [held.item for held in ready], work.table
        )
        judged = reconciled(
            work,
            [
                proposal_of(work, held, item, first + k)
                for k, (held, item) in enumerate(zip(ready, items, strict=True))
            ],
        )
        work.accept(judged, items)
        found.update(judged.records)
        for held, outcome, after in zip(ready, judged.outcomes, judged.afters, strict=True):
            _move(work, held, outcome)
            append(work, held.item, outcome, after, held.author, held.n)
    return found


def _came(work: Commit, held: Held) -> bool:
    wanted = held.row.waiting_for
    return wanted is not None and (wanted in work.table or is_understood(wanted))


def is_understood(waiting_for: str) -> bool:
    """Return whether what a change waits for is a schema or a type that this version of the server knows."""
    what, _, name = waiting_for.partition(":")
    return (what == "schema" and name.isdecimal() and is_known(int(name))) or (
        what == "type" and name in RULES
    )


def proposal_of(work: Commit, held: Held, item: Item, index: int) -> Proposal:
    """Return a change that waits as it is judged again, in the place that it has in its writer's chain."""
    author = held.author
    assert author.device is not None, "only a phone's changes wait"
    device = work.chains[author.device]
    return Proposal(
        index=index,
        user=author.by,
        writer=fork_writer(author.branch) if author.branch else f"device:{device.chain}",
        place=0 if author.branch else device.place,
        seq=author.seq or 0,
        n=held.n,
        source=str(author.set),
        change=item.change,
        device=device.id,
        fault=item.fault,
        within=PHONE_ROLES,
        released=True,
    )


def _move(work: Commit, held: Held, outcome: Outcome) -> None:
    """Note what became of a held change, by the entry that is appended next."""
    row = replace(held.row, verdict=outcome.verdict, waiting_for=outcome.waiting_for, moved=work.next_index)
    work.waiting[row.index] = row
    if outcome.verdict == HELD:
        work.held[row.index] = replace(held, row=row)
    else:
        del work.held[row.index]
