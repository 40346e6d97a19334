"""What the ledger answers and proves, as a phone or an outsider reads it: nothing false is ever believed."""

from __future__ import annotations

import json
from typing import Any

from schemas.wire.enrol import read_enrolled
from schemas.wire.feed import read_consistency, read_feed, read_self
from schemas.wire.keys import read_keys
from schemas.wire.problem import read_problem
from server.intake.feed import read_cursor, write_cursor
from sync import checkpoint, entries, lines, merkle, receipt, signing, tiles
from sync.errors import BadProof
from tests.fuzz import valid
from tests.fuzz.mutations import one_of, spoilt_bytes, spoilt_json
from tests.fuzz.runs import Target
from tests.fuzz.targets.wire import plain


def by_ledger(typ: str, raw: bytes) -> str:
    """Return the ledger's JWS over any payload."""
    return valid.sign(valid.LEDGER, typ, raw, valid.LEDGER_KID)


def a_receipt(raw: bytes) -> None:
    """A receipt with any payload, signed by the ledger: verified only if it proves the tree that there is."""
    found = receipt.verify(by_ledger(signing.RECEIPT, raw), valid.KEYS, valid.EXPECTED)
    assert found.head.root == merkle.root_of(valid.HASHES[: found.head.size])


def a_feed(raw: bytes) -> None:
    """A feed page with any payload is read or refused."""
    found = read_feed(by_ledger(signing.FEED, raw), valid.KEYS[0], device=valid.DEVICE, after="")
    assert found.items == () or found.items[0].id


def a_key_list(raw: bytes) -> None:
    """A key list with any payload is read or refused; what is read has a key to seal to."""
    found = read_keys(by_ledger(signing.KEYS, raw), valid.PIN)
    assert found.opening_key().key


def an_enrolled(raw: bytes) -> None:
    """The answer to an enrolment with any payload is read or refused."""
    token = by_ledger(signing.ENROLLED, raw)
    assert read_enrolled(token, valid.KEYS[0], origin=valid.ORIGIN, request="request").device


def a_problem(raw: bytes) -> None:
    """Any body of an error answer is read or refused."""
    assert read_problem(raw).refusal is not None


def json_answers(raw: bytes) -> None:
    """Any JSON in place of a chain's head or of a consistency proof is read or refused."""
    try:
        body: Any = json.loads(raw)
    except (ValueError, RecursionError):
        return
    if "stage" in str(body):
        assert read_self(body).seq >= 0
    else:
        assert all(len(node) == 32 for node in read_consistency(body, old=5, new=14))


def a_note(raw: bytes) -> None:
    """Any text in place of a checkpoint: believed only if it is the head that was signed."""
    head = checkpoint.verify(raw.decode("utf-8", "replace"), valid.KEYS)
    assert (head.size, head.root) == (valid.HEAD.size, valid.HEAD.root)


def a_place_proof(raw: bytes) -> None:
    """Any text in place of an item's proof: believed only for the place where the item is."""
    index, _ = checkpoint.verify_proof_text(raw.decode("utf-8", "replace"), valid.HASHES[4], valid.KEYS)
    assert index == 4


def an_entry(raw: bytes) -> None:
    """Any line in place of an entry is read or refused, with its outcome."""
    found = entries.from_line(raw)
    assert entries.entry_outcome(found).verdict is not None


def a_bundle(raw: bytes) -> None:
    """Any bytes in place of an entry bundle come apart into what joins to them again."""
    assert tiles.bundle(tiles.unbundle(raw)) == raw


def a_tile_path(raw: bytes) -> None:
    """Any address of a tile is one of its spellings or there is no such tile."""
    text = raw.decode("latin-1")
    number, width = tiles.parse_path(text)
    spelt = tiles.number_path(number)
    assert text == (spelt if width == tiles.WIDTH else f"{spelt}.p/{width}")


def a_tile(raw: bytes) -> None:
    """Any bytes in place of a tile give the node that is meant, or a proof that fails."""
    reader = tiles.nodes_from(lambda level, number: raw)
    for size in (1, 3, 14):
        try:
            merkle.inclusion_proof(reader, size - 1, size)
            merkle.compact_range(reader, size)
        except BadProof:
            continue


def a_path(raw: bytes) -> None:
    """Any row of hashes in place of a proof: it leads from the leaf, or from the old head, or to nothing."""
    hashes = [raw[at : at + 32] for at in range(0, len(raw), 32)][:80]
    root = merkle.root_of(valid.HASHES)
    for index in range(14):
        try:
            merkle.verify_inclusion(valid.HASHES[index], index, 14, hashes, root)
        except BadProof:
            continue
        assert hashes == merkle.inclusion_proof(valid.nodes, index, 14)
    for old in range(15):
        try:
            merkle.verify_consistency(old, merkle.root_of(valid.HASHES[:old]), 14, root, hashes)
        except BadProof:
            continue
        assert hashes == merkle.consistency_proof(valid.nodes, old, 14)


def a_cursor(raw: bytes) -> None:
    """Any text in place of a feed's cursor is one, or it is refused; one that is one is written the same way."""
    text = raw.decode("latin-1")
    found = read_cursor(text, valid.EPOCH)
    assert read_cursor(write_cursor(found), valid.EPOCH) == found


PATHS = tuple(
    b"".join(proof)
    for proof in (
        *(merkle.inclusion_proof(valid.nodes, index, 14) for index in (0, 6, 13)),
        *(merkle.consistency_proof(valid.nodes, old, 14) for old in (1, 5, 8)),
    )
)
TILE = b"".join(valid.HASHES)
CURSORS = [valid.CURSOR, lines.b64u(f"{valid.EPOCH}/-1/~".encode()), lines.b64u(b"//")]

TARGETS = (
    Target("receipt", spoilt_json([valid.RECEIPT.payload()]), plain(a_receipt), 2.0),
    Target("feed page", spoilt_json([valid.feed_page()]), plain(a_feed), 1.5),
    Target("key list", spoilt_json([valid.key_list()]), plain(a_key_list)),
    Target("answer to enrolment", spoilt_json([valid.enrolled()]), plain(an_enrolled), 0.5),
    Target("problem", one_of(spoilt_json([valid.PROBLEM]), spoilt_bytes([json.dumps(valid.PROBLEM).encode()])),
           plain(a_problem), 0.5),
    Target("JSON answers", spoilt_json([valid.SELF, valid.CONSISTENCY]), plain(json_answers), 0.5),
    Target("checkpoint", spoilt_bytes([valid.HEAD.note.encode()]), plain(a_note)),
    Target("place proof", spoilt_bytes([valid.PLACE_PROOF.encode()]), plain(a_place_proof)),
    Target("entry", spoilt_json([lines.decode(leaf) for leaf in valid.LEAVES[11:]]), plain(an_entry)),
    Target("entry bundle", spoilt_bytes([valid.BUNDLE, b""]), plain(a_bundle), 0.5),
    Target("tile's address", spoilt_bytes([b"x001/x234/067", b"000.p/7", b"255"]), plain(a_tile_path), 0.5),
    Target("tile", spoilt_bytes([TILE]), plain(a_tile), 0.5),
    Target("tree proof", spoilt_bytes(PATHS), plain(a_path)),
    Target("feed's cursor", spoilt_bytes([text.encode() for text in CURSORS]), plain(a_cursor), 0.5),
)  # fmt: skip
