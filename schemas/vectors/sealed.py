"""Envelopes to open, gzip members, and the frames of files.

Sealing draws its own randomness, so an envelope is kept from the last writing as long as it opens to its text;
all else here is computed anew every time.
"""

from __future__ import annotations

import base64
import hashlib
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.vectors.fixed import (
    ORIGIN,
    X25519,
    XWING,
    code_of,
    flipped,
    grown,
    identity,
    key_seed,
    receiving_key,
    seed,
)
from schemas.vectors.telling import Case
from sync import envelope, frames
from sync.errors import FileCorrupt, Refusal

TEXT = "第一行\n第二行\n".encode()
DEVICE = identity("device of the envelope")
GZIP_HEAD = bytes([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 255])
SMALL = 64


def b64(raw: bytes) -> str:
    """Return standard base64."""
    return base64.b64encode(raw).decode()


# -- envelopes -----------------------------------------------------------------------------------------------


def make_envelopes(kept: Sequence[Case]) -> list[Case]:
    """Return envelopes under both KEMs, for change-sets and for feed pages, and what spoils them.

    kept: the cases of the last writing, whose envelopes stay as long as they open
    """
    known = {case["name"]: case for case in kept}
    cases: list[Case] = []
    for kem in (XWING, X25519):
        key = receiving_key("envelope", kem)
        infos = {
            "a change-set": envelope.change_set_info(ORIGIN, DEVICE, key.kid),
            "a feed page": envelope.feed_info(ORIGIN, DEVICE),
        }
        for what, info in infos.items():
            name = f"{what} under {kem}"
            sealed = _kept(known.get(name), kem, info) or envelope.seal(
                TEXT, kem=kem, public=key.public, info=info
            )
            cases.append(_envelope(name, kem, info, sealed))
            if what == "a change-set":
                cases.extend(_spoilt(kem, info, sealed))
    return cases


def _kept(case: Case | None, kem: str, info: bytes) -> bytes | None:
    """Return the envelope of the last writing if it is still good for this key and info."""
    if case is None or case.get("seed") != key_seed("envelope").hex() or case.get("info") != info.decode():
        return None
    sealed = base64.b64decode(case["sealed"])
    try:
        found = envelope.open_(sealed, key=receiving_key("envelope", kem), info=info)
    except Refusal:
        return None
    return sealed if found == TEXT else None


def _spoilt(kem: str, info: bytes, sealed: bytes) -> list[Case]:
    given = {
        "a bit of the ciphertext flipped": (info, flipped(sealed), "envelope"),
        "a bit of the encapsulation flipped": (info, flipped(sealed, 0), "envelope"),
        "a byte short": (info, sealed[:-1], "envelope"),
        "nothing": (info, b"", "envelope"),
        "sealed to somebody else": (info, sealed, "another"),
        "sealed for another device": (
            info.replace(DEVICE.encode(), identity("x").encode()),
            sealed,
            "envelope",
        ),
        "sealed for another ledger": (info.replace(b"luan", b"xuan"), sealed, "envelope"),
        "sealed for another purpose": (envelope.feed_info(ORIGIN, DEVICE), sealed, "envelope"),
    }
    return [_envelope(f"{name}, {kem}", kem, *one) for name, one in given.items()]


def _envelope(name: str, kem: str, info: bytes, sealed: bytes, label: str = "envelope") -> Case:
    key = grown(kem, key_seed(label))
    code = code_of(envelope.open_, sealed, key=key, info=info)
    told: Case = {"kem": kem, "seed": key_seed(label).hex(), "public": key.public.hex(), "kid": key.kid}
    told |= {"info": info.decode(), "sealed": b64(sealed)}
    return {"name": name, **told, "code": code, "text": None if code else TEXT.decode()}


# -- gzip ------------------------------------------------------------------------------------------------------


def member(raw: bytes, *, times: int = 1) -> bytes:
    """Return one gzip member of `raw` repeated, in stored blocks, so that no packer's taste is in it."""
    whole = raw * times
    pieces = [whole[at : at + 0xFFFF] for at in range(0, len(whole), 0xFFFF)] or [b""]
    blocks = b"".join(
        struct.pack("<BHH", n == len(pieces) - 1, len(piece), 0xFFFF - len(piece)) + piece
        for n, piece in enumerate(pieces)
    )
    return GZIP_HEAD + blocks + struct.pack("<II", zlib.crc32(whole), len(whole))


FIXED_HUFFMAN = bytes.fromhex("1f8b08000000000002ff4b4c4a0600c241243503000000")
"""`abc` in a block with the fixed codes of RFC 1951."""


def make_members() -> list[Case]:
    """Return gzip members with a limit: the text of each, or the code with which it is refused."""
    good = member(TEXT)
    given: Mapping[str, tuple[bytes, int]] = {
        "a member": (good, SMALL),
        "a member in fixed codes": (FIXED_HUFFMAN, SMALL),
        "an empty member": (member(b""), SMALL),
        "at the limit": (member(b"x", times=SMALL), SMALL),
        "a byte over the limit": (member(b"x", times=SMALL + 1), SMALL),
        "two members": (good + member(TEXT), SMALL),
        "a byte behind": (good + b"\0", SMALL),
        "a byte short": (good[:-1], SMALL),
        "its trailer missing": (good[:-8], SMALL),
        "another checksum": (good[:-8] + flipped(good[-8:], 0), SMALL),
        "another size": (flipped(good), SMALL),
        "no member": (TEXT, SMALL),
        "nothing": (b"", SMALL),
    }
    cases = []
    for name, (packed, limit) in given.items():
        code = code_of(envelope.inflate, packed, limit)
        text = None if code else envelope.inflate(packed, limit).decode()
        cases.append({"name": name, "packed": b64(packed), "limit": limit, "code": code, "text": text})
    return cases


# -- frames ------------------------------------------------------------------------------------------------------


def plain(size: int) -> bytes:
    """Return a file of some size: the bytes 0, 1, ... 250 over and over."""
    return (bytes(range(251)) * (size // 251 + 1))[:size]


def make_frames() -> list[Case]:
    """Return files by their size with the digest of each cipher; short ciphers whole, and what spoils them."""
    key, prefix = seed("file key"), seed("file prefix", frames.PREFIX_BYTES)
    cases: list[Case] = []
    for size in (0, 1, 251, frames.FRAME_BYTES, frames.FRAME_BYTES + 1):
        cipher = b"".join(frames.encrypt([plain(size)], key, prefix))
        told: Case = {"plain_size": size, "plain_digest": hashlib.sha256(plain(size)).hexdigest()}
        told |= {"cipher_size": len(cipher), "cipher_digest": hashlib.sha256(cipher).hexdigest()}
        if size < frames.FRAME_BYTES:
            told["cipher"] = b64(cipher)
        cases.append(
            {"name": f"{size} bytes", "key": key.hex(), "prefix": prefix.hex(), **told, "code": None}
        )
    good = b"".join(frames.encrypt([plain(251)], key, prefix))
    spoilt = {
        "a bit flipped": (good[:20] + flipped(good[20:], 0), key),
        "its last byte cut": (good[:-1], key),
        "another key": (good, seed("another file key")),
        "another prefix": (flipped(good, 0), key),
        "a frame that is not the last at its end": (prefix + _frame(key, prefix, 0, last=False), key),
        "a frame too many": (good + _frame(key, prefix, 1, last=True), key),
        "frames that begin at one": (prefix + _frame(key, prefix, 1, last=True), key),
        "shorter than its prefix": (prefix[:-1], key),
        "no frame": (prefix, key),
    }
    for name, (cipher, secret) in spoilt.items():
        told = {"key": secret.hex(), "cipher": b64(cipher), "code": code_of(_opened, [cipher], secret)}
        assert told["code"] == FileCorrupt.code, name
        cases.append({"name": name, **told})
    return cases


def _frame(key: bytes, prefix: bytes, counter: int, *, last: bool) -> bytes:
    """Return one frame of three bytes."""
    nonce = prefix + struct.pack(">IB", counter, last)
    return AESGCM(key).encrypt(nonce, b"abc", None)


def _opened(cipher: Iterable[bytes], key: bytes) -> bytes:
    return b"".join(frames.decrypt(cipher, key))
