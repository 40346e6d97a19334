"""The sealed travel form: HPKE (RFC 9180) over one gzip member, with inflation that stops at a limit.

Suites: MLKEM768_X25519 (X-Wing) by default, DHKEM(X25519) for builds without ML-KEM; always
HKDF-SHA256 and AES-256-GCM. HPKE draws its own randomness, inside `seal` alone.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hpke
from cryptography.hazmat.primitives.asymmetric.mlkem import MLKEM768PrivateKey, MLKEM768PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from sync import lines
from sync.changes import SEALED_BYTES_MAX, TEXT_BYTES_MAX
from sync.errors import Malformed, TooLarge, Unopenable

XWING, X25519 = "xwing", "x25519"
KEMS = {XWING: hpke.KEM.MLKEM768_X25519, X25519: hpke.KEM.X25519}
PUBLIC_BYTES = {XWING: 1184 + 32, X25519: 32}
SEED_BYTES = {XWING: 64 + 32, X25519: 32}
GZIP_WINDOW = 31
WORDS = "the envelope cannot be opened with the key it names"
FEED_BYTES_MAX = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """A private HPKE key: `kem`, `kid` and the raw public key beside it."""

    kem: str
    seed: bytes
    public: bytes

    @property
    def kid(self) -> str:
        """First 16 hex digits of SHA-256(public key)."""
        return lines.digest(self.public)[:16]


def _suite(kem: str) -> hpke.Suite:
    return hpke.Suite(KEMS[kem], hpke.KDF.HKDF_SHA256, hpke.AEAD.AES_256_GCM)


def opening_key(kem: str, seed: bytes) -> OpeningKey:
    """Return the key grown from `seed` (SEED_BYTES[kem] random bytes: ML-KEM seed, then X25519 scalar)."""
    if kem not in KEMS or len(seed) != SEED_BYTES[kem]:
        raise Malformed("an opening key needs a known KEM and its whole seed")
    public = X25519PrivateKey.from_private_bytes(seed[-32:]).public_key().public_bytes_raw()
    if kem == XWING:
        public = MLKEM768PrivateKey.from_seed_bytes(seed[:64]).public_key().public_bytes_raw() + public
    return OpeningKey(kem, seed, public)


def seal(text: bytes, *, kem: str, public: bytes, info: bytes) -> bytes:
    """Return HPKE.seal(public, info, gzip(text)) as enc | ciphertext; raises Malformed for a key that is none."""
    if kem not in KEMS or len(public) != PUBLIC_BYTES[kem]:
        raise Malformed("the receiver's key does not fit its KEM")
    packer = zlib.compressobj(6, zlib.DEFLATED, GZIP_WINDOW)
    packed = packer.compress(text) + packer.flush()
    try:
        x25519 = X25519PublicKey.from_public_bytes(public[-32:])
        if kem == X25519:
            return _suite(kem).encrypt(packed, x25519, info)
        hybrid = hpke.MLKEM768X25519PublicKey(MLKEM768PublicKey.from_public_bytes(public[:-32]), x25519)
        return _suite(kem).encrypt(packed, hybrid, info)
    except ValueError as error:
        # A receiver names its own key: one of low order must not come back as our fault.
        raise Malformed("the receiver's key is not a point that can be sealed to") from error


def open_(sealed: bytes, *, key: OpeningKey, info: bytes, text_bytes_max: int = TEXT_BYTES_MAX) -> bytes:
    """Return the text; a wrong key and a damaged envelope raise Unopenable in the same words.

    Raises TooLarge as soon as inflating passes text_bytes_max; memory stays below that bound.
    """
    x25519 = X25519PrivateKey.from_private_bytes(key.seed[-32:])
    try:
        if key.kem == X25519:
            packed = _suite(key.kem).decrypt(sealed, x25519, info)
        else:
            hybrid = hpke.MLKEM768X25519PrivateKey(MLKEM768PrivateKey.from_seed_bytes(key.seed[:64]), x25519)
            packed = _suite(key.kem).decrypt(sealed, hybrid, info)
    except (InvalidTag, ValueError) as error:
        raise Unopenable(WORDS) from error
    return inflate(packed, text_bytes_max)


def inflate(packed: bytes, bytes_max: int) -> bytes:
    """Return the content of exactly one gzip member of at most bytes_max; raises Unopenable or TooLarge."""
    unpacker = zlib.decompressobj(GZIP_WINDOW)
    try:
        text = unpacker.decompress(packed, bytes_max + 1)
    except zlib.error as error:
        raise Unopenable(WORDS) from error
    if len(text) > bytes_max:
        raise TooLarge(f"the text inflates beyond {bytes_max} bytes")
    if not unpacker.eof or unpacker.unused_data:
        raise Unopenable(WORDS)
    return text


def change_set_info(origin: str, device: str, kid: str) -> bytes:
    """Return the HPKE info that binds a change-set to ledger, device and key."""
    return f"wardledger/1 change-set\n{origin}\n{device}\n{kid}".encode()


def feed_info(origin: str, device: str) -> bytes:
    """Return the HPKE info that binds a feed page to ledger and device."""
    return f"wardledger/1 feed\n{origin}\n{device}".encode()


__all__ = [
    "FEED_BYTES_MAX", "SEALED_BYTES_MAX", "X25519", "XWING", "OpeningKey", "change_set_info", "feed_info",
    "inflate", "open_", "opening_key", "seal",
]  # fmt: skip
