"""What phones told of themselves last, and when the newest of their sets came in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, and_, select

from server.storage.database import table_of, upsert
from server.storage.device_models import DeviceReportRow
from server.storage.models import ChangeSetRow, DeviceRow

TABLE = table_of(DeviceReportRow)
SETS, DEVICES = table_of(ChangeSetRow), table_of(DeviceRow)


@dataclass(frozen=True, slots=True)
class Told:
    """What a phone told. at: Unix ms; unsent: changes without a receipt, or None; size: of the head it was given"""

    device: str
    at: int
    unsent: int | None
    size: int


def save(connection: Connection, ledger: int, told: Told) -> None:
    """Keep what a phone told last."""
    row = {"ledger": ledger, "device": told.device, "at": told.at, "unsent": told.unsent, "size": told.size}
    upsert(connection, TABLE, [row])


def find(connection: Connection, ledger: int, devices: Iterable[str]) -> dict[str, Told]:
    """Return what some phones told last, by device."""
    where = (TABLE.c.ledger == ledger, TABLE.c.device.in_(sorted(set(devices))))
    rows = connection.execute(select(TABLE).where(*where))
    return {row.device: Told(row.device, row.at, row.unsent, row.size) for row in rows}


def receipts_at(connection: Connection, ledger: int, devices: Iterable[str]) -> dict[str, int]:
    """Return {device: when the last set of its chain was accepted, Unix ms} of those that sent any."""
    joined = and_(
        SETS.c.ledger == DEVICES.c.ledger, SETS.c.device == DEVICES.c.id, SETS.c.seq == DEVICES.c.seq
    )
    rows = connection.execute(
        select(SETS.c.device, SETS.c.at)
        .select_from(SETS.join(DEVICES, joined))
        .where(SETS.c.ledger == ledger, SETS.c.device.in_(sorted(set(devices))))
    )
    return {device: int(at) for device, at in rows}
