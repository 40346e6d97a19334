"""Receipts of an earlier epoch that phones show: what was lost with a disaster, and where it stands by now."""

from __future__ import annotations

from server.intake.presented import earlier_keys
from server.storage import epoch_store, ledger_store
from server.storage.device_store import Device
from server.storage.epoch_store import OldReceipt
from server.wiring import Services
from sync import checkpoint, receipt, signing
from sync.entries import from_line
from sync.errors import BadProof, BadSignature

RECEIPT_BYTES_MAX = 2 * 1024 * 1024


def show(services: Services, device: Device, token: str) -> None:
    """Keep what a device's own receipt says of entries beyond the fork; again is as good as once.

    Raises BadSignature for one that this ledger's key did not sign, BadProof for one of another device, Malformed.
    """
    kid, _ = signing.peek(token, signing.RECEIPT)
    keys = earlier_keys(services)
    key = next((one for one in keys if signing.key_id(signing.public_raw(one)) == kid), None)
    if key is None:
        raise BadSignature("no key of this ledger signed the receipt")
    said = receipt.parse(signing.verify(token, signing.RECEIPT, key))
    if said.device != device.id or said.origin != services.ledger.origin:
        raise BadProof("the receipt is another device's")
    epoch = checkpoint.verify(said.checkpoint, keys).epoch
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id)
        fork = epoch_store.epochs(connection, services.ledger.id).fork(epoch, head.epoch)
    if fork is None or said.first < fork or not said.entries:
        return
    shown = OldReceipt(
        epoch, said.first, said.last, device.id, said.seq, said.manifest, from_line(said.entries[0]).change
    )
    with services.database.writing(services.ledger.id) as connection:
        epoch_store.show(connection, services.ledger.id, shown, services.now_ms())
