"""The challenge of a remote round: four characters that nobody could know before the call.

They stand on a card in every picture, so no picture that shows them is older than the checkpoint root
from which they are derived. Anybody who has that root can compute them again, years later;
docs/protocol.md section 13 says how.
"""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

ALPHABET = "23456789ACDEFHJKMNPRTUWXY"
"""Of signs that look alike in handwriting, one each: no 0 O Q, 1 I L, B, G, S, V, Z."""
CHARACTERS = 4
PURPOSE = "wardledger/1 challenge"
LIKENESS = str.maketrans("0OQ1ILBGSVZ", "DDDJJJ865U2")


def challenge(root: bytes, ward_round: str, bed: str = "") -> str:
    """Return the four characters of a round, or of one bed in it.

    root: of the signed checkpoint at the call; ward_round: the round's id; bed: the in-patient's id, ""
    for the card of the whole round
    HMAC-SHA256 under the root over purpose, round and bed (each ended by LF), read as a big-endian number,
    modulo 25^4, written in four digits of base 25, the largest first.
    """
    message = f"{PURPOSE}\n{ward_round}\n{bed}\n".encode()
    number = int.from_bytes(hmac.digest(root, message, hashlib.sha256), "big")
    found = ""
    for _ in range(CHARACTERS):
        number, digit = divmod(number, len(ALPHABET))
        found = ALPHABET[digit] + found
    return found


def normal(typed: str) -> str:
    """Return what somebody typed in the challenge's own signs: capitals, half width, no blanks, no look-alikes."""
    return "".join(unicodedata.normalize("NFKC", typed).split()).upper().translate(LIKENESS)


def agrees(typed: str, expected: str) -> bool:
    """Return whether what was typed is the challenge, however it was written."""
    return normal(typed) == expected
