"""UUIDv7 (RFC 9562 section 5.7) from a given time and given randomness."""

from __future__ import annotations

import uuid
from collections.abc import Callable


def uuid7(now_ms: int, random: Callable[[int], bytes]) -> str:
    """Return the id for a time in Unix ms, with 74 bits of `random`; ids sort by their time."""
    value = (now_ms & (1 << 48) - 1) << 80 | int.from_bytes(random(10), "big")
    value &= ~(0xF << 76) & ~(0x3 << 62)
    return str(uuid.UUID(int=value | 7 << 76 | 2 << 62))
