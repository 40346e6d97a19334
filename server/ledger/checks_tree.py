"""Leaves against tiles: two trees grow side by side, one from the entries, one from the stored hashes.

Where they differ, the signed root says which of the two was altered; the other one goes on giving
true roots, so that one altered byte is one finding and not a finding at every later checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterator

from server.ledger.checks import FINDINGS_MAX, Scope
from server.storage import ledger_scan, ledger_store
from sync.merkle import HASH_BYTES, CompactRange, leaf_hash
from sync.tiles import HEIGHT, WIDTH, TileWriter

NO_HASH = b"\x00" * HASH_BYTES


def _new_tile(level: int, number: int) -> bytes:
    """Stand for the right edge of an empty tree: every tile is built here from its first hash."""
    return b""


class Leaves:
    """Takes the entries' lines in order and compares them with the stored tiles, one tile at a time."""

    def __init__(self, scope: Scope):
        self._scope = scope
        self._read = ledger_store.tile_reader(scope.connection, scope.ledger.id)
        self._ours = TileWriter(CompactRange(), _new_tile)
        self._kept = TileWriter(CompactRange(), _new_tile)
        self._at: tuple[int, bytes] = (-1, b"")
        self._differing: list[int] = []
        self._more = 0

    @property
    def size(self) -> int:
        """How many leaves were taken."""
        return self._ours.tree.size

    @property
    def edge(self) -> list[bytes]:
        """The compact range over the entries."""
        return list(self._ours.tree.hashes)

    def roots(self) -> tuple[bytes, bytes]:
        """Return the root over the entries and the root over the stored hashes."""
        return self._ours.tree.root(), self._kept.tree.root()

    def append(self, line: bytes | None) -> None:
        """Take the next leaf; None where the entry is missing, whose stored hash then stands for it."""
        index = self.size
        kept = self._stored_leaf(index)
        leaf = leaf_hash(line) if line is not None else kept
        if leaf != kept:
            if len(self._differing) < FINDINGS_MAX:
                self._differing.append(index)
            else:
                self._more += 1
        self._ours.append(leaf)
        self._kept.append(kept)
        for level, number in self._completed():
            self._compare(level, number)

    def finish(self) -> None:
        """Compare the partial tiles, say which of entries and tiles differ from the signed root, find extra tiles."""
        with self._scope.guarding("tile", "", ""):
            for level, number in sorted(self._ours.changed):
                self._compare(level, number)
            self._blame()
            for level, number in ledger_scan.tile_keys(self._scope.connection, self._scope.ledger.id):
                held = self.size >> (HEIGHT * level) if level >= 0 else 0
                if number < 0 or number * WIDTH >= held:
                    self._scope.note("tile", f"{level}/{number}", "", "a tree of this size has no such tile")

    def _stored_leaf(self, index: int) -> bytes:
        number, place = divmod(index, WIDTH)
        if self._at[0] != number:
            self._at = (number, self._read(0, number))
        found = self._at[1][place * HASH_BYTES : (place + 1) * HASH_BYTES]
        return found if len(found) == HASH_BYTES else NO_HASH

    def _completed(self) -> Iterator[tuple[int, int]]:
        """Yield the tiles that the last leaf filled."""
        level, width = 0, WIDTH
        while self.size % width == 0:
            yield level, self.size // width - 1
            level, width = level + 1, width * WIDTH

    def _compare(self, level: int, number: int) -> None:
        ours = bytes(self._ours.changed.pop((level, number)))
        kept = bytes(self._kept.changed.pop((level, number)))
        stored = self._read(level, number)
        if stored not in (ours, kept):
            words = "the tile is missing" if not stored else "not the hashes that the leaves below lead to"
            self._scope.note("tile", f"{level}/{number}", "hashes", words)

    def _blame(self) -> None:
        ours, kept = self.roots()
        trusted = self._scope.trusted
        tiles_altered = trusted is not None and trusted.root == ours
        for index in self._differing:
            number, place = divmod(index, WIDTH)
            if tiles_altered:
                words = f"hash {place} is not the leaf of entry {index}, which leads to the signed root"
                self._scope.note("tile", f"0/{number}", "hashes", words)
            else:
                self._scope.note("entry", index, "line", f"leaf does not match tile 0/{number}")
        if trusted is not None and trusted.root not in (ours, kept):
            words = f"neither entries nor tiles lead to the root that was signed at {trusted.size}"
            self._scope.note("head", self._scope.ledger.id, "root", words)
        if self._more:
            table = "tile" if tiles_altered else "entry"
            self._scope.note(table, "", "", f"{self._more} further leaves differ")
