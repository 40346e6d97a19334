"""The checksum of a scope root: whether a phone holds of it what the ledger holds, without sending it again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

MODULUS = 2**256


def scope_sum(held: Iterable[tuple[str, int]]) -> str:
    """Return the sum of some records in 64 hex digits; held: (id, version) of each, in any order.

    SHA-256 over the ASCII of `<id>|<decimal version>`, read big-endian, added modulo 2^256.
    """
    total = 0
    for key, version in held:
        total += int.from_bytes(hashlib.sha256(f"{key}|{version}".encode("ascii")).digest(), "big")
    return f"{total % MODULUS:064x}"
