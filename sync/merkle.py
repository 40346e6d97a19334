"""The RFC 6962 tree over SHA-256, computed from perfect subtrees only.

A tree of `size` leaves is the row of its perfect subtrees, largest first: its *compact range*.
Everything here reads the tree through `Nodes`: node(level, index) is the hash of the perfect
subtree over leaves index*2^level .. (index+1)*2^level, so a proof reads a few tiles, never leaves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence

from sync.errors import BadProof

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()
Nodes = Callable[[int, int], bytes]


def leaf_hash(line: bytes) -> bytes:
    """Return SHA-256(0x00 | line), the leaf of RFC 6962 section 2.1."""
    return hashlib.sha256(b"\x00" + line).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 | left | right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def perfect(start: int, end: int) -> list[tuple[int, int]]:
    """Return the (level, index) of the perfect subtrees that make up leaves start..end, left to right."""
    found: list[tuple[int, int]] = []
    at = start
    while at < end:
        level = (at & -at).bit_length() - 1 if at else (end - at).bit_length() - 1
        while (1 << level) > end - at:
            level -= 1
        found.append((level, at >> level))
        at += 1 << level
    return found


class CompactRange:
    """The perfect subtrees of a growing tree; appending n leaves costs n hashes and no memory."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()):
        if size < 0 or len(hashes) != size.bit_count() or any(len(h) != HASH_BYTES for h in hashes):
            raise BadProof(
                f"a compact range of {size} leaves has {size.bit_count()} hashes, got {len(hashes)}"
            )
        self.size = size
        self.hashes = list(hashes)

    def append(self, leaf: bytes, seen: Callable[[int, int, bytes], None] | None = None) -> None:
        """Add one leaf hash; `seen(level, index, hash)` is told each perfect subtree that this completes."""
        level, index, node = 0, self.size, leaf
        if seen:
            seen(level, index, node)
        while self.size >> level & 1:
            node = node_hash(self.hashes.pop(), node)
            level, index = level + 1, index >> 1
            if seen:
                seen(level, index, node)
        self.hashes.append(node)
        self.size += 1

    def root(self) -> bytes:
        """Return the root at the present size; of the empty tree, SHA-256 of nothing."""
        return _fold(self.hashes)

    def copy(self) -> CompactRange:
        """Return an independent copy."""
        return CompactRange(self.size, self.hashes)


def _fold(hashes: Sequence[bytes]) -> bytes:
    if not hashes:
        return EMPTY_ROOT
    node = hashes[-1]
    for left in reversed(hashes[:-1]):
        node = node_hash(left, node)
    return node


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    tree = CompactRange()
    for leaf in leaves:
        tree.append(leaf)
    return tree.root()


def root_of_lines(lines: Iterable[bytes]) -> bytes:
    """Return the root over lines, each hashed as a leaf."""
    return root_of(leaf_hash(line) for line in lines)


def range_hash(nodes: Nodes, start: int, end: int) -> bytes:
    """Return the RFC 6962 hash MTH(D[start:end]) where start is 0 or the end of a left subtree."""
    return _fold([nodes(level, index) for level, index in perfect(start, end)])


def compact_range(nodes: Nodes, size: int) -> CompactRange:
    """Return the compact range of the first `size` leaves."""
    return CompactRange(size, [nodes(level, index) for level, index in perfect(0, size)])


def _split(count: int) -> int:
    """Return the largest power of two smaller than count (count >= 2)."""
    return 1 << ((count - 1).bit_length() - 1)


def inclusion_proof(nodes: Nodes, index: int, size: int) -> list[bytes]:
    """Return PATH(index, D[size]) of RFC 6962 section 2.1.1, nearest sibling first."""
    if not 0 <= index < size:
        raise BadProof(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(range_hash(nodes, middle, end))
            end = middle
        else:
            path.append(range_hash(nodes, start, middle))
            start = middle
    return path[::-1]


def consistency_proof(nodes: Nodes, old: int, new: int) -> list[bytes]:
    """Return PROOF(old, D[new]) of RFC 6962 section 2.1.2; empty when old is 0 or equals new."""
    if not 0 <= old <= new:
        raise BadProof(f"no proof from {old} to {new}")
    if old in (0, new):
        return []
    proof: list[bytes] = []
    start, end, whole = 0, new, True
    while old != end:
        middle = start + _split(end - start)
        if old <= middle:
            proof.append(range_hash(nodes, middle, end))
            end = middle
        else:
            proof.append(range_hash(nodes, start, middle))
            start, whole = middle, False
    if not whole:
        proof.append(range_hash(nodes, start, end))
    return proof[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root: bytes) -> None:
    """Return if `leaf` stands at `index` of the tree with `root`; raises BadProof (RFC 9162 2.1.3.2)."""
    if not 0 <= index < size or any(len(h) != HASH_BYTES for h in proof):
        raise BadProof("the inclusion proof has the wrong shape")
    fn, sn, node = index, size - 1, leaf
    for sibling in proof:
        if sn == 0:
            raise BadProof("the inclusion proof is too long")
        if fn & 1 or fn == sn:
            node = node_hash(sibling, node)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            node = node_hash(node, sibling)
        fn, sn = fn >> 1, sn >> 1
    if sn or node != root:
        raise BadProof("the inclusion proof does not lead to the root")


def verify_consistency(old: int, old_root: bytes, new: int, new_root: bytes, proof: Sequence[bytes]) -> None:
    """Return if the tree of `old` leaves is a prefix of that of `new`; raises BadProof (RFC 9162 2.1.4.2)."""
    if not 0 <= old <= new or any(len(h) != HASH_BYTES for h in proof):
        raise BadProof("the consistency proof has the wrong shape")
    if old in (0, new):
        expected = EMPTY_ROOT if old == 0 else new_root
        if proof or old_root != expected or (new == 0 and new_root != EMPTY_ROOT):
            raise BadProof("the two heads are not one tree")
        return
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        raise BadProof("the consistency proof is empty")
    fn, sn = old - 1, new - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    first = second = path[0]
    for node in path[1:]:
        if sn == 0:
            raise BadProof("the consistency proof is too long")
        if fn & 1 or fn == sn:
            first, second = node_hash(node, first), node_hash(node, second)
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            second = node_hash(second, node)
        fn, sn = fn >> 1, sn >> 1
    if sn or first != old_root or second != new_root:
        raise BadProof("the consistency proof does not join the two heads")
