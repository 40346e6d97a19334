"""Ids: UUIDv7 (RFC 9562 section 5.7) from a given time and given randomness, UUIDv8 from what is named."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Callable


def uuid7(now_ms: int, random: Callable[[int], bytes]) -> str:
    """Return the id for a time in Unix ms, with 74 bits of `random`; ids sort by their time."""
    value = (now_ms & (1 << 48) - 1) << 80 | int.from_bytes(random(10), "big")
    value &= ~(0xF << 76) & ~(0x3 << 62)
    return str(uuid.UUID(int=value | 7 << 76 | 2 << 62))


def conflict_id(record: str, name: str) -> str:
    """Return the id of the one conflict record of a field; see named_id."""
    return named_id("wardledger/1 conflict", record, name)


def named_id(info: str, first: str, second: str) -> str:
    """Return the id of the one thing that two names stand for: UUIDv8 of a digest (RFC 9562 section 5.8).

    info: what sort of thing, so that no two sorts share an id
    """
    seed = bytearray(hashlib.sha256(f"{info}\n{first}\n{second}".encode()).digest()[:16])
    seed[6] = seed[6] & 0x0F | 0x80
    seed[8] = seed[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(seed)))
