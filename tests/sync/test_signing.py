"""Signatures, with another library as the judge of what a JWS is."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.jwk import OKPKey
from joserfc.jws import JWSRegistry

from sync import lines, signing
from sync.errors import BadSignature, ProofExpired

KEY, OTHER = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2))
KID = signing.key_id(signing.public_raw(KEY))
PAYLOAD = {"device": "d1", "seq": 1, "words": "床位"}
TOKEN = signing.sign(KEY, signing.MANIFEST, PAYLOAD, kid=KID)
# RFC 9864 renames the algorithm; the protocol keeps the name that RFC 8037 gave it.
old_name = pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
REGISTRY = JWSRegistry(algorithms=["EdDSA", "Ed25519", "none", "HS256"])


def oracle_key(key: Ed25519PrivateKey) -> OKPKey:
    """Return the key as joserfc holds it."""
    x, d = lines.b64u(signing.public_raw(key)), lines.b64u(key.private_bytes_raw())
    return OKPKey.import_key({"kty": "OKP", "crv": "Ed25519", "x": x, "d": d})


def signed(header: bytes, payload: bytes = lines.encode(PAYLOAD), key: Ed25519PrivateKey = KEY) -> str:
    """Return a token over any header bytes, properly signed."""
    text = f"{lines.b64u(header)}.{lines.b64u(payload)}"
    return f"{text}.{lines.b64u(key.sign(text.encode()))}"


def test_what_is_signed_verifies_and_gives_the_payload_back() -> None:
    assert signing.verify(TOKEN, signing.MANIFEST, KEY.public_key()) == PAYLOAD
    assert signing.peek(TOKEN, signing.MANIFEST) == (KID, PAYLOAD)


@old_name
def test_another_library_verifies_our_signature() -> None:
    found = jws.deserialize_compact(TOKEN, oracle_key(KEY), registry=REGISTRY)
    assert json.loads(found.payload) == PAYLOAD
    assert found.headers() == {"alg": "EdDSA", "kid": KID, "typ": "wl-manifest"}


@old_name
def test_another_library_refuses_our_signature_under_another_key() -> None:
    with pytest.raises(Exception, match="bad_signature"):
        jws.deserialize_compact(TOKEN, oracle_key(OTHER), registry=REGISTRY)


@old_name
def test_a_signature_by_another_library_verifies() -> None:
    header = {"alg": "EdDSA", "kid": KID, "typ": "wl-manifest"}
    token = jws.serialize_compact(header, lines.encode(PAYLOAD), oracle_key(KEY), registry=REGISTRY)
    assert token == TOKEN
    assert signing.verify(token, signing.MANIFEST, KEY.public_key()) == PAYLOAD


def test_a_signature_by_another_key_is_refused() -> None:
    with pytest.raises(BadSignature):
        signing.verify(TOKEN, signing.MANIFEST, OTHER.public_key())


@pytest.mark.parametrize(
    "typ",
    [
        signing.PROOF,
        signing.ENROL,
        signing.RECEIPT,
        signing.KEYS,
        signing.FEED,
        signing.STATEMENT,
        signing.ENROLLED,
    ],
)
def test_one_kind_of_signature_never_stands_for_another(typ: str) -> None:
    with pytest.raises(BadSignature):
        signing.verify(TOKEN, typ, KEY.public_key())


@pytest.mark.parametrize(
    "header",
    [
        {"alg": "none", "kid": KID, "typ": "wl-manifest"},
        {"alg": "HS256", "kid": KID, "typ": "wl-manifest"},
        {"alg": "Ed25519", "kid": KID, "typ": "wl-manifest"},
        {"alg": "EdDSA", "typ": "wl-manifest"},
        {"alg": "EdDSA", "kid": KID},
        {"alg": "EdDSA", "kid": 7, "typ": "wl-manifest"},
        {"alg": "EdDSA", "kid": KID, "typ": "wl-manifest", "crit": ["exp"]},
        {"alg": "EdDSA", "kid": KID, "typ": "wl-manifest", "jwk": {}},
        {"alg": "EdDSA", "kid": KID, "typ": "WL-Manifest"},
        {},
    ],
)
def test_any_other_header_is_refused_although_the_signature_is_good(header: dict[str, Any]) -> None:
    with pytest.raises(BadSignature):
        signing.verify(signed(lines.encode(header)), signing.MANIFEST, KEY.public_key())


@pytest.mark.parametrize(
    ("header", "payload"),
    [
        (b'{"alg":"EdDSA", "kid":"%s","typ":"wl-manifest"}' % KID.encode(), b'{"a":1}'),
        (b'{"kid":"%s","alg":"EdDSA","typ":"wl-manifest"}' % KID.encode(), b'{"a":1}'),
        (b'{"alg":"none","alg":"EdDSA","kid":"%s","typ":"wl-manifest"}' % KID.encode(), b'{"a":1}'),
        (b'{"alg":"EdDSA","kid":"%s","typ":"wl-manifest"}' % KID.encode(), b'{"b":1,"a":1}'),
        (b'{"alg":"EdDSA","kid":"%s","typ":"wl-manifest"}' % KID.encode(), b'{"a":1.0}'),
        (b'{"alg":"EdDSA","kid":"%s","typ":"wl-manifest"}' % KID.encode(), b"[]"),
        (b'{"alg":"EdDSA","kid":"%s","typ":"wl-manifest"}' % (b"k" * 2000), b'{"a":1}'),
    ],
)
def test_a_header_or_payload_in_another_spelling_is_refused(header: bytes, payload: bytes) -> None:
    with pytest.raises(BadSignature):
        signing.verify(signed(header, payload), signing.MANIFEST, KEY.public_key())


def test_an_unsigned_token_is_refused() -> None:
    header = lines.b64u(lines.encode({"alg": "none", "kid": KID, "typ": "wl-manifest"}))
    for token in (f"{header}.{TOKEN.split('.')[1]}.", TOKEN.rpartition(".")[0] + "."):
        with pytest.raises(BadSignature):
            signing.verify(token, signing.MANIFEST, KEY.public_key())


def test_every_character_of_a_token_matters() -> None:
    for place, letter in enumerate(TOKEN):
        other = "A" if letter != "A" else "B"
        for changed in (TOKEN[:place] + other + TOKEN[place + 1 :], TOKEN[:place] + TOKEN[place + 1 :]):
            with pytest.raises(BadSignature):
                signing.verify(changed, signing.MANIFEST, KEY.public_key())


@pytest.mark.parametrize(
    "token", ["", ".", "..", "a.b", TOKEN + ".x", TOKEN + "=", TOKEN + "\n", "ä.ä.ä", " " + TOKEN]
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(BadSignature):
        signing.verify(token, signing.MANIFEST, KEY.public_key())


@pytest.mark.parametrize("token", [TOKEN.rpartition(".")[0], f"{TOKEN}.x", TOKEN.split(".")[0], f"{TOKEN}."])
def test_a_token_of_two_or_four_parts_is_not_even_looked_into(token: str) -> None:
    with pytest.raises(BadSignature):
        signing.peek(token, signing.MANIFEST)


def test_a_token_may_be_as_long_as_the_limit_and_no_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signing, "TOKEN_BYTES_MAX", len(TOKEN))
    assert signing.peek(TOKEN, signing.MANIFEST) == (KID, PAYLOAD)
    monkeypatch.setattr(signing, "TOKEN_BYTES_MAX", len(TOKEN) - 1)
    with pytest.raises(BadSignature):
        signing.peek(TOKEN, signing.MANIFEST)


def test_a_payload_may_be_longer_than_a_line_and_a_header_no_longer_than_a_kibibyte() -> None:
    long = {"words": "x" * 70_000}
    assert signing.peek(signing.sign(KEY, signing.FEED, long, kid=KID), signing.FEED) == (KID, long)
    room = 1024 - len(lines.encode({"alg": "EdDSA", "kid": "", "typ": signing.FEED}))
    assert signing.peek(signing.sign(KEY, signing.FEED, {}, kid="k" * room), signing.FEED) == ("k" * room, {})
    with pytest.raises(BadSignature):
        signing.peek(signing.sign(KEY, signing.FEED, {}, kid="k" * (room + 1)), signing.FEED)


def test_a_key_of_the_wrong_length_is_refused() -> None:
    assert signing.public_raw(signing.public_key(signing.public_raw(KEY))) == signing.public_raw(KEY)
    with pytest.raises(BadSignature):
        signing.public_key(b"x" * 31)


def test_a_key_is_named_by_the_start_of_its_digest() -> None:
    raw = signing.public_raw(KEY)
    assert signing.key_digest(raw) == hashlib.sha256(raw).hexdigest()
    assert signing.key_id(raw) == hashlib.sha256(raw).hexdigest()[:16]


# -- a device's request proof -------------------------------------------------------------------------

URL = "https://ledger.example/v1/change-sets"
NOW = 1_800_000_000_000


def request(**more: Any) -> str:
    """Return the proof of a POST to URL at NOW, with some of its facts changed."""
    return signing.request_proof(KEY, **{"device": "d1", "method": "POST", "url": URL, "now_ms": NOW, **more})


def check(token: str, **more: Any) -> None:
    """Check a proof for a POST to URL at NOW."""
    signing.check_proof(token, KEY.public_key(), **{"method": "POST", "url": URL, "now_ms": NOW, **more})


@pytest.mark.parametrize("off_ms", [0, 300_000, 300_999, -300_000])
def test_a_proof_is_good_for_five_minutes_in_either_direction(off_ms: int) -> None:
    check(request(), now_ms=NOW + off_ms)


@pytest.mark.parametrize("off_ms", [301_000, -301_000])
def test_a_proof_beyond_five_minutes_is_expired_and_told_the_time(off_ms: int) -> None:
    with pytest.raises(ProofExpired) as stop:
        check(request(), now_ms=NOW + off_ms)
    assert stop.value.facts == {"server_time": NOW + off_ms}


@pytest.mark.parametrize("other", [{"method": "GET"}, {"url": URL + "?a=1"}, {"url": URL.upper()}])
def test_a_proof_is_for_one_method_and_address(other: dict[str, str]) -> None:
    with pytest.raises(BadSignature):
        check(request(), **other)


def test_a_proof_by_another_device_or_of_another_kind_is_refused() -> None:
    foreign = signing.request_proof(OTHER, device="d1", method="POST", url=URL, now_ms=NOW)
    unlike = signing.sign(KEY, signing.MANIFEST, {"htm": "POST", "htu": URL, "iat": NOW // 1000}, kid="d1")
    for token in (foreign, unlike):
        with pytest.raises(BadSignature):
            check(token)


@pytest.mark.parametrize("iat", [None, str(NOW // 1000), True])
def test_a_proof_without_a_time_is_refused(iat: Any) -> None:
    token = signing.sign(KEY, signing.PROOF, {"htm": "POST", "htu": URL, "iat": iat}, kid="d1")
    with pytest.raises(BadSignature):
        check(token)


@pytest.mark.parametrize("htu", [None, 5, "https://löschen.example"])
def test_a_proof_with_an_odd_address_is_refused(htu: Any) -> None:
    token = signing.sign(KEY, signing.PROOF, {"htm": "POST", "htu": htu, "iat": NOW // 1000}, kid="d1")
    with pytest.raises(BadSignature):
        check(token)
