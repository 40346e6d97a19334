"""How the phone follows the ledger: its key list and its head, each verified before it is kept."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mobile_stub import checking
from mobile_stub.kit import HEAD, KEYS, REPIN, Kit
from mobile_stub.trouble import StaleKeys
from schemas.upcasts import SCHEMA_VERSION
from schemas.wire.feed import read_consistency
from schemas.wire.keys import KeyList, read_keys
from sync import checkpoint, signing
from sync.checkpoint import Checkpoint
from sync.key_chain import KeyCompromised


def fresh_keys(kit: Kit, *, again: bool = False) -> KeyList:
    """Return a key list that has not run out, fetched if need be; again: fetch in any case."""
    known = kit.keys
    if known is not None and not again and kit.transport.now_ms() <= known.exp:
        return known
    about: dict[str, str | int] = {"app": kit.identity.app, "schema": SCHEMA_VERSION}
    answer = kit.transport.get("/v1/keys", about, signed=False)
    try:
        found = read_keys(answer.jws(), kit.identity.ledger_pin)
    except KeyCompromised:
        kit.journal.put(REPIN, True)
        raise
    checking.check_keys(found, known, origin=kit.identity.origin, recovery_pin=kit.identity.recovery_pin)
    if kit.transport.now_ms() > found.exp:
        kit.transport.trust_date(answer)
    if kit.transport.now_ms() > found.exp:
        raise StaleKeys
    kit.journal.put(KEYS, found.jws)
    return found


def keys_of_token(kit: Kit, token: str, typ: str) -> list[Ed25519PublicKey]:
    """Return the ledger keys that count; where none of them made the token, the key list is asked for a newer one."""
    kid, _ = signing.peek(token, typ)
    if kid not in {signing.key_id(signing.public_raw(key)) for key in kit.ledger_keys}:
        fresh_keys(kit, again=True)
    return kit.ledger_keys


def keys_of_note(kit: Kit, note: str) -> list[Ed25519PublicKey]:
    """Return the ledger keys that count; where none of them signed the note, the key list is asked for a newer one."""
    if not checkpoint.names(note, kit.ledger_keys):
        fresh_keys(kit, again=True)
    return kit.ledger_keys


def fetched_proof(kit: Kit, old: int, new: int) -> Sequence[bytes]:
    """Return the consistency proof between two sizes, as the server has it."""
    answer = kit.transport.get("/ledger/proof", {"from": old, "to": new})
    return read_consistency(answer.json(), old=old, new=new)


def follow(kit: Kit, note: str, proof: Sequence[bytes] | None = None) -> Checkpoint:
    """Return the head to keep after a note was heard; the caller keeps it with what it belongs to.

    proof: from the head at hand to the note's, where the answer carried it; else it is fetched
    """
    known = kit.head

    def nodes(old: int, new: int) -> Sequence[bytes]:
        if proof is not None and old == known.size:
            return proof
        return fetched_proof(kit, old, new)

    return checking.next_head(known, note, keys_of_note(kit, note), nodes)


def keep_head(kit: Kit, head: Checkpoint) -> None:
    """Keep a verified head; a smaller one never takes a larger one's place."""
    if head.size > kit.head.size:
        kit.journal.put(HEAD, head.note)
