"""The tree against a recursive reading of RFC 6962 and its proofs against everything that is not one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import merkle
from sync.errors import BadProof
from sync.merkle import EMPTY_ROOT, CompactRange
from tests.tiers import examples

# Leaves and roots of the CT reference implementation's test tree.
REFERENCE_LEAVES = [
    bytes.fromhex(text)
    for text in (
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
    )
]  # fmt: skip
REFERENCE_ROOTS = {
    1: "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    2: "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    3: "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    8: "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
}


def line(n: int) -> bytes:
    """Return the n-th line of every tree of these tests."""
    return f"line {n}".encode()


LEAVES = [merkle.leaf_hash(line(n)) for n in range(700)]


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """Return MTH of RFC 6962 section 2.1, word for word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def naive_path(m: int, leaves: Sequence[bytes]) -> list[bytes]:
    """Return PATH of RFC 6962 section 2.1.1, word for word."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*naive_path(m, leaves[:k]), naive_root(leaves[k:])]
    return [*naive_path(m - k, leaves[k:]), naive_root(leaves[:k])]


def naive_proof(m: int, leaves: Sequence[bytes], whole: bool = True) -> list[bytes]:
    """Return SUBPROOF of RFC 6962 section 2.1.2, word for word."""
    if m == len(leaves):
        return [] if whole else [naive_root(leaves)]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m <= k:
        return [*naive_proof(m, leaves[:k], whole), naive_root(leaves[k:])]
    return [*naive_proof(m - k, leaves[k:], False), naive_root(leaves[:k])]


def nodes(level: int, index: int) -> bytes:
    """Read a perfect subtree over LEAVES."""
    return naive_root(LEAVES[index << level : (index + 1) << level])


SIZES = st.integers(1, 130)


def test_a_leaf_and_a_node_are_hashed_apart() -> None:
    assert merkle.leaf_hash(b"x") == hashlib.sha256(b"\x00x").digest()
    assert merkle.node_hash(b"l", b"r") == hashlib.sha256(b"\x01lr").digest()


@pytest.mark.parametrize(("size", "root"), REFERENCE_ROOTS.items())
def test_the_roots_of_the_reference_tree_are_met(size: int, root: str) -> None:
    assert merkle.root_of_lines(REFERENCE_LEAVES[:size]).hex() == root


@pytest.mark.parametrize("size", [*range(40), 255, 256, 257, 600])
def test_the_root_is_that_of_the_recursive_definition(size: int) -> None:
    assert merkle.root_of(LEAVES[:size]) == naive_root(LEAVES[:size])
    assert merkle.compact_range(nodes, size).root() == naive_root(LEAVES[:size])


@given(st.integers(0, 300), st.integers(0, 60))
@examples(100)
def test_a_compact_range_goes_on_where_it_was_left(size: int, more: int) -> None:
    tree = merkle.compact_range(nodes, size)
    copy = tree.copy()
    for leaf in LEAVES[size : size + more]:
        tree.append(leaf)
    assert tree.root() == naive_root(LEAVES[: size + more])
    assert (copy.size, copy.root()) == (size, naive_root(LEAVES[:size]))


@given(st.integers(0, 200), st.integers(0, 200))
def test_perfect_subtrees_cover_the_leaves_once_and_in_order(start: int, more: int) -> None:
    covered: list[int] = []
    for level, index in merkle.perfect(start, start + more):
        covered += range(index << level, (index + 1) << level)
    assert covered == list(range(start, start + more))


def test_appending_tells_every_perfect_subtree_that_it_completes() -> None:
    told: dict[tuple[int, int], bytes] = {}
    tree = CompactRange()
    for leaf in LEAVES[:64]:
        tree.append(leaf, lambda level, index, node: told.__setitem__((level, index), node))
    assert told == {(level, index): nodes(level, index) for level in range(7) for index in range(64 >> level)}


@pytest.mark.parametrize(
    ("size", "hashes"), [(1, []), (0, [b"x" * 32]), (3, [b"x" * 32]), (2, [b"x" * 31]), (-1, [])]
)
def test_a_compact_range_of_the_wrong_shape_is_refused(size: int, hashes: list[bytes]) -> None:
    with pytest.raises(BadProof):
        CompactRange(size, hashes)


def refused(check: Callable[[list[bytes]], None], proof: list[bytes]) -> None:
    """Assert that every cut, lengthened, reordered and flipped version of a proof is refused."""
    wrong = [proof[:i] + proof[i + 1 :] for i in range(len(proof))]
    wrong += [[*proof, b"\x00" * 32], [b"\x00" * 32, *proof], [*proof, *proof[:1], b"x"]]
    wrong += [[*proof[:i], h, *proof[i + 1 :]] for i, p in enumerate(proof) for h in flips(p)]
    wrong += [proof[::-1]] if proof != proof[::-1] else []
    wrong += [[*proof[:-1], proof[-1][:-1]], [*proof[:-1], proof[-1] + b"\x00"]] if proof else []
    for one in wrong:
        with pytest.raises(BadProof):
            check(one)


def flips(node: bytes) -> list[bytes]:
    """Return a hash with its first, a middle and its last bit flipped."""
    return [
        bytes(b ^ (bit if i == at else 0) for i, b in enumerate(node))
        for at, bit in ((0, 1), (16, 8), (31, 128))
    ]


@given(st.data(), SIZES)
@examples(40)
def test_an_inclusion_proof_is_the_path_of_the_rfc_and_no_other_passes(
    data: st.DataObject, size: int
) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(nodes, index, size)
    root = naive_root(LEAVES[:size])
    assert proof == naive_path(index, LEAVES[:size])
    merkle.verify_inclusion(LEAVES[index], index, size, proof, root)
    refused(lambda p: merkle.verify_inclusion(LEAVES[index], index, size, p, root), proof)
    for leaf, place, of, head in (
        (LEAVES[index + 1], index, size, root),
        (LEAVES[index], size, size, root),
        (LEAVES[index], -1, size, root),
        (LEAVES[index], index, size, flips(root)[0]),
        (LEAVES[index], index, 0, root),
    ):
        with pytest.raises(BadProof):
            merkle.verify_inclusion(leaf, place, of, proof, head)


@given(st.data(), SIZES)
@examples(40)
def test_a_leaf_is_proven_at_its_own_place_only(data: st.DataObject, size: int) -> None:
    index = data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(nodes, index, size)
    for other in range(size):
        if other != index:
            with pytest.raises(BadProof):
                merkle.verify_inclusion(LEAVES[index], other, size, proof, naive_root(LEAVES[:size]))


@given(st.data(), SIZES)
@examples(40)
def test_a_consistency_proof_is_that_of_the_rfc_and_no_other_passes(data: st.DataObject, new: int) -> None:
    old = data.draw(st.integers(1, new))
    proof = merkle.consistency_proof(nodes, old, new)
    roots = naive_root(LEAVES[:old]), naive_root(LEAVES[:new])
    assert proof == naive_proof(old, LEAVES[:new])
    merkle.verify_consistency(old, roots[0], new, roots[1], proof)
    refused(lambda p: merkle.verify_consistency(old, roots[0], new, roots[1], p), proof)
    for head in ((flips(roots[0])[0], roots[1]), (roots[0], flips(roots[1])[0])):
        with pytest.raises(BadProof):
            merkle.verify_consistency(old, head[0], new, head[1], proof)


@given(SIZES, SIZES, SIZES)
@examples(80)
def test_a_consistency_proof_joins_its_own_two_heads_only(one: int, two: int, other: int) -> None:
    old, new = sorted((one, two))
    proof = merkle.consistency_proof(nodes, old, new)
    if other not in (old, new) and other < new:
        with pytest.raises(BadProof):
            merkle.verify_consistency(other, naive_root(LEAVES[:other]), new, naive_root(LEAVES[:new]), proof)


def test_everything_goes_on_from_the_empty_tree_without_a_proof() -> None:
    root = naive_root(LEAVES[:5])
    assert merkle.consistency_proof(nodes, 0, 5) == []
    merkle.verify_consistency(0, EMPTY_ROOT, 5, root, [])
    merkle.verify_consistency(0, EMPTY_ROOT, 0, EMPTY_ROOT, [])
    for old_root, new, new_root, proof in (
        (root, 5, root, []),
        (EMPTY_ROOT, 5, root, [root]),
        (EMPTY_ROOT, 0, root, []),
        (root, 0, root, []),
    ):
        with pytest.raises(BadProof):
            merkle.verify_consistency(0, old_root, new, new_root, proof)


def test_a_tree_does_not_shrink() -> None:
    with pytest.raises(BadProof):
        merkle.consistency_proof(nodes, 5, 4)
    with pytest.raises(BadProof):
        merkle.verify_consistency(5, naive_root(LEAVES[:5]), 4, naive_root(LEAVES[:4]), [])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_no_proof_is_made_of_a_leaf_that_is_not_there(index: int, size: int) -> None:
    with pytest.raises(BadProof):
        merkle.inclusion_proof(nodes, index, size)


ROOTS = [naive_root(LEAVES[:size]) for size in range(41)]


def test_every_two_heads_of_a_small_tree_are_joined_by_their_proof() -> None:
    for new in range(len(ROOTS)):
        for old in range(new + 1):
            proof = merkle.consistency_proof(nodes, old, new)
            merkle.verify_consistency(old, ROOTS[old], new, ROOTS[new], proof)


def test_every_leaf_of_a_small_tree_is_proven_at_its_place() -> None:
    for size in range(1, len(ROOTS)):
        for index in range(size):
            proof = merkle.inclusion_proof(nodes, index, size)
            merkle.verify_inclusion(LEAVES[index], index, size, proof, ROOTS[size])


def test_a_tree_that_shrank_under_one_root_is_refused() -> None:
    for old, new in ((4, 2), (8, 1), (2, 1)):
        with pytest.raises(BadProof):
            merkle.verify_consistency(old, ROOTS[2], new, ROOTS[2], [])


def test_a_proof_in_a_tree_of_a_hundred_million_reads_few_nodes() -> None:
    read: list[tuple[int, int]] = []

    def counting(level: int, index: int) -> bytes:
        read.append((level, index))
        return hashlib.sha256(f"{level}/{index}".encode()).digest()

    proof = merkle.inclusion_proof(counting, 12_345_678, 10**8)
    root = merkle.compact_range(counting, 10**8).root()
    assert len(proof) <= 27
    assert len(read) < 80
    assert len(root) == 32
