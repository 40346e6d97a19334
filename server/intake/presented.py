"""Checkpoints that phones present: what the ledger key signed and this ledger does not hold stops it."""

from __future__ import annotations

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from flask import request
from sqlalchemy import Connection

from server.keys.history import LEDGER
from server.keys.served import known_keys
from server.storage import epoch_store, ledger_store
from server.storage.ledger_store import Head
from server.wiring import Services
from sync import checkpoint, signing
from sync.checkpoint import NOTE_BYTES_MAX, Checkpoint
from sync.epochs import EpochChanged
from sync.errors import BadSignature, LedgerBehind, Refusal
from sync.merkle import compact_range
from sync.tiles import nodes_from

HEADER = "Wardledger-Checkpoint"


def check(services: Services) -> None:
    """Return unless this request presents a checkpoint by which the ledger is behind, or is of an earlier epoch.

    Raises LedgerBehind, after which nothing is signed any more until the ledger was recovered, and EpochChanged.
    What the ledger key did not sign proves nothing and is passed over.
    """
    said = _presented(services)
    if said is None:
        return
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id)
        if said.note == head.note or _holds(connection, services, head, said):
            return
    services.signer.hear(said)
    raise LedgerBehind(
        f"a checkpoint of {said.size} entries was shown; the ledger does not hold it", size=head.size
    )


def _presented(services: Services) -> Checkpoint | None:
    text = request.headers.get(HEADER, "")
    if not text or len(text) > 2 * NOTE_BYTES_MAX:
        return None
    try:
        note = base64.b64decode(text, validate=True).decode()
        said = verified(services, note)
    except (binascii.Error, UnicodeDecodeError, Refusal):
        return None
    return said if said.origin == services.ledger.origin else None


def verified(services: Services, note: str) -> Checkpoint:
    """Return the head that a note states, by the present ledger key or an earlier one that nobody else had."""
    try:
        return checkpoint.verify(note, services.keyring.verifiers())
    except BadSignature:
        return checkpoint.verify(note, earlier_keys(services))


def earlier_keys(services: Services) -> list[Ed25519PublicKey]:
    """Return every ledger key that was not compromised, the present one too."""
    known = known_keys(services)
    sound = [key for key in known.of(LEDGER) if key.digest not in known.compromised]
    return [signing.public_key(key.public) for key in sound]


def _holds(connection: Connection, services: Services, head: Head, said: Checkpoint) -> bool:
    """Return whether the checkpoint is one of this ledger's; raises EpochChanged for one of an earlier epoch."""
    limit: int | None = head.size
    if said.epoch != head.epoch:
        limit = epoch_store.epochs(connection, services.ledger.id).fork(said.epoch, head.epoch)
        if limit is None:
            return False
    if said.size <= (limit or 0):
        nodes = nodes_from(ledger_store.tile_reader(connection, services.ledger.id))
        if compact_range(nodes, said.size).root() != said.root:
            return False
    elif said.epoch == head.epoch:
        return False
    if said.epoch != head.epoch:
        raise EpochChanged(epoch=head.epoch)
    return True
