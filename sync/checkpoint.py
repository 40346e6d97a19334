"""The signed head of a ledger: C2SP tlog-checkpoint as a signed note, and tlog-proof@v1.

Sources: c2sp.org/signed-note, c2sp.org/tlog-checkpoint, c2sp.org/tlog-proof. The log's origin
line, which is the note's key name too, is `<origin>/<epoch>`.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from sync.errors import BadProof, BadSignature
from sync.merkle import HASH_BYTES, verify_inclusion
from sync.signing import public_raw

ED25519 = b"\x01"
NOTE_BYTES_MAX = 8 * 1024
SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
PROOF_HEADER = "c2sp.org/tlog-proof@v1"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head: the ledger's origin, its epoch (32 hex), number of leaves, root; `note` is the signed text."""

    origin: str
    epoch: str
    size: int
    root: bytes
    note: str = ""

    @property
    def name(self) -> str:
        """The C2SP origin line, `<origin>/<epoch>`."""
        return f"{self.origin}/{self.epoch}"

    @property
    def body(self) -> str:
        """The text that is signed."""
        return f"{self.name}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def key_hash(name: str, raw: bytes, kind: bytes = ED25519) -> bytes:
    """Return the four bytes by which a note names its key; kind: the signature's type."""
    return hashlib.sha256(name.encode() + b"\n" + kind + raw).digest()[:4]


def verifier_key(name: str, raw: bytes, kind: bytes = ED25519) -> str:
    """Return the public key as Go's sumdb/note reads it: `name+hash+base64(type | key)`."""
    return f"{name}+{key_hash(name, raw, kind).hex()}+{base64.b64encode(kind + raw).decode()}"


def sign(head: Checkpoint, *keys: Ed25519PrivateKey) -> Checkpoint:
    """Return the head with its note: body, blank line, a signature line for each key in order."""
    marks = [key_hash(head.name, public_raw(key)) + key.sign(head.body.encode()) for key in keys]
    rows = "".join(f"\u2014 {head.name} {base64.b64encode(mark).decode()}\n" for mark in marks)
    note = f"{head.body}\n{rows}"
    return Checkpoint(head.origin, head.epoch, head.size, head.root, note)


def parse(note: str) -> Checkpoint:
    """Return the head that a note states, its signatures NOT verified; raises BadProof."""
    if len(note) > NOTE_BYTES_MAX or "\n\n" not in note or not note.endswith("\n"):
        raise BadProof("not a signed note")
    rows = note.split("\n\n", 1)[0].split("\n")
    if len(rows) != 3 or not SIZE.fullmatch(rows[1]):
        raise BadProof("not a checkpoint")
    origin, _, epoch = rows[0].rpartition("/")
    root = unb64(rows[2])
    if not origin or not epoch or len(root) != HASH_BYTES:
        raise BadProof("not a checkpoint")
    return Checkpoint(origin, epoch, int(rows[1]), root, note)


def unb64(text: str) -> bytes:
    """Return the bytes of standard base64; raises BadProof unless re-encoding gives `text`, as one note is one text."""
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise BadProof("not base64") from error
    if base64.b64encode(raw).decode() != text:
        raise BadProof("not base64 in its one spelling")
    return raw


def names(note: str, keys: Sequence[Ed25519PublicKey]) -> bool:
    """Return whether a signature line of the note names one of `keys`; nothing is verified. Raises BadProof."""
    head = parse(note)
    marks = {key_hash(head.name, public_raw(key)) for key in keys}
    rows = note.split("\n\n", 1)[1][:-1].split("\n")
    return any(unb64(row.rpartition(" ")[2])[:4] in marks for row in rows)


def verify(note: str, keys: Sequence[Ed25519PublicKey]) -> Checkpoint:
    """Return the head if one of `keys` signed it under the head's own name; raises BadProof, BadSignature."""
    head = parse(note)
    signed = False
    for row in note.split("\n\n", 1)[1][:-1].split("\n"):
        name, raw = signature_line(row)
        for key in keys:
            if name == head.name and raw[:4] == key_hash(name, public_raw(key)):
                if not _good(key, raw[4:], head):
                    raise BadSignature("a signature by a pinned ledger key does not verify")
                signed = True
    if not signed:
        raise BadSignature("no pinned ledger key signed this checkpoint")
    return head


def signature_line(row: str) -> tuple[str, bytes]:
    """Return (key name, key's four bytes and signature) of a signature line without its LF; raises BadProof."""
    dash, _, rest = row.partition(" ")
    name, _, text = rest.rpartition(" ")
    raw = unb64(text)
    if dash != "\u2014" or not name:
        raise BadProof("not a signature line")
    return name, raw


def _good(key: Ed25519PublicKey, signature: bytes, head: Checkpoint) -> bool:
    try:
        key.verify(signature, head.body.encode())
    except InvalidSignature:
        return False
    return True


def proof_text(index: int, path: Sequence[bytes], note: str) -> str:
    """Return a tlog-proof@v1: one entry's place, its path and the checkpoint it leads to."""
    rows = [PROOF_HEADER, f"index {index}", *(base64.b64encode(node).decode() for node in path)]
    return "\n".join(rows) + "\n\n" + note


def verify_proof_text(text: str, leaf: bytes, keys: Sequence[Ed25519PublicKey]) -> tuple[int, Checkpoint]:
    """Return (index, head) if the proof shows `leaf` under a checkpoint by one of `keys`; else raises."""
    top, _, note = text.partition("\n\n")
    rows = top.split("\n")
    if len(rows) < 2 or rows[0] != PROOF_HEADER or not re.fullmatch(r"index (0|[1-9][0-9]{0,15})", rows[1]):
        raise BadProof("not a tlog-proof")
    path = [unb64(row) for row in rows[2:]]
    head = verify(note, keys)
    index = int(rows[1][6:])
    verify_inclusion(leaf, index, head.size, path, head.root)
    return index, head
