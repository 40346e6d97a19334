"""The head, every checkpoint that was ever signed, and the signer's own record."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence

from server.ledger.checks import Scope
from server.ledger.signed import Record
from server.storage import ledger_scan, ledger_store
from server.storage.ledger_scan import StoredCheckpoint
from sync import checkpoint
from sync.checkpoint import Checkpoint
from sync.errors import Refusal
from sync.merkle import compact_range
from sync.tiles import nodes_from

TRIED_MAX = 16
CLOCK_SLACK_MS = 10 * 60 * 1000
"""How far the time of a commit, which nobody signs, may lie from those of its entries."""


def trusted_head(scope: Scope) -> Checkpoint | None:
    """Return the newest head of this ledger whose signature verifies, the head row's first; None if there is none."""
    row = ledger_scan.head(scope.connection, scope.ledger.id)
    newest = ledger_scan.newest_checkpoints(scope.connection, scope.ledger.id, TRIED_MAX)
    for note in [*([row.note] if row else []), *(kept.note for kept in newest)]:
        try:
            found = checkpoint.verify(note, scope.keys)
        except Refusal:
            continue
        if found.origin == scope.ledger.origin:
            return found
    return None


def check_head(scope: Scope, edge: Sequence[bytes], record: Record) -> None:
    """Check the head row against its signed note, the tree's edge, its checkpoint and the signer's record."""
    key, ledger = scope.ledger.id, scope.ledger.id
    row = ledger_scan.head(scope.connection, ledger)
    if row is None:
        scope.note("head", key, "", "the head is missing")
        return
    with scope.guarding("head", key, "note"):
        said = checkpoint.verify(row.note, scope.keys)
        if said.origin != scope.ledger.origin:
            scope.note("head", key, "note", f"signed for another log, {said.name}")
        for column, stands, stated in (
            ("epoch", row.epoch, said.epoch),
            ("size", row.size, said.size),
            ("root", row.root, said.root.hex()),
        ):
            if stands != stated:
                scope.note("head", key, column, f"{stands}, but the signed note says {stated}")
        if not record.of(said.name).knows(said):
            scope.note("head", key, "", "the signer's own record does not know this head")
    if row.edge != base64.b64encode(b"".join(edge)).decode():
        scope.note("head", key, "edge", "not the edge of the tree over the entries")
    kept = ledger_scan.checkpoint(scope.connection, ledger, row.epoch, row.size)
    if kept is not None and kept.at != row.at:
        scope.note("head", key, "at", f"not the time of checkpoint {row.epoch}/{row.size}")
    if kept is not None and kept.note != row.note:
        scope.note("head", key, "note", f"not the note of checkpoint {row.epoch}/{row.size}")


class Checkpoints:
    """Walks the checkpoints beside the growing tree and compares each with the tree at its size."""

    def __init__(self, scope: Scope, record: Record):
        self._scope = scope
        self._record = record
        self._rows: Iterator[StoredCheckpoint] = ledger_scan.checkpoints(scope.connection, scope.ledger.id)
        self._next = next(self._rows, None)
        self._sizes: set[tuple[str, int]] = set()
        self.checked = 0

    def reach(self, size: int, roots: tuple[bytes, bytes], latest: int | None) -> None:
        """Check the checkpoints up to `size`; roots: of the tree at `size`; latest: time of its newest entry."""
        while self._next is not None and self._next.size <= size:
            row, self._next = self._next, next(self._rows, None)
            self.checked += 1
            with self._scope.guarding("checkpoint", f"{row.epoch}/{row.size}", "note"):
                fitting = roots if row.size == size else (self._root_at(row.size),)
                self._check(row, fitting, latest if row.size == size else row.at)

    def finish(self) -> None:
        """Note checkpoints beyond the tree, and those that the signer committed and that are not there."""
        while self._next is not None:
            row, self._next = self._next, next(self._rows, None)
            key = f"{row.epoch}/{row.size}"
            self._scope.note("checkpoint", key, "size", "beyond the entries of the ledger")
        for epoch, size in sorted(self._committed() - self._sizes, key=str):
            self._scope.note("checkpoint", f"{epoch}/{size}", "", "missing; the signer's record has it")

    def _committed(self) -> set[tuple[str, int]]:
        """Return (epoch, size) of the heads that must be there: of an earlier epoch, those up to the fork."""
        found: set[tuple[str, int]] = set()
        trusted = self._scope.trusted
        for log, signed in self._record.logs.items():
            origin, _, epoch = log.rpartition("/")
            bounds = self._scope.bounds(epoch) if origin == self._scope.ledger.origin else None
            if bounds is not None and trusted is not None:
                found |= {(epoch, at) for at in signed.committed if at <= bounds[1] or epoch == trusted.epoch}
        return found

    def _vouched_for(self, said: Checkpoint) -> bool:
        """Return whether the recovery key stands for a head of an earlier epoch, which the signer's record lacks.

        A record that was lost, or an old copy, ends before the fork that the recovery key signed for.
        """
        trusted, last = self._scope.trusted, self._record.of(said.name).last
        if trusted is None or said.epoch == trusted.epoch:
            return False
        return self._scope.bounds(said.epoch) is not None and (last is None or last[0] < said.size)

    def _root_at(self, size: int) -> bytes:
        reader = ledger_store.tile_reader(self._scope.connection, self._scope.ledger.id)
        return compact_range(nodes_from(reader), size).root()

    def _check(self, row: StoredCheckpoint, roots: Sequence[bytes], latest: int | None) -> None:
        key = f"{row.epoch}/{row.size}"
        standing = self._scope.standing_at(row.size)
        said = checkpoint.verify(row.note, standing)
        for public in self._scope.known.required_at(row.size):
            self._scope.signed_by(row.note, public, key)
        bounds = self._scope.bounds(said.epoch)
        strange = self._scope.trusted is not None and bounds is None
        if bounds is not None and not bounds[0] <= said.size <= max(bounds):
            self._scope.note(
                "checkpoint", key, "size", f"its epoch has {bounds[0]} to {bounds[1]} entries here"
            )
        if said.origin != self._scope.ledger.origin or strange:
            self._scope.note("checkpoint", key, "note", f"signed for another log, {said.name}")
        if row.epoch != said.epoch:
            self._scope.note("checkpoint", key, "epoch", f"the signed note says {said.epoch}")
        if row.size != said.size:
            self._scope.note("checkpoint", key, "size", f"the signed note says {said.size}")
            return
        self._sizes.add((said.epoch, row.size))
        if said.root not in roots:
            self._scope.note("checkpoint", key, "note", "its root is not that of the entries up to there")
        if not self._record.of(said.name).knows(said) and not self._vouched_for(said):
            self._scope.note("checkpoint", key, "note", "the signer's own record does not know this head")
        if latest is not None and abs(row.at - latest) > CLOCK_SLACK_MS:
            self._scope.note("checkpoint", key, "at", "far from the times of the entries it covers")
