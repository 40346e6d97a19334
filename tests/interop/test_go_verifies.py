"""What sync signs, proves and lays out is what Go's checksum database verifies, and what it refuses is refused."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync import checkpoint, cosignature, merkle, tiles
from sync.checkpoint import Checkpoint
from sync.errors import Refusal
from sync.merkle import CompactRange
from sync.signing import public_raw
from tests.interop import go_tlog

KEY = Ed25519PrivateKey.from_private_bytes(b"\x01" * 32)
ORIGIN, EPOCH = "ledger.example/luan", "ab" * 16
SIZES = [1, 2, 3, 4, 7, 8, 9, 63, 64, 65, 255, 256, 257, 300, 511, 512, 513, 600]
LINES = [f'{{"n":{n},"words":"床位"}}'.encode() for n in range(600)]


def whole(size: int) -> dict[str, Any]:
    """Return everything that a ledger of `size` entries shows of itself."""
    stored: dict[tuple[int, int], bytes] = {}
    writer = tiles.TileWriter(CompactRange(), lambda level, number: stored[(level, number)])
    roots = [merkle.EMPTY_ROOT]
    for line in LINES[:size]:
        writer.append(merkle.leaf_hash(line))
        roots.append(writer.tree.root())
    nodes = writer.nodes()
    head = checkpoint.sign(Checkpoint(ORIGIN, EPOCH, size, roots[-1]), KEY)
    some = sorted({0, 1, size // 3, size // 2, size - 2, size - 1} & set(range(size)))

    def path(level: str, number: int, width: int) -> str:
        return f"tile/{level}/{tiles.number_path(number)}" + (f".p/{width}" if width < tiles.WIDTH else "")

    return {
        "verifier_key": checkpoint.verifier_key(head.name, public_raw(KEY)),
        "note": head.note,
        "records": [
            {"index": n, "line": LINES[n], "proof": merkle.inclusion_proof(nodes, n, size)} for n in some
        ],
        "consistency": [
            {"size": n + 1, "root": roots[n + 1], "proof": merkle.consistency_proof(nodes, n + 1, size)}
            for n in some
        ],
        "tiles": {
            path(str(level), number, width): bytes(writer.changed[(level, number)])
            for level, number, width in tiles.tiles_of(size)
        },
        "bundles": {
            path("entries", number, width): tiles.bundle(LINES[number * 256 : number * 256 + width])
            for level, number, width in tiles.tiles_of(size)
            if level == 0
        },
    }


@pytest.mark.parametrize("size", SIZES)
def test_go_verifies_a_ledger_of_any_size(size: int) -> None:
    asked = whole(size)
    found = go_tlog.verify(asked)
    assert found == {
        "ok": True,
        "name": f"{ORIGIN}/{EPOCH}",
        "size": size,
        "root": merkle.root_of_lines(LINES[:size]),
        "records": len(asked["records"]),
        "proofs": len(asked["consistency"]),
        "entries": size,
    }


def flipped(raw: bytes) -> bytes:
    """Return bytes with one bit flipped."""
    return raw[:-1] + bytes([raw[-1] ^ 1])


def change(asked: dict[str, Any], *way: Any, to: Callable[[Any], Any]) -> None:
    """Replace what stands at the end of a way into a request."""
    for part in way[:-1]:
        asked = asked[part]
    asked[way[-1]] = to(asked[way[-1]])


GOOD = whole(300)


@pytest.mark.parametrize(
    ("way", "to", "at"),
    [
        (("note",), lambda note: note.replace("\n300\n", "\n301\n"), "note"),
        (("note",), lambda note: note.replace("luan", "xuan"), "note"),
        (("note",), lambda note: note.replace("\u2014", "-"), "note"),
        (("verifier_key",), lambda key: checkpoint.verifier_key(f"{ORIGIN}/{EPOCH}", b"\x02" * 32), "note"),
        (("records", 2, "line"), flipped, "records"),
        (("records", 2, "index"), lambda index: index + 1, "records"),
        (("records", 2, "proof", 3), flipped, "records"),
        (("records", 2, "proof"), lambda proof: proof[:-1], "records"),
        (("records", 2, "proof"), lambda proof: proof[::-1], "records"),
        (("consistency", 2, "root"), flipped, "consistency"),
        (("consistency", 2, "size"), lambda size: size + 1, "consistency"),
        (("consistency", 2, "proof", 3), flipped, "consistency"),
        (("consistency", 2, "proof"), lambda proof: [*proof, bytes(32)], "consistency"),
        (("tiles", "tile/0/000"), flipped, "tiles"),
        (("tiles", "tile/0/001.p/44"), flipped, "tiles"),
        (("tiles", "tile/1/000.p/1"), flipped, "tiles"),
        (("tiles", "tile/0/000"), lambda tile: tile[:-32], "tiles"),
        (("bundles", "tile/entries/001.p/44"), flipped, "tiles"),
        (("bundles", "tile/entries/001.p/44"), lambda bundle: bundle[:-1], "tiles"),
        (("bundles", "tile/entries/000"), lambda bundle: bundle + b"\x00", "tiles"),
    ],
)
def test_go_refuses_what_was_changed(way: tuple[Any, ...], to: Callable[[Any], Any], at: str) -> None:
    asked = copy.deepcopy(GOOD)
    change(asked, *way, to=to)
    found = go_tlog.verify(asked)
    assert (found["ok"], found.get("at")) == (False, at), found


def test_go_refuses_a_head_of_another_tree_of_the_same_size() -> None:
    asked = copy.deepcopy(GOOD)
    alien = Checkpoint(ORIGIN, EPOCH, 300, merkle.root_of_lines([b"another", *LINES[1:300]]))
    asked["note"] = checkpoint.sign(alien, KEY).note
    assert go_tlog.verify(asked)["at"] == "records"


def test_go_and_sync_refuse_the_same_spoilt_notes() -> None:
    note = GOOD["note"]
    for spoilt in (
        note + "\n",
        note[:-1],
        note.replace("\n\n", "\n\n\n"),
        note.replace("\n\n", "\n"),
        note + "x\n",
    ):
        assert not go_tlog.verify({**GOOD, "note": spoilt})["ok"]
        with pytest.raises(Refusal):
            checkpoint.verify(spoilt, [KEY.public_key()])


def test_go_verifies_a_head_that_witnesses_cosigned() -> None:
    """Lines of sixteen witnesses behind the ledger's own are passed over, and none stands for it."""
    body = cosignature.body_of(GOOD["note"])
    lines = [cosignature.cosign(body, f"witness.example/{n}", KEY, 1_794_880_800) + "\n" for n in range(16)]
    found = go_tlog.verify({**GOOD, "note": GOOD["note"] + "".join(lines)})
    assert (found["ok"], found["size"]) == (True, 300), found
    bare = body + "\n" + "".join(lines)
    assert not go_tlog.verify({**GOOD, "note": bare})["ok"]
    with pytest.raises(Refusal):
        checkpoint.verify(bare, [KEY.public_key()])
