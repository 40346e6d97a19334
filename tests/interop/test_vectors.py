"""The golden vectors, read by this implementation: each file whole, and none that nobody reads."""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mobile_stub import checking
from schemas.records import TYPES
from schemas.vectors.fixed import grown
from schemas.wire.change_set import read_manifest
from schemas.wire.enrol import read_enrol, read_enrolled, read_invite
from schemas.wire.feed import read_feed
from schemas.wire.keys import read_keys
from sync import capture_time, changes, checkpoint, envelope, frames, lines, merkle, receipt, signing
from sync.changes import Anchor, At, Seen
from sync.checkpoint import Checkpoint
from sync.ids import conflict_id, uuid7
from sync.merkle import CompactRange
from sync.receipt import Expected
from tests.interop.vector_files import Case, code_of, content, names

Check = Callable[[Case], None]
CHECKS: dict[str, Check] = {}


def reads(name: str) -> Callable[[Check], Check]:
    """Register the check of a file's cases."""

    def register(check: Check) -> Check:
        CHECKS[name] = check
        return check

    return register


def key(one: Case) -> Ed25519PublicKey:
    return signing.public_key(bytes.fromhex(one["key"]))


def token(one: Case, member: str = "token") -> str:
    return ".".join(one[member])


def unhashed(nodes: list[str]) -> list[bytes]:
    return [lines.unb64u(node) for node in nodes]


# -- lines and signatures --------------------------------------------------------------------------------


def raw(one: Case) -> bytes:
    if "hex" in one:
        return bytes.fromhex(one["hex"])
    text: str = one["text"] if "text" in one else one["before"] + one["fill"] * one["times"] + one["after"]
    return text.encode()


@reads("lines")
def line(one: Case) -> None:
    assert code_of(lines.decode, raw(one)) == one["code"]
    if one["code"] is None:
        assert lines.encode(lines.decode(raw(one))) == raw(one)
        assert lines.digest(raw(one)) == one["digest"]


@reads("text_frames")
def text_frame(one: Case) -> None:
    assert code_of(changes.split_text, one["text"].encode()) == one["code"]
    if one["code"] is None:
        assert [row.decode() for row in changes.split_text(one["text"].encode())[1]] == one["rows"]


@reads("encodings")
def encoding(one: Case) -> None:
    assert code_of(lines.unb64u, one["text"]) == one["code"]
    if one["code"] is None:
        assert lines.unb64u(one["text"]).hex() == one["hex"]
        assert lines.b64u(bytes.fromhex(one["hex"])) == one["text"]


@reads("signatures")
def signature(one: Case) -> None:
    assert code_of(signing.verify, token(one), one["typ"], key(one)) == one["code"]
    if one["code"] is None:
        assert signing.peek(token(one), one["typ"]) == (one["kid"], one["payload"])


@reads("request_proofs")
def request_proof(one: Case) -> None:
    about = {"method": one["method"], "url": one["url"], "now_ms": one["now_ms"]}
    assert code_of(signing.check_proof, token(one), key(one), **about) == one["code"]


@reads("manifests")
def manifest(one: Case) -> None:
    if "manifest" in one:
        signing.verify(token(one, "manifest"), signing.MANIFEST, key(one))
        assert code_of(read_manifest, token(one, "manifest")) == one["code"]
        return
    chain = [read_manifest(".".join(parts)) for parts in one["chain"]]
    for link in chain:
        signing.verify(link.jws, signing.MANIFEST, key(one))
    assert [link.digest for link in chain] == one["digests"]
    prev = [lines.ZERO_DIGEST, *one["digests"]]
    joins = [
        (link.seq, link.prev, link.device) == (n + 1, prev[n], chain[0].device)
        for n, link in enumerate(chain)
    ]
    assert (joins.index(False) + 1 if False in joins else None) == one["breaks_at"]


# -- the tree ----------------------------------------------------------------------------------------------


@reads("tree_roots")
def tree_root(one: Case) -> None:
    hashes = [bytes.fromhex(node) for node in one["range"]]
    assert code_of(CompactRange, one["size"], hashes) == one["code"]
    if one["code"] is None:
        grown_root = merkle.root_of_lines(f'{{"n":{n}}}'.encode() for n in range(one["size"]))
        assert CompactRange(one["size"], hashes).root().hex() == grown_root.hex() == one["root"]


@reads("tree_inclusion")
def inclusion(one: Case) -> None:
    leaf, root = bytes.fromhex(one["leaf"]), bytes.fromhex(one["root"])
    given = (leaf, one["index"], one["size"], unhashed(one["proof"]), root)
    assert code_of(merkle.verify_inclusion, *given) == one["code"]


@reads("tree_consistency")
def consistency(one: Case) -> None:
    old, new = bytes.fromhex(one["old_root"]), bytes.fromhex(one["new_root"])
    given = (one["old"], old, one["new"], new, unhashed(one["proof"]))
    assert code_of(merkle.verify_consistency, *given) == one["code"]


@reads("checkpoints")
def head(one: Case) -> None:
    assert code_of(checkpoint.verify, one["note"], [key(one)]) == one["code"]
    if one["code"] is None:
        found = checkpoint.verify(one["note"], [key(one)])
        stated = {"origin": found.origin, "epoch": found.epoch, "size": found.size, "root": found.root.hex()}
        assert stated == one["head"]
        assert checkpoint.verifier_key(found.name, bytes.fromhex(one["key"])) == one["verifier"]


@reads("heads")
def heard(one: Case) -> None:
    def follow() -> int:
        stated = one["known"]
        known = Checkpoint(**{**stated, "root": bytes.fromhex(stated["root"])})
        proof = unhashed(one["proof"])
        return checking.next_head(known, one["note"], [key(one)], lambda old, new: proof).size

    assert code_of(follow) == one["code"]
    assert (None if one["code"] else follow()) == one["size"]


@reads("place_proofs")
def place(one: Case) -> None:
    given = (one["proof"], merkle.leaf_hash(one["line"].encode()), [key(one)])
    assert code_of(checkpoint.verify_proof_text, *given) == one["code"]
    if one["code"] is None:
        index, found = checkpoint.verify_proof_text(*given)
        assert (index, found.size) == (one["index"], one["size"])


# -- what is sealed ----------------------------------------------------------------------------------------


@reads("gzip_members")
def member(one: Case) -> None:
    packed = base64.b64decode(one["packed"])
    assert code_of(envelope.inflate, packed, one["limit"]) == one["code"]
    if one["code"] is None:
        assert envelope.inflate(packed, one["limit"]).decode() == one["text"]


@reads("envelopes")
def sealed(one: Case) -> None:
    opening = grown(one["kem"], bytes.fromhex(one["seed"]))
    assert (opening.public.hex(), opening.kid) == (one["public"], one["kid"])
    given = {"key": opening, "info": one["info"].encode()}
    body = base64.b64decode(one["sealed"])
    assert code_of(envelope.open_, body, **given) == one["code"]
    if one["code"] is None:
        assert envelope.open_(body, **given).decode() == one["text"]


@reads("frames")
def frame(one: Case) -> None:
    secret = bytes.fromhex(one["key"])
    if one["code"] is not None:
        cipher = base64.b64decode(one["cipher"])
        assert code_of(lambda: list(frames.decrypt([cipher], secret))) == one["code"]
        return
    plain = bytes(n % 251 for n in range(one["plain_size"]))
    made = b"".join(frames.encrypt([plain], secret, bytes.fromhex(one["prefix"])))
    told = (len(made), hashlib.sha256(made).hexdigest(), hashlib.sha256(plain).hexdigest())
    assert told == (one["cipher_size"], one["cipher_digest"], one["plain_digest"])
    assert b"".join(frames.decrypt([made], secret)) == plain


# -- what phone and ledger say to each other ------------------------------------------------------------------


@reads("invites")
def invite(one: Case) -> None:
    assert code_of(read_invite, one["text"]) == one["code"]
    if one["code"] is None:
        found = read_invite(one["text"])
        held = {"url": found.url, "code": found.code, "ledger": found.ledger, "recovery": found.recovery}
        assert (held, found.code_digest) == (one["holds"], one["code_digest"])


@reads("enrol_requests")
def request(one: Case) -> None:
    assert code_of(read_enrol, token(one)) == one["code"]
    if one["code"] is None:
        found = read_enrol(token(one))
        assert (found.code, found.app) == (lines.digest(one["code_text"].encode()), one["app"])


@reads("enrol_answers")
def answer(one: Case) -> None:
    about = {"origin": one["origin"], "request": token(one, "request")}
    assert code_of(read_enrolled, token(one), key(one), **about) == one["code"]
    if one["code"] is None:
        found = read_enrolled(token(one), key(one), **about)
        assert (found.device, found.user) == (one["device"], one["user"])


@reads("key_lists")
def key_list(one: Case) -> None:
    assert code_of(read_keys, token(one), one["pin"]) == one["code"]
    if one["code"] is None:
        found = read_keys(token(one), one["pin"])
        told = (found.opening_key().kid, found.app, found.ledger.hex())
        assert told == (one["seals_to"], one["app"], one["pinned"])
        assert [raw.hex() for raw in found.chain] == one["chain"]


@reads("receipts")
def a_receipt(one: Case) -> None:
    said = one["expected"]
    seen = Seen(**said["seen"]) if said["seen"] else None
    expected = Expected(**{**said, "changes": tuple(said["changes"]), "seen": seen})
    assert code_of(receipt.verify, token(one), [key(one)], expected) == one["code"]
    if one["code"] is None:
        found = receipt.verify(token(one), [key(one)], expected)
        assert [entry.outcome["verdict"] for entry in found.entries] == one["verdicts"]
        assert found.head.size == one["size"]


@reads("feed_pages")
def page(one: Case) -> None:
    def take() -> dict[str, Case]:
        found = read_feed(token(one), key(one), device=one["device"], after=one["after"])
        stated = one["known"]
        known = Checkpoint(**{**stated, "root": bytes.fromhex(stated["root"])})
        checking.next_head(known, found.checkpoint, [key(one)], lambda old, new: found.proof)
        checking.check_cover(found)
        copies = [checking.stored_copy(item, found) for item in found.items]
        return {copy.id: copy.body["values"] for copy in copies}

    assert code_of(take) == one["code"]
    if "values" in one:
        assert take() == one["values"]


# -- what is derived -------------------------------------------------------------------------------------------


@reads("conflict_ids")
def a_conflict_id(one: Case) -> None:
    assert conflict_id(one["record"], one["field"]) == one["id"]


@reads("time_ids")
def time_id(one: Case) -> None:
    assert uuid7(one["now_ms"], lambda count: bytes.fromhex(one["chance"])) == one["id"]


@reads("capture_times")
def moment(one: Case) -> None:
    said = dict(one["at"])
    anchor = Anchor(**said.pop("anchor")) if "anchor" in said else None
    found = capture_time.interval(At(**said, anchor=anchor), one["received_ms"])
    told = {"earliest_ms": found.earliest_ms, "latest_ms": found.latest_ms, "likely_ms": found.likely_ms}
    assert {**told, "flags": list(found.flags)} == one["interval"]


JUDGED = {"verdicts", *(f"record_types/{name}" for name in TYPES)}
"""Judged anew in test_vectors_judged.py."""


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_every_case_of_a_subject_is_read_as_it_says(name: str) -> None:
    for one in content(name)["cases"]:
        try:
            CHECKS[name](one)
        except AssertionError as error:
            raise AssertionError(f"{name}: {one['name']}: {error}") from error


def test_no_vector_is_left_that_nobody_reads() -> None:
    assert set(names()) == {*CHECKS, *JUDGED}


def test_every_subject_has_what_holds_and_what_does_not() -> None:
    one_sided = {"conflict_ids", "time_ids", "capture_times", "manifests"}
    for name in CHECKS.keys() - one_sided:
        codes = {one["code"] for one in content(name)["cases"]}
        assert None in codes, f"nothing in {name} holds"
        assert len(codes) > 1, f"nothing in {name} is refused"


@pytest.mark.parametrize(
    "typ", [name for name in dir(signing) if str(getattr(signing, name)).startswith("wl-")]
)
def test_every_typ_has_its_vector(typ: str) -> None:
    held = {one["typ"] for one in content("signatures")["cases"] if one["code"] is None}
    assert getattr(signing, typ) in held


@pytest.mark.slow
def test_the_vectors_are_those_that_the_code_makes() -> None:
    from schemas.vectors.__main__ import main

    assert main(["--check"]) == 0, (
        f"run `{sys.executable} -m schemas.vectors --write` and look at what changed"
    )
