"""Valid messages to start from, of fixed keys: every record type's change, sets, proofs, answers, files."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable
from functools import cache
from itertools import count
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.drafting import Draft, write
from schemas.records import TYPES
from schemas.wire.enrol import EnrolRequest, Invite
from sync import changes, checkpoint, envelope, frames, lines, merkle, receipt, signing, tiles
from sync.changes import Anchor, At, Manifest, Seen
from sync.checkpoint import Checkpoint
from sync.entries import Entry
from sync.envelope import OpeningKey, opening_key
from sync.receipt import Expected, Receipt
from tests.schemas.samples import draft_of, value_of

KEY, LEDGER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
KEYS = [LEDGER.public_key()]
PIN = signing.key_digest(signing.public_raw(LEDGER))
LEDGER_KID = signing.key_id(signing.public_raw(LEDGER))
ORIGIN, EPOCH = "ledger.test/luan", "ab" * 16
DEVICE = "01900000-0000-7000-8000-00000000000d"
NOW = 1_794_880_800_000
PROOF_URL = "http://wardledger.test/v1/change-sets"
Line = tuple[bytes, tuple[bytes, ...]]


def numbers() -> Callable[[int], bytes]:
    """Return a source of bytes that is the same every time."""
    counter = count()
    return lambda length: hashlib.shake_128(str(next(counter)).encode()).digest(length)


def an_id(number: int) -> str:
    """Return an id."""
    return f"01900000-0000-7000-8000-{number:012x}"


def named() -> dict[str, str]:
    """Return the id that stands for a record of each type; a server that has such records puts its own there."""
    return {name: an_id(n) for n, name in enumerate(sorted(TYPES), start=100)}


# -- changes --------------------------------------------------------------------------------------------


@cache
def written() -> tuple[Line, ...]:
    """Return a change of every record type with a value in every field, and one of every other kind."""
    random, ids = numbers(), named()
    at = At(NOW, 5, "t", Anchor(EPOCH, 3, NOW, 1, 2, "t"))
    drafts: list[Draft] = []
    for n, (name, kind) in enumerate(sorted(TYPES.items())):
        made = draft_of(kind, an_id(2000 + n), ids)
        values = {f.name: value_of(f, ids) for f in kind.fields if not f.many}
        members = {f.name: [value_of(f, ids)] for f in kind.fields if f.many}
        drafts += [made, Draft("create", name, an_id(3000 + n), values, add=members, tx=an_id(7))]
    one, step = ids["finding"], {"stage": {"from": "draft", "to": "proposed"}}
    drafts += [
        Draft("edit", "finding", one, {"amount_fen": 7}, remove={"persons": ["甲"]}, base=(EPOCH, 4)),
        Draft("edit", "finding", one, step, base=(EPOCH, 4)),
        Draft("resolve", "finding", one, {"amount_fen": 7}, base=(EPOCH, 4), over=(an_id(2), an_id(3))),
        Draft("void", "finding", one, base=(EPOCH, 4)),
    ]
    items = [write(d, change_id=an_id(1000 + n), at=at, random=random) for n, d in enumerate(drafts)]
    return tuple((item.line, tuple(p.line for p in item.change.private)) for item in items if item.change)


@cache
def bodies() -> tuple[dict[str, Any], ...]:
    """Return what the change lines hold."""
    return tuple(lines.decode(line) for line, _ in written())


@cache
def private_bodies() -> tuple[dict[str, Any], ...]:
    """Return what the private lines hold."""
    return tuple(lines.decode(line) for _, private in written() for line in private)


def manifest_of(chosen: list[Line], **changed: Any) -> dict[str, Any]:
    """Return the payload of the manifest over some lines."""
    made = Manifest(
        origin=ORIGIN,
        device=DEVICE,
        seq=1,
        prev=lines.ZERO_DIGEST,
        count=len(chosen),
        root=changes.root_hex([line for line, _ in chosen]),
        made_at=NOW,
        app="fuzz-1",
        schema=1,
        ledger_key=PIN,
        seen=Seen(EPOCH, 3, "0" * 64),
    )
    return made.payload() | changed


@cache
def sets() -> tuple[tuple[bytes, ...], ...]:
    """Return the lines of some sets, without their manifests."""
    every = written()
    chosen = [every[:1], every[:3], every[5:9], every[-4:]]
    return tuple(tuple(row for line, private in some for row in (line, *private)) for some in chosen)


def sign(key: Ed25519PrivateKey, typ: str, payload: bytes, kid: str) -> str:
    """Return the JWS over payload bytes, whatever they are: properly signed, so that what is inside is reached."""
    header = lines.encode({"alg": "EdDSA", "kid": kid, "typ": typ})
    text = f"{lines.b64u(header)}.{lines.b64u(payload)}"
    return f"{text}.{lines.b64u(key.sign(text.encode()))}"


# -- proofs ---------------------------------------------------------------------------------------------


def entry(n: int, change: str) -> bytes:
    """Return the line of an entry of the set."""
    outcome = {"verdict": "refused", "code": "bad_value", "field": "x", "flags": ["granted_since"]}
    made = Entry(
        at=NOW, kind="change", by=an_id(9), change=change, outcome=outcome, salt="A" * 22, type="finding",
        record=an_id(1), n=n, device=DEVICE, set="5e" * 32, seq=1, after="0" * 64,
    )  # fmt: skip
    return made.line()


CHANGES = tuple(f"{n:064x}" for n in (7, 8, 9))
LEAVES = tuple([f"leaf {n}".encode() for n in range(11)] + [entry(n, c) for n, c in enumerate(CHANGES)])
HASHES = tuple(merkle.leaf_hash(leaf) for leaf in LEAVES)


def nodes(level: int, index: int) -> bytes:
    """Read a perfect subtree of the tree over LEAVES."""
    return merkle.root_of(HASHES[index << level : (index + 1) << level])


SEEN = Seen(EPOCH, 5, merkle.root_of(HASHES[:5]).hex())
EXPECTED = Expected(ORIGIN, DEVICE, 1, "5e" * 32, CHANGES, SEEN)
HEAD = checkpoint.sign(Checkpoint(ORIGIN, EPOCH, len(LEAVES), merkle.root_of(HASHES)), LEDGER)
RECEIPT = Receipt(
    origin=ORIGIN,
    device=DEVICE,
    seq=1,
    manifest="5e" * 32,
    first=11,
    entries=LEAVES[11:],
    range=tuple(merkle.compact_range(nodes, 11).hashes),
    checkpoint=HEAD.note,
    seen_size=5,
    from_seen=tuple(merkle.consistency_proof(nodes, 5, 11)),
    to_checkpoint=tuple(merkle.consistency_proof(nodes, 14, 14)),
)
assert receipt.verify(
    sign(LEDGER, signing.RECEIPT, lines.encode(RECEIPT.payload()), LEDGER_KID), KEYS, EXPECTED
)
PLACE_PROOF = checkpoint.proof_text(4, merkle.inclusion_proof(nodes, 4, 14), HEAD.note)
BUNDLE = tiles.bundle(LEAVES)

# -- answers --------------------------------------------------------------------------------------------


@cache
def opening() -> tuple[OpeningKey, ...]:
    """Return the server's opening keys."""
    return tuple(opening_key(kem, bytes([7]) * envelope.SEED_BYTES[kem]) for kem in ("x25519", "xwing"))


@cache
def key_list() -> dict[str, Any]:
    """Return the payload of a key list."""
    listed = [{"kid": key.kid, "kem": key.kem, "key": lines.b64u(key.public)} for key in opening()]
    return {
        "v": 1, "origin": ORIGIN, "epoch": EPOCH, "iat": 1, "exp": 2, "serial": 3, "opening": listed,
        "ledger": [lines.b64u(signing.public_raw(LEDGER))], "statements": ["a.b.c"],
        "recovery": lines.b64u(b"r" * 32), "app": "ok",
    }  # fmt: skip


def feed_page() -> dict[str, Any]:
    """Return the payload of a feed page with one record."""
    item = {
        "id": an_id(1), "type": "finding", "version": 13, "life": "live", "root": an_id(2), "region": "341502",
        "created_by": an_id(3), "fields": {"amount_fen": 7, "stage": "draft"},
        "digests": {"facts": "0" * 64, "persons": ["1" * 64]}, "private": [private_text()],
        "members": {"persons": ["甲"]}, "entry": 13,
    }  # fmt: skip
    return {
        "v": 1, "device": DEVICE, "after": "", "cursor": "c", "more": False, "time": NOW, "epoch": EPOCH,
        "head": 13, "checkpoint": HEAD.note, "proof": [lines.b64u(HASHES[0])], "items": [item],
        "entries": {"13": LEAVES[13].decode()}, "evict": [an_id(4)],
    }  # fmt: skip


def private_text() -> str:
    """Return a private line as a feed carries it."""
    return written()[1][1][0].decode() if written()[1][1] else "{}"


def enrolled() -> dict[str, Any]:
    """Return the payload of the answer to an enrolment whose request is the text `request`."""
    return {
        "v": 1, "origin": ORIGIN, "request": lines.digest(b"request"), "device": DEVICE, "user": an_id(3),
        "epoch": EPOCH, "checkpoint": HEAD.note, "time": NOW,
    }  # fmt: skip


def enrol_request() -> dict[str, Any]:
    """Return the payload of a phone's request."""
    raw = signing.public_raw(KEY)
    return EnrolRequest(ORIGIN, "0" * 64, raw, opening()[0].public, "x25519", PIN, "fuzz-1").payload()


INVITE = Invite("http://127.0.0.1:8480", "c0de", "1" * 64, "2" * 64).text()
PROBLEM = {
    "type": "https://wardledger.example/problems/gap", "title": "t", "status": 409, "code": "gap", "detail": "d",
    "next": "n", "item": "i", "field": "f", "expected": 8,
}  # fmt: skip
CONSISTENCY = {"from": 5, "to": 14, "proof": [lines.b64u(node) for node in RECEIPT.from_seen]}
SELF = {"device": DEVICE, "user": an_id(3), "stage": "enrolled", "seq": 3, "digest": "0" * 64, "time": NOW}
CURSOR = lines.b64u(f"{EPOCH}/3/{an_id(1)}".encode())

# -- what is sealed, and files -----------------------------------------------------------------------------

INFO = envelope.change_set_info(ORIGIN, DEVICE, "kid")
TEXT = b"a.b.c\n{}\n" * 20
GZIPPED = gzip.compress(TEXT, mtime=0)
FRAME_KEY, FRAME_PREFIX = bytes(range(32)), bytes(7)
CIPHERS = tuple(
    b"".join(frames.encrypt([plain], FRAME_KEY, FRAME_PREFIX)) for plain in (b"", b"plain", b"p" * 5_000)
)
