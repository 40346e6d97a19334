"""Tiles: the layout of C2SP, whatever the batches in which a tree grew."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import merkle, tiles
from sync.errors import BadProof, NotFound
from sync.merkle import CompactRange
from tests.tiers import examples

LEAVES = [merkle.leaf_hash(f"line {n}".encode()) for n in range(66_000)]


def grown(*batches: int) -> tuple[dict[tuple[int, int], bytes], CompactRange]:
    """Return the stored tiles and the tree after appending LEAVES in batches of these sizes."""
    stored: dict[tuple[int, int], bytes] = {}
    tree = CompactRange()
    for size in batches:
        writer = tiles.TileWriter(tree.copy(), lambda level, number: stored[(level, number)])
        for leaf in LEAVES[tree.size : tree.size + size]:
            writer.append(leaf)
        stored.update({key: bytes(tile) for key, tile in writer.changed.items()})
        tree = writer.tree
    return stored, tree


@pytest.mark.parametrize("size", [1, 2, 255, 256, 257, 511, 512, 600, 65_536, 65_537])
def test_a_tree_has_exactly_the_tiles_that_c2sp_lists(size: int) -> None:
    stored, _ = grown(size)
    expected = {(level, number): width for level, number, width in tiles.tiles_of(size)}
    assert {key: len(tile) // 32 for key, tile in stored.items()} == expected


def test_a_tree_of_70000_has_the_tiles_of_the_specifications_example() -> None:
    found = list(tiles.tiles_of(70_000))
    assert [t for t in found if t[2] != 256] == [(0, 273, 112), (1, 1, 17), (2, 0, 1)]
    assert sum(t[0] == 0 for t in found) == 274
    assert list(tiles.tiles_of(0)) == []


@given(st.lists(st.integers(0, 400), min_size=1, max_size=5))
@examples(40)
def test_the_batches_in_which_a_tree_grew_do_not_show(batches: list[int]) -> None:
    stored, tree = grown(*batches)
    whole, _ = grown(sum(batches))
    assert stored == whole
    assert tree.root() == merkle.root_of(LEAVES[: sum(batches)])


@pytest.mark.parametrize("size", [1, 3, 256, 257, 700, 66_000])
def test_proofs_read_from_tiles_lead_to_the_root(size: int) -> None:
    stored, tree = grown(size)
    nodes = tiles.nodes_from(lambda level, number: stored[(level, number)])
    for index in {0, size // 3, size - 1}:
        proof = merkle.inclusion_proof(nodes, index, size)
        merkle.verify_inclusion(LEAVES[index], index, size, proof, tree.root())
        older = merkle.root_of(LEAVES[: index + 1])
        joined = merkle.consistency_proof(nodes, index + 1, size)
        merkle.verify_consistency(index + 1, older, size, tree.root(), joined)
    assert merkle.compact_range(nodes, size).root() == tree.root()


def test_a_proof_reads_each_tile_once() -> None:
    stored, _ = grown(66_000)
    read: list[tuple[int, int]] = []

    def counting(level: int, number: int) -> bytes:
        read.append((level, number))
        return stored[(level, number)]

    merkle.inclusion_proof(tiles.nodes_from(counting), 12_345, 66_000)
    assert len(read) == len(set(read)) <= 5


def test_what_lies_between_two_rows_of_tiles_is_hashed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    stored, _ = grown(300)
    hashed: list[bytes] = []

    def counting(left: bytes, right: bytes) -> bytes:
        hashed.append(left + right)
        return merkle.node_hash(left, right)

    monkeypatch.setattr(tiles, "node_hash", counting)
    nodes = tiles.nodes_from(lambda level, number: stored[(level, number)])
    for older in (3, 100, 255):
        merkle.consistency_proof(nodes, older, 300)
    assert len(hashed) == len(set(hashed)) > 0


def test_a_reader_that_remembers_little_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    stored, tree = grown(700)
    monkeypatch.setattr(tiles, "INNER_MAX", 3)
    nodes = tiles.nodes_from(lambda level, number: stored[(level, number)])
    assert merkle.compact_range(nodes, 700).root() == tree.root()
    for older in (1, 255, 600):
        proof = merkle.consistency_proof(nodes, older, 700)
        merkle.verify_consistency(older, merkle.compact_range(nodes, older).root(), 700, tree.root(), proof)


def test_a_flipped_byte_in_a_tile_is_found_by_the_proof_that_reads_it() -> None:
    stored, tree = grown(300)
    changed = dict(stored)
    changed[(0, 0)] = bytes([stored[(0, 0)][0] ^ 1]) + stored[(0, 0)][1:]
    proof = merkle.inclusion_proof(tiles.nodes_from(lambda level, n: changed[(level, n)]), 5, 300)
    with pytest.raises(BadProof):
        merkle.verify_inclusion(LEAVES[5], 5, 300, proof, tree.root())


def test_a_cut_tile_is_refused() -> None:
    stored, _ = grown(300)
    cut = {key: tile[:-1] for key, tile in stored.items()}
    with pytest.raises(BadProof):
        merkle.inclusion_proof(tiles.nodes_from(lambda level, number: cut[(level, number)]), 299, 300)


def test_a_right_edge_that_is_not_that_of_the_tree_is_refused() -> None:
    stored, tree = grown(300)
    for edge in (stored[(0, 1)][:-32], stored[(0, 1)] + b"x" * 32, b""):
        writer = tiles.TileWriter(tree.copy(), lambda level, number, e=edge: e)  # type: ignore[misc]
        with pytest.raises(BadProof):
            writer.append(LEAVES[300])


def test_new_and_stored_tiles_are_read_together() -> None:
    stored, tree = grown(300)
    writer = tiles.TileWriter(tree.copy(), lambda level, number: stored[(level, number)])
    for leaf in LEAVES[300:310]:
        writer.append(leaf)
    proof = merkle.consistency_proof(writer.nodes(), 300, 310)
    merkle.verify_consistency(300, tree.root(), 310, writer.tree.root(), proof)


@pytest.mark.parametrize(
    ("number", "path"),
    [
        (0, "000"),
        (7, "007"),
        (999, "999"),
        (1000, "x001/000"),
        (1_234_067, "x001/x234/067"),
        (10**6, "x001/x000/000"),
    ],
)
def test_a_tiles_number_has_one_path(number: int, path: str) -> None:
    assert tiles.number_path(number) == path
    assert tiles.parse_path(path) == (number, 256)
    assert tiles.parse_path(f"{path}.p/17") == (number, 17)


@given(st.integers(0, 10**12), st.integers(1, 255))
def test_every_path_goes_there_and_back(number: int, width: int) -> None:
    assert tiles.parse_path(f"{tiles.number_path(number)}.p/{width}") == (number, width)


@pytest.mark.parametrize(
    "path",
    [
        "", "0", "00", "0000", "x000/001", "x001", "001/000", "x001/x000", "-01", "000.p", "000.p/", "000.p/0",
        "000.p/01", "000.p/256", "000.p/999", "000.p/1/", "000/", "/000", "000.p/1.p/1", "٠٠٠", "000\n", "x00a/000",
    ],
)  # fmt: skip
def test_any_other_path_is_not_found(path: str) -> None:
    with pytest.raises(NotFound):
        tiles.parse_path(path)


@given(st.lists(st.binary(max_size=300), max_size=10))
def test_a_bundle_gives_its_lines_back(lines: list[bytes]) -> None:
    assert tiles.unbundle(tiles.bundle(lines)) == lines


def test_a_bundle_holds_the_longest_entry() -> None:
    assert tiles.unbundle(tiles.bundle([b"x" * 65_535])) == [b"x" * 65_535]


def test_a_cut_bundle_is_refused() -> None:
    raw = tiles.bundle([b"one", b"three"])
    for end in range(1, len(raw)):
        if end != 5:
            with pytest.raises(BadProof):
                tiles.unbundle(raw[:end])
