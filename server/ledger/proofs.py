"""Proofs from stored tiles, and the package by which a stranger checks one entry without this server."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from marshmallow import fields
from sqlalchemy import Connection

from schemas.wire.parts import Strict, load, whole
from server.ledger import row_proofs
from server.ledger.row_proofs import RowSchema
from server.storage import ledger_store
from server.storage.ledger_store import Ledger
from sync import checkpoint, lines, signing
from sync.checkpoint import ED25519, Checkpoint
from sync.entries import Entry, from_line
from sync.errors import BadProof, BadSignature, BadValue, Malformed, NotCanonical, NotFound
from sync.merkle import consistency_proof, inclusion_proof, leaf_hash
from sync.tiles import nodes_from

FORMAT = "wardledger/1 entry"
PACKAGE_BYTES_MAX = 1024 * 1024


def inclusion(connection: Connection, ledger: Ledger, index: int) -> str:
    """Return the tlog-proof of an entry under the present head; raises NotFound for one beyond it."""
    head = ledger_store.head(connection, ledger.id)
    if not 0 <= index < head.size:
        raise NotFound(f"the ledger has {head.size} entries, numbered from 0", field="index")
    nodes = nodes_from(ledger_store.tile_reader(connection, ledger.id))
    return checkpoint.proof_text(index, inclusion_proof(nodes, index, head.size), head.note)


def consistency(connection: Connection, ledger: Ledger, old: int, new: int) -> list[bytes]:
    """Return the proof that the tree of `old` leaves is a prefix of that of `new`; raises BadValue, NotFound."""
    if old > new:
        raise BadValue(f"no proof leads from {old} back to {new}", field="from")
    size = ledger_store.head(connection, ledger.id).size
    if new > size:
        raise NotFound(f"the ledger has {size} entries", field="to")
    nodes = nodes_from(ledger_store.tile_reader(connection, ledger.id))
    return consistency_proof(nodes, old, new)


def package(
    connection: Connection, ledger: Ledger, index: int, public: bytes, *, row: int | None = None
) -> dict[str, Any]:
    """Return all that a stranger needs to check one entry: its line, the change line, the proof, the key.

    public: the raw ledger key; row: of an import, the row to show too, from 1
    No private line is in it. The change line is left out where nobody could
    read it, as nobody knows whose name stands in it; the entry holds its digest all the same.
    """
    proof = inclusion(connection, ledger, index)
    line = ledger_store.entry_lines(connection, ledger.id, index, 1)[0]
    found: dict[str, Any] = {
        "format": FORMAT,
        "index": index,
        "entry": line.decode(),
        "proof": proof,
        "key": checkpoint.verifier_key(ledger_name(proof), public),
    }
    change = ledger_store.bodies_at(connection, ledger.id, [index]).get(index)
    if change:
        found["change"] = change.decode()
    if row is not None:
        found["row"] = row_proofs.row_of(connection, ledger.id, index, row)
    return found


def ledger_name(proof: str) -> str:
    """Return the name of the log, `<origin>/<epoch>`, that a tlog-proof states; nothing is verified."""
    return checkpoint.parse(proof.partition("\n\n")[2]).name


class PackageSchema(Strict):
    """The file of `wardledger ledger prove`."""

    format = fields.String(required=True)
    index = whole(required=True)
    entry = fields.String(required=True)
    change = fields.String()
    row = fields.Nested(RowSchema)
    proof = fields.String(required=True)
    key = fields.String(required=True)


PACKAGE = PackageSchema()


@dataclass(frozen=True)
class Proven:
    """An entry that stands in a signed tree; key: the verifier key that it was checked with.

    row: the change line of the import's row that was proven, where the package holds one
    """

    index: int
    entry: Entry
    head: Checkpoint
    key: str
    change_shown: bool
    row: str | None = None


def verify_package(raw: bytes, key: str | None = None) -> Proven:
    """Return what a package proves; raises Malformed, BadProof or BadSignature. Needs no server and no database.

    key: the verifier key to trust, as published by the bureau; None: the one in the package, which shows
    only that the package is of one piece
    """
    if len(raw) > PACKAGE_BYTES_MAX:
        raise Malformed(f"a proof has at most {PACKAGE_BYTES_MAX} bytes")
    try:
        read = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Malformed("the file is not JSON") from error
    body = load(PACKAGE, read)
    if body["format"] != FORMAT:
        raise Malformed(f"the file is not of the format {FORMAT}", field="format")
    trusted = (key or body["key"]).strip()
    name, public = parse_verifier_key(trusted)
    line = body["entry"].encode()
    index, head = checkpoint.verify_proof_text(body["proof"], leaf_hash(line), [public])
    if head.name != name:
        raise BadProof("the proof leads to the head of another log than the key's", field="key")
    if index != body["index"]:
        raise BadProof("the proof is for another index than the file says", field="index")
    if body["key"] != trusted:
        raise BadProof("the file names another verifier key than the one given", field="key")
    entry = from_line(line)
    change = body.get("change")
    if change is not None and lines.digest(change.encode()) != entry.change:
        raise BadProof("the change line is not the one that the entry commits to", field="change")
    row = body.get("row")
    if row is not None:
        row_proofs.check_row(row, change, entry.kind)
    return Proven(index, entry, head, trusted, change is not None, row["line"] if row else None)


def parse_verifier_key(text: str, kind: bytes = ED25519) -> tuple[str, Ed25519PublicKey]:
    """Return (name, key) of `name+hash+base64`, as sumdb/note writes it; kind: its type; raises Malformed."""
    name, _, rest = text.partition("+")
    mark, _, encoded = rest.partition("+")
    try:
        raw = b64decode(encoded, validate=True)
        public = signing.public_key(raw[1:])
    except (binascii.Error, ValueError, BadSignature, NotCanonical) as error:
        raise Malformed("not a verifier key: name+hash+base64", field="key") from error
    if raw[:1] != kind or not name or checkpoint.key_hash(name, raw[1:], kind).hex() != mark:
        raise Malformed("the verifier key does not fit its own hash", field="key")
    return name, public
