"""Signatures: compact JWS (RFC 7515) by Ed25519 with a fixed `typ`, and a device's request proof.

Deliberately strict: the header is exactly alg, kid, typ in canonical form; any other is refused,
so no algorithm can be negotiated and one payload has one encoding.
"""

from __future__ import annotations

from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync import lines
from sync.errors import BadSignature, NotCanonical, ProofExpired, TooLarge

MANIFEST, PROOF, ENROL = "wl-manifest", "wl-proof", "wl-enrol"
RECEIPT, KEYS, FEED, STATEMENT = "wl-receipt", "wl-keys", "wl-feed", "wl-statement"
ENROLLED = "wl-enrolled"
TOKEN_BYTES_MAX = 32 * 1024 * 1024
PROOF_SECONDS_MAX = 300


def public_raw(key: Ed25519PrivateKey | Ed25519PublicKey) -> bytes:
    """Return the 32 raw bytes of the public key."""
    return (key.public_key() if isinstance(key, Ed25519PrivateKey) else key).public_bytes_raw()


def public_key(raw: bytes) -> Ed25519PublicKey:
    """Return the key of 32 raw bytes; raises BadSignature for any other length."""
    if len(raw) != 32:
        raise BadSignature("an Ed25519 key has 32 bytes")
    return Ed25519PublicKey.from_public_bytes(raw)


def key_digest(raw: bytes) -> str:
    """Return SHA-256 of a raw public key in hex: what a phone pins."""
    return lines.digest(raw)


def key_id(raw: bytes) -> str:
    """Return the `kid` of a key: the first 16 hex digits of its digest."""
    return key_digest(raw)[:16]


def sign(key: Ed25519PrivateKey, typ: str, payload: dict[str, Any], *, kid: str) -> str:
    """Return the compact JWS of a canonical payload."""
    header = lines.encode({"alg": "EdDSA", "kid": kid, "typ": typ})
    signed = f"{lines.b64u(header)}.{lines.b64u(lines.encode(payload))}"
    return f"{signed}.{lines.b64u(key.sign(signed.encode('ascii')))}"


def peek(token: str, typ: str) -> tuple[str, dict[str, Any]]:
    """Return (kid, payload) of a JWS whose signature is NOT verified yet; raises BadSignature.

    For finding the key to verify with, nothing else.
    """
    parts = token.split(".")
    if len(parts) != 3 or len(token) > TOKEN_BYTES_MAX or not token.isascii():
        raise BadSignature("not a compact JWS")
    try:
        header = lines.decode(lines.unb64u(parts[0]), bytes_max=1024)
        payload = lines.decode(lines.unb64u(parts[1]), bytes_max=TOKEN_BYTES_MAX)
    except (NotCanonical, TooLarge) as error:
        raise BadSignature("the JWS is not canonical") from error
    kid = header.get("kid")
    if header != {"alg": "EdDSA", "kid": kid, "typ": typ} or type(kid) is not str:
        raise BadSignature(f"the JWS is not of type {typ}")
    return kid, payload


def verify(token: str, typ: str, key: Ed25519PublicKey) -> dict[str, Any]:
    """Return the payload if the JWS is of `typ` and signed by `key`; raises BadSignature."""
    _, payload = peek(token, typ)
    signed, _, signature = token.rpartition(".")
    try:
        key.verify(lines.unb64u(signature, length=64), signed.encode("ascii"))
    except (InvalidSignature, NotCanonical) as error:
        raise BadSignature(f"the signature of the {typ} does not verify") from error
    return payload


def request_proof(key: Ed25519PrivateKey, *, device: str, method: str, url: str, now_ms: int) -> str:
    """Return the bearer token by which a device signs one request (the shape of RFC 9449)."""
    payload = {"htm": method, "htu": url, "iat": now_ms // 1000}
    return sign(key, PROOF, payload, kid=device)


def check_proof(token: str, key: Ed25519PublicKey, *, method: str, url: str, now_ms: int) -> None:
    """Return if the proof is by `key`, for this method and address and at most five minutes off."""
    payload = verify(token, PROOF, key)
    iat = payload.get("iat")
    fits = payload.get("htm") == method and payload.get("htu") == url
    if not fits or type(iat) is not int:
        raise BadSignature("the proof is for another request")
    if abs(now_ms // 1000 - iat) > PROOF_SECONDS_MAX:
        raise ProofExpired(server_time=now_ms)
