"""This installation as a witness: it cosigns a head of another log that extends the one it cosigned before."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from server.outside import memory, parties
from server.outside.refusals import KnownSize, NotConsistent, UntrustedLog
from server.storage import witness_store
from server.storage.witness_store import Contradiction, Witnessed
from sync import checkpoint, cosignature
from sync.checkpoint import Checkpoint
from sync.cosignature import Addition
from sync.errors import BadProof, BadSignature, Malformed, NotFound
from sync.merkle import EMPTY_ROOT, verify_consistency

if TYPE_CHECKING:
    from server.wiring import Services


def cosign(services: Services, raw: bytes) -> str:
    """Return this witness's signature line on the head that a request presents, once it was stored.

    Raises Malformed, NotFound for a log that is not witnessed here, UntrustedLog, KnownSize (with `size`, the one that
    was cosigned last) and NotConsistent. Comparing and storing is one transaction under the ledger's lock.
    """
    asked = cosignature.read(raw)
    head = _signed(services, asked)
    key = parties.own_key(services.config)
    if key is None:
        raise NotFound("this installation witnesses no log: it has no key for it")
    if asked.old > head.size:
        raise Malformed("the old size is larger than that of the checkpoint")
    ledger = services.ledger.id
    with services.database.reading() as connection:
        # Most of what anybody could send again and again ends here, without the lock.
        _known(services, connection, head.name, asked.old)
    contradicts = False
    with services.database.writing(ledger) as connection:
        known = _known(services, connection, head.name, asked.old)
        try:
            _extends(known, head, asked)
        except NotConsistent:
            contradicts = known is not None and known.size == head.size and known.root != head.root.hex()
            if not contradicts or known is None:
                raise
            witness_store.keep_contradiction(connection, ledger, _proof_of_two(services, known, head))
        else:
            new = Witnessed(head.name, head.size, head.root.hex(), head.note, services.now_ms())
            memory.remember(services.config.home, new)
            witness_store.advance(connection, ledger, new)
    if contradicts:
        raise NotConsistent("another root was cosigned at this very size; both heads are kept as the proof")
    return cosignature.cosign(
        head.body, parties.own_name(services.ledger.origin), key, services.now_ms() // 1000
    )


def _signed(services: Services, asked: Addition) -> Checkpoint:
    try:
        head = checkpoint.parse(asked.note)
    except BadProof as error:
        raise Malformed(error.detail) from error
    keys = parties.logs(services.config).get(head.name)
    if not keys:
        raise NotFound("this witness does not know the log; its operator has to add it")
    try:
        return checkpoint.verify(asked.note, keys)
    except BadSignature as error:
        raise UntrustedLog(error.detail) from error
    except BadProof as error:
        raise Malformed(error.detail) from error


def _known(services: Services, connection: Connection, log: str, old: int) -> Witnessed | None:
    """Return the head that was cosigned last, whichever remembers more: the database may have been put back."""
    both = (
        memory.recall(services.config.home, log),
        witness_store.witnessed(connection, services.ledger.id, log),
    )
    known = max((one for one in both if one is not None), key=lambda head: head.size, default=None)
    size = known.size if known else 0
    if size != old:
        raise KnownSize(f"this witness cosigned {size} entries of the log", size=size)
    return known


def _extends(known: Witnessed | None, head: Checkpoint, asked: Addition) -> None:
    before = bytes.fromhex(known.root) if known else EMPTY_ROOT
    try:
        verify_consistency(asked.old, before, head.size, head.root, asked.proof)
    except BadProof as error:
        raise NotConsistent(error.detail) from error


def _proof_of_two(services: Services, known: Witnessed, head: Checkpoint) -> Contradiction:
    digest = hashlib.sha256(head.note.encode()).hexdigest()
    return Contradiction(head.name, digest, head.note, known.note, services.now_ms())
