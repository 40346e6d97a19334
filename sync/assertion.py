"""What a passkey signs when its owner decides: the digest of a text that names every change of the decision.

Change lines are salted and named by their digests, so the text tells nothing and stays checkable after an erasure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

from sync import lines

DOMAIN = b"wardledger decision v1\n"
"""What keeps a signature over a decision from meaning anything else, and anything else from meaning a decision."""


def text(
    *, origin: str, user: str, asked_at: int, changes: Sequence[str], about: Sequence[tuple[int, str]]
) -> bytes:
    """Return the canonical text of a decision.

    origin: the ledger; asked_at: Unix ms; changes: the digests of its change lines, in order
    about: (version, leaf hash in hex of the entry that made it) of what each decision among them is about
    """
    body: dict[str, Any] = {
        "ledger": origin,
        "user": user,
        "asked_at": asked_at,
        "changes": list(changes),
        "about": [[version, leaf] for version, leaf in about],
    }
    return DOMAIN + lines.encode(body)


def challenge(said: bytes) -> bytes:
    """Return the challenge that an authenticator signs for a text."""
    return hashlib.sha256(said).digest()
