"""The straight way of one change-set: open, verify, read, hand to the door."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from schemas.wire.change_set import read_body, read_manifest
from server.casework import forks
from server.catalogues import frozen_codes
from server.commit.erasing import without_erased
from server.commit.submission import Push, Result
from server.commit.work import QUARANTINE_PURPOSE
from server.intake import statements
from server.keys import served
from server.storage import device_store, erased_store
from server.storage.device_store import Device
from server.wiring import Services
from sync import changes, envelope, erasure, lines, signing
from sync.changes import SEALED_BYTES_MAX, ChangeSet, Manifest, PrivateLine
from sync.errors import (
    BadSignature,
    DeviceFork,
    DeviceRevoked,
    Malformed,
    RekeyRequired,
    TooLarge,
    WrongLedger,
)

NO_SEQ = 0
"""Under which a set is kept whose manifest does not say which one it is."""


def accept(services: Services, sealed: bytes, *, device: Device, kid: str) -> Result:
    """Return the commit's result with the receipt; raises a Refusal for a set as a whole.

    sealed: at most SEALED_BYTES_MAX; kid: the opening key it names
    Everything here needs no lock; faults inside single changes become their verdicts.
    """
    if len(sealed) > SEALED_BYTES_MAX:
        raise TooLarge(f"{SEALED_BYTES_MAX} bytes sealed are allowed", limit=SEALED_BYTES_MAX)
    key = services.keyring.opening_by_kid(kid, services.now_ms())
    if key is None:
        raise RekeyRequired(kid=kid)
    origin = services.ledger.origin
    text = envelope.open_(sealed, key=key, info=envelope.change_set_info(origin, device.id, kid))
    change_set = read(services, text, device=device)
    change_set = replace(change_set, items=frozen_codes.checked(services, change_set.items))
    push = Push(device.id, change_set, services.now_ms(), text)
    try:
        result = services.door.submit(push)
        if result.repeated and result.receipt is not None:
            return replace(result, receipt=served.renewed_receipt(services, result.receipt))
        return result
    except DeviceFork as refused:
        forks.stop(services, device.id)
        raise statements.shut_out(services, device, kept=change_set.manifest.digest) from refused
    except DeviceRevoked as refused:
        raise statements.shut_out(services, device, kept=change_set.manifest.digest) from refused


def read(services: Services, text: bytes, *, device: Device) -> ChangeSet:
    """Return the set that a text holds, once its manifest proved to be this device's and for this ledger.

    What this device signed and cannot be taken as a set goes to quarantine: its phone may rely on that.
    """
    jws, body = changes.split_manifest(text)
    signing.verify(jws, signing.MANIFEST, signing.public_key(device.sign_key))
    try:
        manifest = _manifest(services, jws, device=device)
    except (Malformed, WrongLedger) as refusal:
        _keep(services, text, device=device, code=refusal.code)
        raise
    return ChangeSet(manifest, read_body(manifest, body, _erased(services, body)))


def _erased(services: Services, body: bytes) -> Mapping[str, PrivateLine]:
    """Return what is read in the place of the tombstones in a set that a phone sends again after an erasure."""
    if not (named := erasure.named_in(body)):
        return {}
    with services.database.reading() as connection:
        return erased_store.find(connection, services.ledger.id, named)


def _manifest(services: Services, jws: str, *, device: Device) -> Manifest:
    manifest = read_manifest(jws)
    if manifest.device != device.id:
        raise BadSignature("the manifest names another device")
    if manifest.origin != services.ledger.origin or not served.is_pin(services, manifest.ledger_key):
        raise WrongLedger
    return manifest


def _keep(services: Services, text: bytes, *, device: Device, code: str) -> None:
    """Keep the opened bytes of what no place in the device's chain can be given to, encrypted."""
    with services.database.writing(services.ledger.id) as connection:
        vault = services.vault.session(connection, services.ledger.id)
        kept = without_erased(connection, services.ledger.id, text)
        device_store.quarantine(
            connection,
            services.ledger.id,
            device=device.id,
            seq=NO_SEQ,
            code=code,
            at=services.now_ms(),
            digest=lines.digest(text),
            sealed=vault.seal(device.id, QUARANTINE_PURPOSE, kept),
        )
    vault.committed()
