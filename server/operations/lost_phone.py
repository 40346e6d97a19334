"""A lost phone: shut out, told to erase itself, and what was on it, in one transaction."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from schemas.drafting import Draft
from server.commit.acts import MACHINE, act
from server.commit.submission import Result
from server.storage import device_store, exposure_store, record_store
from server.storage.device_store import Device
from server.storage.exposure_store import Shelf
from server.wiring import Services
from sync.errors import NotFound

CONTACT_SLACK_MS = 10 * 60 * 1000
"""How much later than noted the last contact may have been: reading notes it at most so often."""
AFTER_UPLOAD, NOW = "after_upload", "now"
STAYS = ("lost", "superseded")
"""Stages that shut a phone out already and that the loss does not change."""
KEYED = "evidence"
"""The type whose records bring a phone the key of a file."""


@dataclass(frozen=True)
class Exposure:
    """What may be on a lost phone, at most: counts by scope root and type, nobody's name.

    last_contact: Unix ms, 0 if it was never heard of; sets: how many of its change-sets have arrived
    """

    device: str
    user: str
    stage: str
    wipe: str
    last_contact: int
    sets: int
    shelves: tuple[Shelf, ...]

    @property
    def records(self) -> Counter[str]:
        """How many records by type."""
        total: Counter[str] = Counter()
        for shelf in self.shelves:
            total.update(shelf.records)
        return total

    @property
    def file_keys(self) -> int:
        """How many files the phone could open, had it their bytes."""
        return self.records[KEYED]

    def json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        roots = [
            {"root": s.root, "type": s.type, "region": s.region, "records": s.records} for s in self.shelves
        ]
        return {
            "device": self.device,
            "user": self.user,
            "stage": self.stage,
            "wipe": self.wipe,
            "last_contact_ms": self.last_contact or None,
            "sets_received": self.sets,
            "records": dict(sorted(self.records.items())),
            "file_keys": self.file_keys,
            "roots": roots,
        }


def declare_lost(
    services: Services, device: str, *, now: bool, user: str = MACHINE, reason: str | None = None
) -> Exposure:
    """Shut a phone out for good, order it to erase itself and return what may be on it; raises NotFound.

    now: it erases itself at its next contact, whatever it holds, and not only once its unsent work has left it
    user: whose word it is; reason: one of schemas.records.device.REASONS
    Said twice it does no more than once, but for an order that becomes the more urgent one.
    """
    wipe = NOW if now else AFTER_UPLOAD
    with services.database.reading() as connection:
        known = device_store.find(connection, services.ledger.id, device)
        vault = services.vault.session(connection, services.ledger.id)
        record = record_store.load(connection, vault, [device]).get(device) if known else None
    if known is None or record is None:
        raise NotFound("no phone has this id; `wardledger device list` shows them")
    ordered = record.values.get("wipe")
    if known.stage in STAYS and ordered in (wipe, NOW):
        with services.database.reading() as connection:
            return _exposure(connection, services, known, known.stage, ordered)
    values: dict[str, Any] = {"wipe": wipe}
    if reason is not None:
        values["reason"] = reason
    stage = known.stage
    if stage not in STAYS:
        stage, values["stage"] = "lost", {"from": known.stage, "to": "lost"}
    found: list[Exposure] = []

    def report(connection: Connection, _: Result) -> None:
        found.append(_exposure(connection, services, known, stage, wipe))

    draft = Draft("edit", "device", device, values)
    act(services, [draft], user=user, kind="device", expect={device: record.version}, after=report)
    return found[-1]


def exposure(services: Services, connection: Connection, device: Device, wipe: str) -> Exposure:
    """Return what may be on a phone that was shut out, counted anew. wipe: the order that stands, '' without one"""
    return _exposure(connection, services, device, device.stage, wipe)


def _exposure(connection: Connection, services: Services, device: Device, stage: str, wipe: str) -> Exposure:
    ledger = services.ledger.id
    shelves: list[Shelf] = []
    if device.contact_at:
        index = exposure_store.head_at(connection, ledger, device.contact_at + CONTACT_SLACK_MS)
        shelves = exposure_store.shelves(connection, ledger, device.user, index=index)
    return Exposure(device.id, device.user, stage, wipe, device.contact_at, device.seq, tuple(shelves))
