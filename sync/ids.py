"""UUIDv7 (RFC 9562 section 5.7) from a given time and given randomness."""

from __future__ import annotations

import uuid


def uuid7(now_ms: int, random: bytes) -> str:
    """Return the id for a time in Unix ms and 10 random bytes; ids sort by their time."""
    assert len(random) >= 10, "a UUIDv7 needs 10 random bytes"
    value = (now_ms & (1 << 48) - 1) << 80 | int.from_bytes(random[:10], "big")
    value &= ~(0xF << 76) & ~(0x3 << 62)
    return str(uuid.UUID(int=value | 7 << 76 | 2 << 62))
