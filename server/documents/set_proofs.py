"""Where each change stands in the set that its phone signed: the manifest, and the path to the manifest's root."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection

from schemas.wire.change_set import read_manifest
from server.storage import ledger_scan, ledger_store
from server.storage.ledger_store import StoredSet
from sync.entries import Entry
from sync.merkle import CompactRange, inclusion_proof, leaf_hash

Nodes = dict[tuple[int, int], bytes]


class SetProofs:
    """The accepted sets to which the entries of a bundle belong. Holds the inner hashes of one set at a time."""

    def __init__(self, connection: Connection, ledger: int):
        self._connection, self._ledger = connection, ledger
        self._found: dict[str, StoredSet] = {}
        self._held: tuple[str, Nodes] = ("", {})

    def learn(self, entry: Entry) -> bool:
        """Return whether a phone sent an entry's change; the set in which it did is kept, if it was accepted as one."""
        if entry.device is None or entry.seq is None or entry.set is None:
            return False
        if entry.set not in self._found:
            kept = ledger_store.change_set(self._connection, self._ledger, entry.device, entry.seq)
            if kept is not None and kept.digest == entry.set:
                self._found[kept.digest] = kept
        return True

    def manifests(self) -> Iterator[tuple[str, str]]:
        """Yield (digest, compact JWS) of every set, in order."""
        for digest in sorted(self._found):
            yield digest, self._found[digest].manifest

    def path(self, entry: Entry) -> list[bytes] | None:
        """Return the hashes beside a change's way to its set's root; None where the set is not whole here.

        A line that could not be read lies in quarantine, sealed: without it no root can be made. What a supervisor
        let in from a copied phone stands in no accepted set.
        """
        kept = self._found.get(entry.set or "")
        if kept is None:
            return None
        if self._held[0] != kept.digest:
            self._held = kept.digest, self._nodes(kept)
        nodes = self._held[1]
        return inclusion_proof(lambda level, at: nodes[level, at], entry.n, kept.count) if nodes else None

    def _nodes(self, kept: StoredSet) -> Nodes:
        """Return the inner hashes of a set whose lines are all here, else nothing."""
        lines = [
            body.line
            for body in ledger_scan.first_bodies(self._connection, self._ledger, kept.first, kept.count)
        ]
        nodes: Nodes = {}
        tree = CompactRange()
        for line in lines:
            tree.append(leaf_hash(line), lambda level, at, node: nodes.update({(level, at): node}))
        said = read_manifest(kept.manifest)
        whole = len(lines) == said.count and all(lines) and tree.root().hex() == said.root
        return nodes if whole else {}
