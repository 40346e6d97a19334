"""The key list of GET /v1/keys: what phones seal to, and the chain that leads to the key it is signed by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.keys import apps, history
from server.keys.keyring import Opening
from server.storage import epoch_store, ledger_store
from sync import checkpoint, lines, signing
from sync.envelope import XWING
from sync.errors import BadProof
from sync.merkle import compact_range
from sync.tiles import nodes_from

if TYPE_CHECKING:
    from server.wiring import Services

LIST_DAYS = 7
DAY_MS = 86_400_000


def key_list(services: Services, epoch: str, *, app: str = "", schema: int | None = None) -> str:
    """Return the key list, signed by the present ledger key; app, schema: of whoever asks, where the request says."""
    keyring, now = services.keyring, services.now_ms()
    known = known_keys(services)
    with services.database.reading() as connection:
        opened = epoch_store.statements(connection, services.ledger.id)
    payload = {
        "v": 1,
        "origin": services.ledger.origin,
        "epoch": epoch,
        "iat": now,
        "exp": now + LIST_DAYS * DAY_MS,
        "serial": known.serial,
        "opening": [_told(one) for one in offered(keyring.openings, now)],
        "ledger": [lines.b64u(key.public) for key in known.of(history.LEDGER)],
        "statements": known.statements,
        "epochs": opened,
        "compromised": sorted(known.compromised),
        "recovery": lines.b64u(keyring.recovery),
        "app": apps.word(services.config, app, schema),
    }
    return signing.sign(keyring.ledger, signing.KEYS, payload, kid=keyring.ledger_kid)


def known_keys(services: Services) -> history.History:
    """Return the keys as the ledger knows them now."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return history.read(connection, vault, services.ledger.origin)


def is_pin(services: Services, digest: str) -> bool:
    """Return whether this is a key that a phone of this ledger can have pinned, a compromised one included.

    A phone goes on naming the key it once pinned, so what was found is remembered: a ledger key never ceases to
    have been one.
    """
    if digest != services.keyring.ledger_digest and digest not in services.pins:
        services.pins |= known_keys(services).pins
    return digest == services.keyring.ledger_digest or digest in services.pins


def renewed_receipt(services: Services, receipt: str) -> str:
    """Return a receipt that counts: the one that is kept, or the same by the present key where its own was compromised.

    Its head is compared with the tree first, since what the old key signed proves nothing any more.
    """
    kid, payload = signing.peek(receipt, signing.RECEIPT)
    if kid == services.keyring.ledger_kid:
        return receipt
    if kid not in {digest[:16] for digest in known_keys(services).compromised}:
        return receipt
    head = checkpoint.parse(payload["checkpoint"])
    with services.database.reading() as connection:
        reader = ledger_store.tile_reader(connection, services.ledger.id)
        if compact_range(nodes_from(reader), head.size).root() != head.root:
            raise BadProof("the kept receipt leads to another tree than the ledger's")
    note = checkpoint.sign(head, *services.keyring.signers).note
    signed = {**payload, "checkpoint": note}
    return signing.sign(services.keyring.ledger, signing.RECEIPT, signed, kid=services.keyring.ledger_kid)


def offered(openings: tuple[Opening, ...], now: int) -> list[Opening]:
    """Return the opening keys that phones may seal to, in the order in which they are to choose: the newest first."""
    good = [one for one in openings if one.opens_at(now)]
    return sorted(good, key=lambda one: (-one.since, one.key.kem != XWING))


def _told(one: Opening) -> dict[str, Any]:
    key = one.key
    told: dict[str, Any] = {"kid": key.kid, "kem": key.kem, "key": lines.b64u(key.public)}
    told |= {"since": one.since} if one.since else {}
    return told if one.until is None else {**told, "until": one.until}
