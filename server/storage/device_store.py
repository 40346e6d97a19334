"""Enrolled phones, their chains, their invites, and what was quarantined."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, bindparam, or_, select, update

from server.storage.database import add, add_if_absent, table_of, upsert
from server.storage.models import DeviceRow, InviteRow, QuarantineRow
from sync.lines import ZERO_DIGEST

TABLE = table_of(DeviceRow)
INVITES = table_of(InviteRow)
QUARANTINE = table_of(QuarantineRow)
_FIND = select(TABLE).where(
    TABLE.c.ledger == bindparam("ledger"), TABLE.c.id.in_(bindparam("ids", expanding=True))
)
_MOVE = (
    update(TABLE)
    .where(TABLE.c.ledger == bindparam("of_ledger"), TABLE.c.id == bindparam("of_device"))
    .values(seq=bindparam("new_seq"), digest=bindparam("new_digest"))
)
_ADVANCE = _MOVE.values(contact_at=bindparam("new_at"))
ENROLLED = "enrolled"
"""The stage of a device that may sync; every other one shuts it out."""
SUPERSEDED, FORKED = "superseded", "forked"
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
    """A one-time invite; request and answer are there once it was used.

    supersedes: the device whose place the new one takes, None if it takes nobody's
    """

    code: str
    user: str
    expires_at: int
    request: str | None
    answer: str | None
    supersedes: str | None = None


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


def chain_up_to(connection: Connection, ledger: int, device: Device) -> list[str]:
    """Return the ids of a device and of those that it superseded, the first of the chain first."""
    if not device.place:
        return [device.id]
    where = (TABLE.c.ledger == ledger, TABLE.c.chain == device.chain, TABLE.c.place <= device.place)
    return list(connection.execute(select(TABLE.c.id).where(*where).order_by(TABLE.c.place)).scalars())


def everything(connection: Connection, ledger: int) -> list[Device]:
    """Return every device, by id."""
    rows = connection.execute(select(TABLE).where(TABLE.c.ledger == ledger).order_by(TABLE.c.id))
    return [_device(row) for row in rows]


def project(connection: Connection, ledger: int, rows: list[dict[str, Any]]) -> None:
    """Write what the ledger says of devices; a new one starts its chain."""
    full = [{"ledger": ledger, "seq": 0, "digest": ZERO_DIGEST, "contact_at": 0, **row} for row in rows]
    upsert(connection, TABLE, full, only=PROJECTED)


def advance(
    connection: Connection, ledger: int, heads: Mapping[str, tuple[int, str]], at: int | None
) -> None:
    """Move the heads of devices' chains; heads: {device: (seq, digest)}; at: when heard of, None if not now."""
    heard = {} if at is None else {"new_at": at}
    rows = [
        {"of_ledger": ledger, "of_device": device, "new_seq": seq, "new_digest": digest, **heard}
        for device, (seq, digest) in heads.items()
    ]
    if rows:
        connection.execute(_MOVE if at is None else _ADVANCE, rows)


def contact(connection: Connection, ledger: int, device: str, at: int) -> None:
    """Note that the phone was heard of."""
    where = (TABLE.c.ledger == ledger, TABLE.c.id == device)
    connection.execute(update(TABLE).where(*where).values(contact_at=at))


def invite(
    connection: Connection, ledger: int, *, code: str, user: str, expires_at: int, supersedes: str | None
) -> None:
    """Keep a new invite by its code's digest; supersedes: the device whose place the new one is to take."""
    row = {"ledger": ledger, "code": code, "user": user, "expires_at": expires_at, "supersedes": supersedes}
    add(connection, INVITES, [row])


def find_invite(connection: Connection, ledger: int, code: str) -> Invite | None:
    """Return an invite by its code's digest, or None."""
    where = (INVITES.c.ledger == ledger, INVITES.c.code == code)
    row = connection.execute(select(INVITES).where(*where)).one_or_none()
    return (
        Invite(row.code, row.user, row.expires_at, row.request, row.answer, row.supersedes) if row else None
    )


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


def kept_as(connection: Connection, ledger: int, code: str) -> set[str]:
    """Return the devices of which something is in quarantine under a code."""
    where = (QUARANTINE.c.ledger == ledger, QUARANTINE.c.code == code)
    return set(connection.execute(select(QUARANTINE.c.device).where(*where).distinct()).scalars())


@dataclass(frozen=True, slots=True)
class Quarantined:
    """Something kept in quarantine: whose, which seq, why, since when; its bytes stay encrypted."""

    id: str
    device: str
    seq: int
    code: str
    at: int
    sealed: bytes


def kept_of(connection: Connection, ledger: int, device: str, seq: int) -> list[Quarantined]:
    """Return what is in quarantine of one place in a device's chain, oldest first."""
    where = (QUARANTINE.c.ledger == ledger, QUARANTINE.c.device == device, QUARANTINE.c.seq == seq)
    rows = connection.execute(select(QUARANTINE).where(*where).order_by(QUARANTINE.c.at))
    return [Quarantined(r.id, r.device, r.seq, r.code, r.at, bytes(r.sealed)) for r in rows]


def quarantined(connection: Connection, ledger: int, device: str | None = None) -> list[Quarantined]:
    """Return what is in quarantine, of one device where given, oldest first."""
    where = [QUARANTINE.c.ledger == ledger, *([QUARANTINE.c.device == device] if device else [])]
    rows = connection.execute(
        select(QUARANTINE).where(*where).order_by(QUARANTINE.c.at, QUARANTINE.c.seq, QUARANTINE.c.id)
    )
    return [Quarantined(r.id, r.device, r.seq, r.code, r.at, bytes(r.sealed)) for r in rows]


def quarantined_before(
    connection: Connection, ledger: int, devices: Select[Any], *, before: tuple[int, str] | None, limit: int
) -> list[Quarantined]:
    """Return what is in quarantine of some devices, newest first; before: (at, id) of the last of the page before."""
    where = [QUARANTINE.c.ledger == ledger, QUARANTINE.c.device.in_(devices)]
    if before is not None:
        at, key = before
        older = and_(QUARANTINE.c.at == at, QUARANTINE.c.id < key)
        where.append(or_(QUARANTINE.c.at < at, older))
    rows = connection.execute(
        select(QUARANTINE).where(*where).order_by(QUARANTINE.c.at.desc(), QUARANTINE.c.id.desc()).limit(limit)
    )
    return [Quarantined(r.id, r.device, r.seq, r.code, r.at, bytes(r.sealed)) for r in rows]


def quarantined_one(connection: Connection, ledger: int, key: str) -> Quarantined | None:
    """Return one thing that is in quarantine, or None."""
    where = (QUARANTINE.c.ledger == ledger, QUARANTINE.c.id == key)
    r = connection.execute(select(QUARANTINE).where(*where)).one_or_none()
    return Quarantined(r.id, r.device, r.seq, r.code, r.at, bytes(r.sealed)) if r else None
