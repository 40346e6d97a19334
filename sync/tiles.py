"""C2SP tlog-tiles: the tree in rows of 256 hashes, and entries in bundles.

Tile (L, N) holds the hashes of perfect subtrees of 256^L leaves, numbers N*256 .. N*256+255;
the last one of a level may be partial. Source: c2sp.org/tlog-tiles.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterable

from sync.errors import BadProof, NotFound
from sync.merkle import HASH_BYTES, CompactRange, Nodes, node_hash

WIDTH = 256
HEIGHT = 8
LEVEL_MAX = 5
INNER_MAX = 65_536
"""Hashes between two rows that a reader remembers: a walk through a large ledger must not keep them all."""
Tile = tuple[int, int]
ReadTile = Callable[[int, int], bytes]
NUMBER = re.compile(r"(?:x[0-9]{3}/)*[0-9]{3}")


def tiles_of(size: int) -> Iterable[tuple[int, int, int]]:
    """Yield (level, number, width) of every tile of a tree of `size` leaves, partial ones included."""
    level, count = 0, size
    while count:
        for number in range(count // WIDTH):
            yield level, number, WIDTH
        if count % WIDTH:
            yield level, count // WIDTH, count % WIDTH
        level, count = level + 1, count // WIDTH


def nodes_from(read: ReadTile) -> Nodes:
    """Return a node reader over tiles; a tile is read once, and what lies between two rows is hashed once.

    read(level, number) -> the tile's bytes; raises BadProof when a hash is not there
    """
    tiles: dict[Tile, bytes] = {}
    inner: dict[tuple[int, int], bytes] = {}

    def stored(row: int, index: int) -> bytes:
        number, place = divmod(index, WIDTH)
        tile = tiles.get((row, number))
        if tile is None:
            tile = tiles[(row, number)] = read(row, number)
        found = tile[place * HASH_BYTES : (place + 1) * HASH_BYTES]
        if len(found) != HASH_BYTES:
            raise BadProof(f"tile {row}/{number} is too short for its hash {place}")
        return found

    def node(level: int, index: int) -> bytes:
        if not level % HEIGHT:
            return stored(level // HEIGHT, index)
        known = inner.get((level, index))
        if known is None:
            if len(inner) >= INNER_MAX:
                inner.clear()
            halves = node(level - 1, 2 * index), node(level - 1, 2 * index + 1)
            known = inner[(level, index)] = node_hash(*halves)
        return known

    return node


class TileWriter:
    """Collects the tiles that appending leaves changes; holds only the right edge and what is new.

    right_edge: read(level, number) of the partial tiles at `tree`'s present size
    """

    def __init__(self, tree: CompactRange, read: ReadTile):
        self.tree = tree
        self._read = read
        self.changed: dict[Tile, bytearray] = {}

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash to the tree and its tiles."""
        self.tree.append(leaf, self._store)

    def _store(self, level: int, index: int, node: bytes) -> None:
        if level % HEIGHT:
            return
        row, (number, place) = level // HEIGHT, divmod(index, WIDTH)
        tile = self.changed.get((row, number))
        if tile is None:
            tile = bytearray(self._read(row, number) if place else b"")
            self.changed[(row, number)] = tile
        if len(tile) != place * HASH_BYTES:
            raise BadProof(f"tile {row}/{number} has {len(tile)} bytes, {place * HASH_BYTES} were expected")
        tile += node

    def nodes(self) -> Nodes:
        """Return a reader over stored and new tiles together."""

        def read(level: int, number: int) -> bytes:
            tile = self.changed.get((level, number))
            return bytes(tile) if tile is not None else self._read(level, number)

        return nodes_from(read)


def number_path(number: int) -> str:
    """Return a tile's number as path elements: 1234067 -> x001/x234/067."""
    path = f"{number % 1000:03d}"
    while number >= 1000:
        number //= 1000
        path = f"x{number % 1000:03d}/{path}"
    return path


def parse_path(path: str) -> tuple[int, int]:
    """Return (number, width) of `<N>` or `<N>.p/<W>`; raises NotFound for any other spelling."""
    number_text, _, width_text = path.partition(".p/")
    if not NUMBER.fullmatch(number_text) or (
        "." in path and not re.fullmatch(r"[1-9][0-9]{0,2}", width_text)
    ):
        raise NotFound("no such tile")
    number = int(number_text.replace("x", "").replace("/", ""))
    width = int(width_text) if width_text else WIDTH
    if number_path(number) != number_text or width > WIDTH or (width_text and width == WIDTH):
        raise NotFound("no such tile")
    return number, width


def bundle(lines: Iterable[bytes]) -> bytes:
    """Return an entry bundle: each line after its length as a big-endian uint16."""
    return b"".join(struct.pack(">H", len(line)) + line for line in lines)


def unbundle(raw: bytes) -> list[bytes]:
    """Return the lines of an entry bundle; raises BadProof when it is cut."""
    lines: list[bytes] = []
    at = 0
    while at < len(raw):
        (length,) = struct.unpack_from(">H", raw, at) if at + 2 <= len(raw) else (len(raw),)
        if at + 2 + length > len(raw):
            raise BadProof("an entry bundle is cut")
        lines.append(raw[at + 2 : at + 2 + length])
        at += 2 + length
    return lines
