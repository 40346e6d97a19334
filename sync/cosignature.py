"""What a witness signs over another log's head, and what it is asked with.

Sources: c2sp.org/tlog-cosignature (Ed25519, `cosignature/v1`) and c2sp.org/tlog-witness (`add-checkpoint`). The
signature is over the time at which the witness knew of no larger head, and over the note's body.
"""

from __future__ import annotations

import base64
import re
import struct
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.checkpoint import NOTE_BYTES_MAX, key_hash, signature_line, unb64
from sync.errors import BadProof, BadSignature, Malformed
from sync.merkle import HASH_BYTES
from sync.signing import public_raw

COSIGNATURE = b"\x04"
"""The type of a cosignature's key, in its id and in its verifier key."""
HEADER = "cosignature/v1"
TIME_MAX = 2**63 - 1
MARK_BYTES = 4 + 8 + 64
PROOF_LINES_MAX = 63
REQUEST_BYTES_MAX = NOTE_BYTES_MAX + 4 * 1024
OLD = re.compile(r"old (0|[1-9][0-9]{0,15})")


@dataclass(frozen=True, slots=True)
class Addition:
    """A request to cosign: the size that the witness is thought to know, the proof from there, the signed note."""

    old: int
    proof: tuple[bytes, ...]
    note: str


def message(body: str, at: int) -> bytes:
    """Return the bytes that are signed; body: a note up to its empty line, the last LF included; at: Unix seconds."""
    return f"{HEADER}\ntime {at}\n{body}".encode()


def cosign(body: str, name: str, key: Ed25519PrivateKey, at: int) -> str:
    """Return the signature line of the witness `name`, without its LF."""
    mark = key_hash(name, public_raw(key), COSIGNATURE) + struct.pack(">Q", at) + key.sign(message(body, at))
    return f"\u2014 {name} {base64.b64encode(mark).decode()}"


def verify_line(line: str, body: str, name: str, key: Ed25519PublicKey) -> int:
    """Return the time (Unix seconds) that a line states; raises BadProof for no line, BadSignature for a bad one."""
    said, mark = signature_line(line)
    if said != name or mark[:4] != key_hash(name, public_raw(key), COSIGNATURE) or len(mark) != MARK_BYTES:
        raise BadSignature("the line is not by this witness")
    (at,) = struct.unpack(">Q", mark[4:12])
    if at > TIME_MAX:
        raise BadSignature("the line states no time")
    try:
        key.verify(mark[12:], message(body, at))
    except InvalidSignature as error:
        raise BadSignature("the witness's signature does not verify") from error
    return int(at)


def find(answer: str, body: str, name: str, key: Ed25519PublicKey) -> tuple[str, int]:
    """Return (line, time) of the witness among the lines of an answer; lines of others are passed over.

    Raises BadSignature where the witness's own is missing or does not verify, BadProof for what are no lines
    """
    if not answer.endswith("\n"):
        raise BadProof("the answer's last line has no LF")
    wanted = key_hash(name, public_raw(key), COSIGNATURE)
    for row in answer[:-1].split("\n"):
        said, mark = signature_line(row)
        if said == name and mark[:4] == wanted:
            return row, verify_line(row, body, name, key)
    raise BadSignature("the answer holds no line by this witness")


def body_of(note: str) -> str:
    """Return what a note's signatures are over: its text up to the empty line, the last LF included."""
    return note.split("\n\n", 1)[0] + "\n"


def write(old: int, proof: Sequence[bytes], note: str) -> bytes:
    """Return the body of a request to cosign."""
    rows = [f"old {old}", *(base64.b64encode(node).decode() for node in proof)]
    return ("\n".join(rows) + "\n\n" + note).encode()


def read(raw: bytes) -> Addition:
    """Return what a request asks for, nothing of it verified; raises Malformed."""
    if len(raw) > REQUEST_BYTES_MAX:
        raise Malformed(f"a request has at most {REQUEST_BYTES_MAX} bytes")
    try:
        top, parted, note = raw.decode().partition("\n\n")
        rows = top.split("\n")
        proof = tuple(unb64(row) for row in rows[1:])
    except (UnicodeDecodeError, BadProof) as error:
        raise Malformed("the proof's lines are base64, the note is UTF-8") from error
    old = OLD.fullmatch(rows[0])
    if not old or not parted or not note:
        raise Malformed("a request is `old <size>`, the proof's lines, an empty line and a note")
    if len(proof) > PROOF_LINES_MAX or any(len(node) != HASH_BYTES for node in proof):
        raise Malformed(f"a proof is at most {PROOF_LINES_MAX} hashes of {HASH_BYTES} bytes")
    return Addition(int(old[1]), proof, note)
