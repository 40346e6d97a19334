"""Enrolled phones, their chains, their invites, and what was quarantined."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from server.storage.database import add, add_if_absent, table_of, upsert
from server.storage.models import DeviceRow, InviteRow, QuarantineRow
from sync.lines import ZERO_DIGEST

TABLE = table_of(DeviceRow)
INVITES = table_of(InviteRow)
QUARANTINE = table_of(QuarantineRow)
_FIND = select(TABLE).where(
    TABLE.c.ledger == bindparam("ledger"), TABLE.c.id.in_(bindparam("ids", expanding=True))
)
_ADVANCE = (
    update(TABLE)
    .where(TABLE.c.ledger == bindparam("of_ledger"), TABLE.c.id == bindparam("of_device"))
    .values(seq=bindparam("new_seq"), digest=bindparam("new_digest"), contact_at=bindparam("new_at"))
)
PROJECTED = ("user", "sign_key", "seal_key", "kem", "stage", "chain", "place")
"""Columns that follow from the ledger; the others are the head of the device's chain and its last contact."""


@dataclass(frozen=True, slots=True)
class Device:
    """An enrolled phone; seq and digest are the head of its chain (0 and zeros before the first set).

    chain, place: the first of the devices that this one supersedes, itself if it supersedes none, and their number
    """

    id: str
    user: str
    sign_key: bytes
    seal_key: bytes
    kem: str
    stage: str
    seq: int
    digest: str
    contact_at: int
    chain: str
    place: int


@dataclass(frozen=True, slots=True)
class Invite:
    """A one-time invite; request and answer are there once it was used."""

    code: str
    user: str
    expires_at: int
    request: str | None
    answer: str | None


def _device(row: Any) -> Device:
    return Device(
        row.id,
        row.user,
        bytes(row.sign_key),
        bytes(row.seal_key),
        row.kem,
        row.stage,
        row.seq,
        row.digest,
        row.contact_at,
        row.chain,
        row.place,
    )


def find(connection: Connection, ledger: int, device: str) -> Device | None:
    """Return a device, or None."""
    return find_all(connection, ledger, [device]).get(device)


def find_all(connection: Connection, ledger: int, devices: Collection[str]) -> dict[str, Device]:
    """Return those of some devices that there are, by id."""
    if not devices:
        return {}
    rows = connection.execute(_FIND, {"ledger": ledger, "ids": sorted(set(devices))})
    return {row.id: _device(row) for row in rows}


def everything(connection: Connection, ledger: int) -> list[Device]:
    """Return every device, by id."""
    rows = connection.execute(select(TABLE).where(TABLE.c.ledger == ledger).order_by(TABLE.c.id))
    return [_device(row) for row in rows]


def project(connection: Connection, ledger: int, rows: list[dict[str, Any]]) -> None:
    """Write what the ledger says of devices; a new one starts its chain."""
    full = [{"ledger": ledger, "seq": 0, "digest": ZERO_DIGEST, "contact_at": 0, **row} for row in rows]
    upsert(connection, TABLE, full, only=PROJECTED)


def advance(connection: Connection, ledger: int, heads: Mapping[str, tuple[int, str]], at: int) -> None:
    """Move the heads of devices' chains; heads: {device: (seq, digest)}."""
    rows = [
        {"of_ledger": ledger, "of_device": device, "new_seq": seq, "new_digest": digest, "new_at": at}
        for device, (seq, digest) in heads.items()
    ]
    if rows:
        connection.execute(_ADVANCE, rows)


def contact(connection: Connection, ledger: int, device: str, at: int) -> None:
    """Note that the phone was heard of."""
    where = (TABLE.c.ledger == ledger, TABLE.c.id == device)
    connection.execute(update(TABLE).where(*where).values(contact_at=at))


def invite(connection: Connection, ledger: int, *, code: str, user: str, expires_at: int) -> None:
    """Keep a new invite by its code's digest."""
    add(connection, INVITES, [{"ledger": ledger, "code": code, "user": user, "expires_at": expires_at}])


def find_invite(connection: Connection, ledger: int, code: str) -> Invite | None:
    """Return an invite by its code's digest, or None."""
    where = (INVITES.c.ledger == ledger, INVITES.c.code == code)
    row = connection.execute(select(INVITES).where(*where)).one_or_none()
    return Invite(row.code, row.user, row.expires_at, row.request, row.answer) if row else None


def consume(connection: Connection, ledger: int, code: str, *, request: str, answer: str) -> bool:
    """Mark an invite used, with the answer that a repeated request gets; False if it was used before."""
    where = (INVITES.c.ledger == ledger, INVITES.c.code == code, INVITES.c.request.is_(None))
    return bool(
        connection.execute(update(INVITES).where(*where).values(request=request, answer=answer)).rowcount
    )


def quarantine(
    connection: Connection,
    ledger: int,
    *,
    device: str,
    seq: int,
    code: str,
    at: int,
    digest: str,
    sealed: bytes,
) -> None:
    """Keep what could not be accepted; the same bytes are kept once."""
    key = str(uuid.uuid5(uuid.UUID(device), f"{seq}/{code}/{digest}"))
    row = {
        "ledger": ledger,
        "id": key,
        "device": device,
        "seq": seq,
        "code": code,
        "at": at,
        "sealed": sealed,
    }
    add_if_absent(connection, QUARANTINE, row)


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Something kept in quarantine: whose, which seq, why, since when; its bytes stay encrypted."""

    id: str
    device: str
    seq: int
    code: str
    at: int
    sealed: bytes


def quarantined(connection: Connection, ledger: int) -> list[Quarantined]:
    """Return what is in quarantine, oldest first."""
    rows = connection.execute(
        select(QUARANTINE).where(QUARANTINE.c.ledger == ledger).order_by(QUARANTINE.c.at)
    )
    return [Quarantined(r.id, r.device, r.seq, r.code, r.at, bytes(r.sealed)) for r in rows]
