"""Epochs: each that was opened has its entry, its statement by the recovery key, and the leaves up to the fork."""

from __future__ import annotations

from server.ledger.checks import Scope
from server.storage import epoch_store, ledger_store
from server.storage.ledger_scan import Place
from sync import epochs, signing
from sync.entries import Entry
from sync.epochs import KIND, Recovery
from sync.merkle import compact_range
from sync.tiles import nodes_from


class Recoveries:
    """Collects the `recover` entries of a ledger and compares them with the epochs that it claims."""

    def __init__(self, scope: Scope):
        self._scope = scope
        self._found: dict[str, Recovery] = {}

    def take(self, place: Place, entry: Entry | None) -> None:
        """Check the statement of a `recover` entry and that it stands right behind the fork."""
        if entry is None or entry.kind != KIND:
            return
        body = next((body for body in place.bodies if body.n == 0), None)
        with self._scope.guarding("body", f"{place.index}/0", "line"):
            key = signing.public_key(self._scope.recovery)
            said = epochs.read(epochs.statement_of(body.line if body is not None else b""), key)
            self._found[said.epoch] = said
            if said.origin != self._scope.ledger.origin or said.fork.size != place.index:
                self._note(place.index, "opens an epoch of another ledger or behind another fork")
            if said.last.size < said.fork.size:
                self._note(place.index, "names as newest a head below the fork")
            reader = ledger_store.tile_reader(self._scope.connection, self._scope.ledger.id)
            if compact_range(nodes_from(reader), said.fork.size).root().hex() != said.fork.root:
                self._note(place.index, "the leaves up to the fork are not those that the statement names")

    def _note(self, index: int, words: str) -> None:
        self._scope.note("body", f"{index}/0", "line", words)

    def check(self) -> None:
        """Compare the epochs in their table with the entries, and the head's epoch with both."""
        with self._scope.guarding("epoch", "", ""):
            stored = {
                one.epoch: one
                for one in epoch_store.recoveries(self._scope.connection, self._scope.ledger.id)
            }
            for epoch in sorted(stored.keys() | self._found.keys(), key=str):
                if stored.get(epoch) != self._found.get(epoch):
                    self._scope.note("epoch", epoch, "", "not what a recover entry's statement says")
            newest = max(self._found.values(), key=lambda one: one.fork.size, default=None)
            trusted = self._scope.trusted
            if newest is not None and trusted is not None and trusted.epoch != newest.epoch:
                self._scope.note("head", self._scope.ledger.id, "epoch", "a later epoch was opened")
