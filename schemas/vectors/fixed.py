"""What the vectors are made of: seeds, chance that is none, names, and the forms in which bytes are written."""

from __future__ import annotations

import hashlib
import string
from collections.abc import Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sync import envelope, lines, signing
from sync.envelope import X25519, XWING, OpeningKey
from sync.errors import Refusal
from sync.ids import uuid7

ORIGIN = "ledger.example/luan"
EPOCH = "5eed" * 8
OTHER_EPOCH = "0dd5" * 8
REGION = "341502"
APP = "vectors-1"
START_MS = 1_795_000_000_000
SESSION = "vectors"
ALPHABET = string.ascii_uppercase + string.ascii_lowercase + string.digits + "+/"


def seed(label: str, count: int = 32) -> bytes:
    """Return the bytes that a label stands for; nobody's secret."""
    return hashlib.shake_256(f"wardledger vectors/1 {label}".encode()).digest(count)


class Chance:
    """Bytes that look random and are the same every time."""

    def __init__(self, label: str):
        self.label = label
        self.drawn = 0

    def __call__(self, count: int) -> bytes:
        """Return the next bytes."""
        self.drawn += 1
        return seed(f"{self.label} {self.drawn}", count)


def sign_key(label: str) -> Ed25519PrivateKey:
    """Return the signing key of a label."""
    return Ed25519PrivateKey.from_private_bytes(seed(f"sign {label}"))


def public(label: str) -> bytes:
    """Return the raw public half of a label's signing key."""
    return signing.public_raw(sign_key(label))


def key_seed(label: str) -> bytes:
    """Return the 32 bytes of a label's receiving key, whichever its KEM."""
    return seed(f"receive {label}")


def receiving_key(label: str, kem: str) -> OpeningKey:
    """Return a label's receiving key, grown from its 32 bytes."""
    return grown(kem, key_seed(label))


def grown(kem: str, key: bytes) -> OpeningKey:
    """Return the key that 32 bytes stand for: X-Wing's own short form expands by SHAKE256 to both its seeds."""
    whole = hashlib.shake_256(key).digest(envelope.SEED_BYTES[XWING]) if kem == XWING else key
    return envelope.opening_key(kem, whole)


def identity(label: str) -> str:
    """Return the id of a person, device or record of the vectors."""
    return uuid7(START_MS - 86_400_000, lambda count: seed(f"id {label}", count))


LEDGER = sign_key("ledger")
LEDGER_PUBLIC = public("ledger")
LEDGER_KID = signing.key_id(LEDGER_PUBLIC)
LEDGER_PIN = signing.key_digest(LEDGER_PUBLIC)
RECOVERY_PUBLIC = public("recovery")


def parts(token: str) -> list[str]:
    """Return a signed token as the list of its parts, as it stands in a vector."""
    return token.split(".")


def signed(typ: str, payload: dict[str, Any], label: str = "ledger", kid: str | None = None) -> str:
    """Return the JWS of a payload by a label's key."""
    key = sign_key(label)
    return signing.sign(key, typ, payload, kid=kid or signing.key_id(signing.public_raw(key)))


def nodes(hashes: Sequence[bytes]) -> list[str]:
    """Return hashes in base64url, as they travel."""
    return [lines.b64u(one) for one in hashes]


def flipped(raw: bytes, at: int = -1) -> bytes:
    """Return bytes with one bit flipped."""
    changed = bytearray(raw)
    changed[at] ^= 1
    return bytes(changed)


def loose(text: str) -> str:
    """Return base64 (of either alphabet) whose unused last bits are set: the same bytes to a careless reader."""
    body = text.rstrip("=")
    assert len(body) % 4, "this text has no unused bits"
    place = ALPHABET.index(body[-1].replace("-", "+").replace("_", "/"))
    return body[:-1] + ALPHABET[place ^ 1] + "=" * (len(text) - len(body))


def code_of(act: Any, *given: Any, **more: Any) -> str | None:
    """Return the code of the refusal with which an act ends, None where it succeeds."""
    try:
        act(*given, **more)
    except Refusal as refusal:
        return refusal.code
    return None


__all__ = [
    "APP", "EPOCH", "LEDGER", "LEDGER_KID", "LEDGER_PIN", "LEDGER_PUBLIC", "ORIGIN",
    "OTHER_EPOCH", "RECOVERY_PUBLIC", "REGION", "SESSION", "START_MS", "X25519", "XWING", "Chance",
    "code_of", "flipped", "grown", "identity", "key_seed", "loose", "nodes", "parts", "public",
    "receiving_key", "seed", "sign_key", "signed",
]  # fmt: skip
