"""The chain of ledger keys: each is introduced by a statement that the one before it signed.

A statement is a JWS of the typ wl-statement: `v`, `kind` ("ledger_key"), `origin`, `before` (SHA-256 of the
signing key, hex), `key` (the new raw key, base64url), `since` (Unix ms). Pure.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync import lines, signing
from sync.errors import BadSignature, Malformed, NotCanonical, Refusal

LEDGER_KEY = "ledger_key"
CHAIN_MAX = 64
"""Keys that a phone follows from the one it pinned; far more than a ledger ever has."""


class KeyCompromised(Refusal):
    """The ledger key that this phone pinned was compromised, or introduced the one that counts now."""

    code = "key_compromised"
    next = "Scan an invite at your own bureau's screen to pin the new key; what this phone holds stays on it."


def payload(origin: str, *, before: str, public: bytes, since: int) -> dict[str, Any]:
    """Return what a statement says. before: digest of the signing key; public: the new raw key."""
    return {
        "v": 1,
        "kind": LEDGER_KEY,
        "origin": origin,
        "before": before,
        "key": lines.b64u(public),
        "since": since,
    }


def introduce(old: Ed25519PrivateKey, origin: str, *, public: bytes, since: int) -> str:
    """Return the statement by which `old` introduces a new ledger key."""
    raw = signing.public_raw(old)
    said = payload(origin, before=signing.key_digest(raw), public=public, since=since)
    return signing.sign(old, signing.STATEMENT, said, kid=signing.key_id(raw))


def assemble(origin: str, *, before: str, public: bytes, since: int, signature: str) -> str:
    """Return the statement of which the parts are kept; nothing is verified."""
    header = lines.encode({"alg": "EdDSA", "kid": before[:16], "typ": signing.STATEMENT})
    body = lines.encode(payload(origin, before=before, public=public, since=since))
    return f"{lines.b64u(header)}.{lines.b64u(body)}.{signature}"


def follow(pinned: bytes, statements: Sequence[str], *, origin: str) -> tuple[bytes, ...]:
    """Return the raw keys that a pinned one leads to, itself first and the newest last.

    statements: oldest first; those of other kinds, and of keys before the pinned one, are passed over
    Raises BadSignature or Malformed for a statement that names a key of the chain and was not made by it.
    """
    chain = [pinned]
    for statement in statements:
        _, said = signing.peek(statement, signing.STATEMENT)
        if said.get("kind") != LEDGER_KEY or said.get("before") != signing.key_digest(chain[-1]):
            continue
        signing.verify(statement, signing.STATEMENT, signing.public_key(chain[-1]))
        following = _introduced(said, origin)
        if following in chain or len(chain) >= CHAIN_MAX:
            raise Malformed("the chain of ledger keys does not end", field="statements")
        chain.append(following)
    return tuple(chain)


def maker(token: str, typ: str, keys: Sequence[Ed25519PublicKey]) -> Ed25519PublicKey:
    """Return the key that a token names by its kid, the newest where it names none of them; nothing is verified.

    keys: at least one, oldest first
    """
    kid, _ = signing.peek(token, typ)
    return next((key for key in keys if signing.key_id(signing.public_raw(key)) == kid), keys[-1])


def refuse_compromised(chain: Sequence[bytes], compromised: Container[str]) -> None:
    """Return unless a key of the chain is one whose word is worth nothing any more; raises KeyCompromised."""
    if any(signing.key_digest(key) in compromised for key in chain):
        raise KeyCompromised


def _introduced(said: dict[str, Any], origin: str) -> bytes:
    """Return the key that a statement of this ledger introduces."""
    if said.get("v") != 1 or said.get("origin") != origin or type(said.get("since")) is not int:
        raise BadSignature("the statement is that of another ledger or version")
    try:
        return lines.unb64u(str(said.get("key")), length=32)
    except NotCanonical as error:
        raise Malformed("the statement introduces no key", field="statements") from error


__all__ = [
    "CHAIN_MAX",
    "LEDGER_KEY",
    "KeyCompromised",
    "assemble",
    "follow",
    "introduce",
    "payload",
    "refuse_compromised",
]
