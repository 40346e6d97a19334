"""What the server answers, read by the phone: strict in what proves, open to members of a later version."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from schemas.wire import enrol, feed, keys, problem
from sync import envelope, lines, signing
from sync.errors import BadProof, BadSignature, Malformed, PinMismatch, Refusal, SequenceGap

KEY = Ed25519PrivateKey.generate()
RAW = signing.public_raw(KEY)
PIN = signing.key_digest(RAW)
DEVICE = "01a1ee56-5e00-7dfb-ac2b-1cd87efce8e1"
OTHER = "01a1ee56-5e00-7dfb-ac2b-1cd87efce8e2"
ORIGIN = "ledger.example/luan"
EPOCH = "ab" * 16


def signed(typ: str, body: dict[str, Any], key: Ed25519PrivateKey = KEY) -> str:
    return signing.sign(key, typ, body, kid=signing.key_id(signing.public_raw(key)))


def opening(kem: str) -> dict[str, str]:
    made = envelope.opening_key(kem, os.urandom(envelope.SEED_BYTES[kem]))
    return {"kid": made.kid, "kem": kem, "key": lines.b64u(made.public)}


def key_list(**changed: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "v": 1,
        "origin": ORIGIN,
        "epoch": EPOCH,
        "iat": 1,
        "exp": 2,
        "serial": 3,
        "opening": [opening("x25519"), opening("xwing")],
        "ledger": [lines.b64u(RAW)],
        "statements": [],
        "recovery": lines.b64u(b"r" * 32),
        "app": "ok",
    }
    return usual | changed


def test_a_key_list_names_the_hybrid_key_first_wherever_it_stands() -> None:
    found = keys.read_keys(signed(signing.KEYS, key_list()), PIN)
    assert (found.origin, found.serial, found.ledger) == (ORIGIN, 3, RAW)
    assert found.opening_key().kem == "xwing"


def test_the_old_curve_serves_only_a_list_without_a_hybrid_key() -> None:
    found = keys.read_keys(signed(signing.KEYS, key_list(opening=[opening("x25519")])), PIN)
    assert found.opening_key().kem == "x25519"


def test_a_key_list_of_a_later_version_is_understood() -> None:
    later = key_list(
        lease_days=7, opening=[opening("xwing"), {"kid": "0" * 16, "kem": "mlkem1024", "key": "AAAA"}]
    )
    found = keys.read_keys(signed(signing.KEYS, later), PIN)
    assert [key.kem for key in found.opening] == ["xwing"]


def test_a_key_list_without_the_pinned_key_is_refused() -> None:
    with pytest.raises(PinMismatch):
        keys.read_keys(signed(signing.KEYS, key_list()), "0" * 64)


def test_a_key_list_signed_by_another_than_the_pinned_key_is_refused() -> None:
    with pytest.raises(BadSignature):
        keys.read_keys(signed(signing.KEYS, key_list(), Ed25519PrivateKey.generate()), PIN)


@pytest.mark.parametrize(
    "changed",
    [
        {"opening": []},
        {"opening": [{"kid": "0" * 16, "kem": "mlkem1024", "key": "AAAA"}]},
        {"opening": [opening("xwing") | {"kid": "0" * 16}]},
        {"opening": [opening("xwing") | {"kem": "x25519"}]},
        {"recovery": "AAAA"},
        {"exp": "soon"},
    ],
)
def test_a_key_list_that_does_not_fit_is_malformed(changed: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        keys.read_keys(signed(signing.KEYS, key_list(**changed)), PIN)


# -- enrolment ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["wardledger:", ""])
def test_an_invite_is_read_with_and_without_its_scheme(scheme: str) -> None:
    found = enrol.read_invite(f"{scheme}https://ledger.example:8480/#c0-de_.{'1' * 64}.{'2' * 64}\n")
    assert (found.url, found.code) == ("https://ledger.example:8480", "c0-de_")
    assert enrol.read_invite(found.text()) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://ledger.example",
        f"ftp://ledger.example#c.{'1' * 64}.{'2' * 64}",
        f"https://ledger.example#c.{'1' * 63}.{'2' * 64}",
        f"https://ledger.example#c.{'1' * 64}",
        f"https://ledger.example?x#c.{'1' * 64}.{'2' * 64}",
    ],
)
def test_a_text_that_is_no_whole_invite_is_malformed(text: str) -> None:
    with pytest.raises(Malformed):
        enrol.read_invite(text)


def request(**changed: Any) -> dict[str, Any]:
    made = enrol.EnrolRequest(ORIGIN, "1" * 64, RAW, b"k" * 32, "x25519", PIN, "mobile_stub/0.1.0")
    return made.payload() | changed


def test_a_request_is_read_back_as_it_was_made() -> None:
    found = enrol.read_enrol(signed(signing.ENROL, request()))
    assert found.payload() == request()


def test_a_request_not_signed_by_the_key_that_it_names_is_refused() -> None:
    with pytest.raises(BadSignature):
        enrol.read_enrol(signed(signing.ENROL, request(), Ed25519PrivateKey.generate()))


@pytest.mark.parametrize("changed", [{"kem": "xwing"}, {"kem": "rot13"}, {"more": 1}, {"code": "c0de"}])
def test_a_request_that_does_not_fit_is_malformed(changed: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        enrol.read_enrol(signed(signing.ENROL, request(**changed)))


def answer(**changed: Any) -> str:
    usual: dict[str, Any] = {
        "v": 1,
        "origin": ORIGIN,
        "request": lines.digest(b"request"),
        "device": DEVICE,
        "user": OTHER,
        "epoch": EPOCH,
        "checkpoint": "note",
        "time": 7,
    }
    return signed(signing.ENROLLED, usual | changed)


def test_the_answer_to_the_own_request_is_read() -> None:
    found = enrol.read_enrolled(answer(), KEY.public_key(), origin=ORIGIN, request="request")
    assert (found.device, found.user, found.time) == (DEVICE, OTHER, 7)


@pytest.mark.parametrize("changed", [{"request": "0" * 64}, {"origin": "ledger.example/other"}])
def test_the_answer_to_another_request_is_a_bad_proof(changed: dict[str, Any]) -> None:
    with pytest.raises(BadProof):
        enrol.read_enrolled(answer(**changed), KEY.public_key(), origin=ORIGIN, request="request")


# -- the feed ------------------------------------------------------------------------------------------


def item(**changed: Any) -> dict[str, Any]:
    usual: dict[str, Any] = {
        "id": OTHER,
        "type": "finding",
        "version": 5,
        "life": "live",
        "root": OTHER,
        "region": "341502",
        "fields": {"amount_fen": 1},
        "digests": {},
        "private": [],
        "entry": 5,
        "created_by": DEVICE,
    }
    return usual | changed


def page(**changed: Any) -> str:
    usual: dict[str, Any] = {
        "v": 1,
        "device": DEVICE,
        "after": "",
        "cursor": "6",
        "more": False,
        "time": 7,
        "epoch": EPOCH,
        "head": 6,
        "checkpoint": "note",
        "proof": [lines.b64u(b"n" * 32)],
        "items": [item()],
        "entries": {"5": "{}"},
        "evict": [DEVICE],
    }
    return signed(signing.FEED, usual | changed)


def read(jws: str) -> feed.FeedPage:
    return feed.read_feed(jws, KEY.public_key(), device=DEVICE, after="")


def test_a_page_is_read_whole() -> None:
    found = read(page())
    assert (found.cursor, found.head, found.evict) == ("6", 6, (DEVICE,))
    assert found.entries == {5: b"{}"}
    assert found.items[0].fields == {"amount_fen": 1}
    assert found.items[0].entry == 5


def test_a_page_of_a_later_version_is_understood() -> None:
    assert read(page(weather="fine", items=[item(mood="good")])).items[0].id == OTHER


def test_a_conflict_has_no_entry() -> None:
    body = item(type="conflict")
    del body["entry"]
    assert read(page(items=[body])).items[0].entry is None


@pytest.mark.parametrize("changed", [{"device": OTHER}, {"after": "5"}])
def test_a_page_for_another_request_is_a_bad_proof(changed: dict[str, Any]) -> None:
    with pytest.raises(BadProof):
        read(page(**changed))


@pytest.mark.parametrize(
    "changed",
    [
        {"items": [item(version="five")]},
        {"items": [item(life="undead")]},
        {"items": [item(id="x")]},
        {"proof": ["AAAA"]},
        {"more": "no"},
        {"cursor": ""},
        {"checkpoint": "n" * 9_000},
    ],
)
def test_a_page_that_does_not_fit_is_malformed(changed: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        read(page(**changed))


def test_a_consistency_proof_is_for_the_sizes_that_were_asked_for() -> None:
    body = {"from": 2, "to": 5, "proof": [lines.b64u(b"n" * 32)]}
    assert feed.read_consistency(body, old=2, new=5) == [b"n" * 32]
    with pytest.raises(BadProof):
        feed.read_consistency(body, old=2, new=6)
    with pytest.raises(Malformed):
        feed.read_consistency({"from": 2, "to": 5, "proof": ["x"]}, old=2, new=5)


def test_the_own_chain_is_read_also_before_the_first_set() -> None:
    assert feed.read_self({"stage": "enrolled", "seq": 0, "digest": None}) == feed.ChainHead(
        "enrolled", 0, None
    )
    with pytest.raises(Malformed):
        feed.read_self({"stage": "enrolled", "seq": -1})


# -- problems --------------------------------------------------------------------------------------------


def test_a_problem_becomes_the_refusal_of_its_code_with_its_facts() -> None:
    body = {
        "type": "about:blank",
        "title": "gap",
        "status": 409,
        "code": "gap",
        "detail": "why",
        "expected": 8,
    }
    found = problem.read_problem(json.dumps(body).encode())
    assert isinstance(found.refusal, SequenceGap)
    assert (found.refusal.detail, found.refusal.facts, found.next) == (
        "why",
        {"expected": 8},
        SequenceGap.next,
    )


def test_a_problem_of_a_later_version_is_a_plain_refusal_that_says_what_to_do() -> None:
    body = {"status": 422, "code": "moon_phase", "next": "Wait.", "self": 1, "no-name": 2, "detail": None}
    found = problem.read_problem(json.dumps(body).encode())
    assert type(found.refusal) is Refusal
    assert (found.code, found.next) == ("moon_phase", "Wait.")


@pytest.mark.parametrize(
    "content", [b"", b"[]", b"{}", b'{"code":"gap"}', b"x" * 70_000, b'{"status":99,"code":"gap"}']
)
def test_what_is_no_problem_is_malformed(content: bytes) -> None:
    with pytest.raises(Malformed):
        problem.read_problem(content)
