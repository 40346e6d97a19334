"""What the ledger states, signed, to one device: that it is shut out, and what it has to do."""

from __future__ import annotations

from schemas.wire.statement import Lease, ShutOut
from server.storage import record_store
from server.storage.device_store import ENROLLED, FORKED, Device
from server.wiring import Services
from sync import signing
from sync.errors import DeviceFork, DeviceRevoked

DAY_MS = 86_400_000


def shut_out(services: Services, device: Device, *, kept: str | None = None) -> DeviceRevoked | DeviceFork:
    """Return the refusal of a device that may not sync, with the statement that proves it to the device.

    kept: digest of the manifest of a set that it sent and that lies in quarantine now
    """
    stage, stated = statement(services, device.id, kept=kept)
    kind = DeviceFork if stage == FORKED else DeviceRevoked
    return kind(stage=stage, statement=stated)


def lease(services: Services, device: Device) -> str:
    """Return the signed lease of a device that was heard of just now."""
    now = services.now_ms()
    said = Lease(services.ledger.origin, device.id, now, now + services.config.lease_days * DAY_MS)
    keyring = services.keyring
    return signing.sign(keyring.ledger, signing.STATEMENT, said.payload(), kid=keyring.ledger_kid)


def statement(services: Services, device: str, *, kept: str | None = None) -> tuple[str, str | None]:
    """Return (the stage of a device as it stands now, the signed statement about it: None about an enrolled one)."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        record = record_store.load(connection, vault, [device])[device]
    stage = str(record.stage)
    if stage == ENROLLED:
        return stage, None
    wipe = record.values.get("wipe")
    said = ShutOut(services.ledger.origin, device, stage, services.now_ms(), wipe, kept)
    keyring = services.keyring
    return stage, signing.sign(keyring.ledger, signing.STATEMENT, said.payload(), kid=keyring.ledger_kid)
