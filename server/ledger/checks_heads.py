"""The head, every checkpoint that was ever signed, and the signer's own record."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from server.ledger.checks import BROKEN, Scope
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


@dataclass(frozen=True)
class Signed:
    """What the signer's record says of one log: {(size, root)} prepared or committed, {size: root} committed."""

    log: str
    heads: frozenset[tuple[int, str]] = frozenset()
    committed: dict[int, str] = field(default_factory=dict)
    there: bool = False

    def knows(self, head: Checkpoint) -> bool:
        """Return whether the signer noted the head; a record that is missing is one finding, not one for each head."""
        return not self.there or (head.size, head.root.hex()) in self.heads


def signer_record(path: Path, log: str) -> Signed:
    """Return what the signer noted of a log; a torn line was never acted upon and is passed over."""
    if not path.exists():
        return Signed(log)
    heads: set[tuple[int, str]] = set()
    committed: dict[int, str] = {}
    with path.open("rb") as file:
        for line in file:
            try:
                body = json.loads(line)
                state, name, stands = body["state"], body["log"], (int(body["size"]), str(body["root"]))
            except BROKEN:
                continue
            if name != log:
                continue
            heads.add(stands)
            if state == "committed":
                committed[stands[0]] = stands[1]
    return Signed(log, frozenset(heads), committed, True)


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


def check_head(scope: Scope, edge: Sequence[bytes], signed: Signed) -> None:
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
        if not signed.knows(said):
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

    def __init__(self, scope: Scope, signed: Signed):
        self._scope = scope
        self._signed = signed
        self._rows: Iterator[StoredCheckpoint] = ledger_scan.checkpoints(scope.connection, scope.ledger.id)
        self._next = next(self._rows, None)
        self._sizes: set[int] = set()
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
        epoch = self._scope.trusted.epoch if self._scope.trusted else ""
        for size in sorted(set(self._signed.committed) - self._sizes):
            self._scope.note("checkpoint", f"{epoch}/{size}", "", "missing; the signer's record has it")

    def _root_at(self, size: int) -> bytes:
        reader = ledger_store.tile_reader(self._scope.connection, self._scope.ledger.id)
        return compact_range(nodes_from(reader), size).root()

    def _check(self, row: StoredCheckpoint, roots: Sequence[bytes], latest: int | None) -> None:
        key = f"{row.epoch}/{row.size}"
        said = checkpoint.verify(row.note, self._scope.keys)
        trusted = self._scope.trusted
        if said.origin != self._scope.ledger.origin or (trusted and said.epoch != trusted.epoch):
            self._scope.note("checkpoint", key, "note", f"signed for another log, {said.name}")
        if row.epoch != said.epoch:
            self._scope.note("checkpoint", key, "epoch", f"the signed note says {said.epoch}")
        if row.size != said.size:
            self._scope.note("checkpoint", key, "size", f"the signed note says {said.size}")
            return
        self._sizes.add(row.size)
        if said.root not in roots:
            self._scope.note("checkpoint", key, "note", "its root is not that of the entries up to there")
        if not self._signed.knows(said):
            self._scope.note("checkpoint", key, "note", "the signer's own record does not know this head")
        if latest is not None and abs(row.at - latest) > CLOCK_SLACK_MS:
            self._scope.note("checkpoint", key, "at", "far from the times of the entries it covers")
