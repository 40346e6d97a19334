"""Phones in a reader's regions: who has them, how they keep up, and which are in trouble."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select

from schemas import regions
from schemas.records.device import REASONS
from schemas.records.inspection import OPEN_STAGES
from schemas.wire.change_set import read_manifest
from server.access import scope
from server.access.devices import ADMIN, BRINGING, SEEING, manages
from server.accounts.credentials import ACTIVE
from server.casework import devices as managing
from server.console.pages.devices import (
    DevicePage,
    DeviceRow,
    DevicesPage,
    EnrolPage,
    Health,
    LossPage,
    Shelf,
    Visit,
)
from server.console.pages.frame import Chip, Paging
from server.console.pages.registers import Choice, Named
from server.operations.lost_phone import Exposure
from server.queries import people
from server.queries.origins import origins
from server.queries.reading import PAGE_SIZE, TABLE, Reading, moment
from server.queries.record_cells import names, places
from server.storage import device_report_store, device_store, grant_store, ledger_store
from server.storage.device_store import ENROLLED, FORKED, QUARANTINE
from server.storage.device_store import TABLE as DEVICES
from sync.errors import NotAllowed, NotFound
from sync.merge import Record

TROUBLE = "trouble"
SILENT, STUCK = "silent", "stuck"
STAGES = (ENROLLED, FORKED, "lost", "revoked", "superseded")
DAY_MS = 24 * 60 * 60 * 1000
STUCK_MS = DAY_MS
"""A phone that told of unsent work and has had no set accepted for so long is stuck."""
USERS_MAX = 1000


def visible(reading: Reading) -> Select[Any]:
    """Return the select of the devices whose users' regions this reader sees."""
    ledger, grants = reading.services.ledger.id, reading.grants.rows
    return scope.governed(reading.connection, ledger, reading.user, SEEING, "device", grants=grants)


def check_brings(reading: Reading, device: str | None = None) -> None:
    """Raise NotAllowed for whoever brings no phone's outbox, NotFound for a phone outside of the reader's regions."""
    ledger, grants = reading.services.ledger.id, reading.grants.rows
    if not BRINGING & scope.roles(reading.connection, ledger, reading.user):
        raise NotAllowed("supervisors and administrators bring a phone's outbox")
    if device is None:
        return
    seen = scope.governed(reading.connection, ledger, reading.user, BRINGING, "device", grants=grants)
    if reading.connection.execute(seen.where(TABLE.c.id == device)).first() is None:
        raise NotFound(item=device)


def _joined(reading: Reading) -> Select[Any]:
    joined = and_(DEVICES.c.ledger == TABLE.c.ledger, DEVICES.c.id == TABLE.c.id)
    return visible(reading).join(DEVICES, joined)


def _troubled(reading: Reading) -> Any:
    since = reading.services.now_ms() - reading.services.config.lease_days * DAY_MS
    silent = and_(DEVICES.c.stage == ENROLLED, DEVICES.c.contact_at > 0, DEVICES.c.contact_at < since)
    return or_(DEVICES.c.stage == FORKED, silent)


def count_troubled(reading: Reading) -> int:
    """Return how many phones in sight are forked, or in use and out of touch for longer than their lease."""
    return reading.count(_joined(reading).where(_troubled(reading)))


def devices_page(reading: Reading, *, state: str = "", page: int = 1) -> DevicesPage:
    """Return phones in one stage ('' for all, `trouble` for those with trouble), the troubled first."""
    every = _joined(reading)
    counts = reading.by_stage(every)
    counts |= {TROUBLE: count_troubled(reading), "": sum(counts.values())}
    shown = every
    if state:
        shown = every.where(_troubled(reading) if state == TROUBLE else DEVICES.c.stage == state)
    rank = case({stage: n for n, stage in enumerate(STAGES)}, value=DEVICES.c.stage, else_=len(STAGES))
    first = case((_troubled(reading), 0), else_=1)
    ordered = shown.order_by(first, rank, DEVICES.c.contact_at.desc(), TABLE.c.id)
    records = reading.records(ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    return DevicesPage(
        chips=tuple(
            Chip(value=s, count=counts[s], active=s == state) for s in ("", TROUBLE, *STAGES) if counts.get(s)
        ),
        rows=device_rows(reading, records),
        paging=Paging(total=counts.get(state, 0), page=page, size=PAGE_SIZE),
        may_enrol=_administers(reading),
        may_bring=bool(BRINGING & scope.roles(reading.connection, reading.services.ledger.id, reading.user)),
    )


def _administers(reading: Reading) -> bool:
    return any(grant.role == ADMIN and grant.user == reading.user for grant in reading.grants.rows)


def device_rows(reading: Reading, records: Sequence[Record]) -> tuple[DeviceRow, ...]:
    """Return devices as rows, however many in the same few queries."""
    connection, ledger = reading.connection, reading.services.ledger.id
    ids = [each.id for each in records]
    known = device_store.find_all(connection, ledger, ids)
    told = device_report_store.find(connection, ledger, ids)
    receipts = device_report_store.receipts_at(connection, ledger, ids)
    head = ledger_store.head(connection, ledger).size
    users = people.officers(reading, [device.user for device in known.values()])
    kept = _quarantined(reading, ids)
    return tuple(
        DeviceRow(
            id=each.id,
            user=users[known[each.id].user].name,
            unit=users[known[each.id].user].unit,
            app=str(each.values.get("app") or ""),
            stage=known[each.id].stage,
            sets=known[each.id].seq,
            health=_health(reading, known[each.id], told.get(each.id), receipts.get(each.id), head),
            quarantined=kept.get(each.id, 0),
        )
        for each in records
    )


def phones_of(reading: Reading, users: Collection[str]) -> dict[str, tuple[DeviceRow, ...]]:
    """Return {user: the phones of his that are not shut out}, as far as the reader sees them, last heard of first."""
    theirs = _joined(reading).where(
        DEVICES.c.user.in_(sorted(users)), DEVICES.c.stage.in_((ENROLLED, FORKED))
    )
    records = reading.records(theirs.order_by(DEVICES.c.contact_at.desc(), TABLE.c.id).limit(USERS_MAX))
    known = device_store.find_all(reading.connection, reading.services.ledger.id, [one.id for one in records])
    found: dict[str, tuple[DeviceRow, ...]] = {}
    for row in device_rows(reading, records):
        found[known[row.id].user] = (*found.get(known[row.id].user, ()), row)
    return found


def _health(
    reading: Reading,
    device: device_store.Device,
    told: device_report_store.Told | None,
    receipt_at: int | None,
    head: int,
) -> Health:
    now, trouble = reading.services.now_ms(), []
    in_use = device.stage == ENROLLED
    if device.stage == FORKED:
        trouble.append(FORKED)
    if in_use and 0 < device.contact_at < now - reading.services.config.lease_days * DAY_MS:
        trouble.append(SILENT)
    if in_use and told is not None and told.unsent and now - max(receipt_at or 0, 0) > STUCK_MS:
        trouble.append(STUCK)
    size = told.size if told is not None and told.size else None
    return Health(
        seen_at=moment(device.contact_at) if device.contact_at else None,
        told_at=moment(told.at) if told is not None else None,
        unsent=told.unsent if told is not None else None,
        receipt_at=moment(receipt_at) if receipt_at else None,
        head_size=size,
        behind=max(0, head - size) if size is not None else None,
        trouble=tuple(trouble),
    )


def _quarantined(reading: Reading, ids: Sequence[str]) -> dict[str, int]:
    counted = (
        select(QUARANTINE.c.device, func.count())
        .where(QUARANTINE.c.ledger == reading.services.ledger.id, QUARANTINE.c.device.in_(list(ids)))
        .group_by(QUARANTINE.c.device)
    )
    return {str(device): int(n) for device, n in reading.connection.execute(counted)}


def _one(reading: Reading, device: str) -> Record:
    found = reading.records(visible(reading).where(TABLE.c.id == device))
    if not found:
        raise NotFound(item=device)
    return found[0]


def device_page(reading: Reading, device: str, *, failed: str = "") -> DevicePage:
    """Return one phone; raises NotFound. failed: the code of what was just refused"""
    record = _one(reading, device)
    (row,) = device_rows(reading, [record])
    user = str(record.values["user"])
    made = origins(reading, [record.acts[0].index])[record.acts[0].index]
    at = 0 if reading.locale == "zh_CN" else 1
    return DevicePage(
        row=row,
        version=record.version,
        user_id=user,
        kem=str(record.values.get("kem") or ""),
        enrolled_at=made.received,
        app_now=_app_now(reading, row),
        reason=str(record.values.get("reason") or ""),
        wipe=str(record.values.get("wipe") or ""),
        supersedes=record.values.get("supersedes"),
        superseded_by=_successor(reading, device),
        visits=_visits(reading, user),
        may=manages(reading.grants, reading.user, record),
        reasons=tuple(Choice(value=code, words=words[at]) for code, words in REASONS.items()),
        failed=failed,
    )


def _app_now(reading: Reading, row: DeviceRow) -> str:
    stored = ledger_store.change_set(reading.connection, reading.services.ledger.id, row.id, row.sets)
    return read_manifest(stored.manifest).app if stored is not None else row.app


def _successor(reading: Reading, device: str) -> str | None:
    known = device_store.find(reading.connection, reading.services.ledger.id, device)
    assert known is not None, "a device's record has its row"
    where = (
        DEVICES.c.ledger == reading.services.ledger.id,
        DEVICES.c.chain == known.chain,
        DEVICES.c.place == known.place + 1,
    )
    return reading.connection.execute(select(DEVICES.c.id).where(*where)).scalar()


def _visits(reading: Reading, user: str) -> tuple[Visit, ...]:
    """Return the visits under way on whose team a user is, as far as this reader sees them."""
    granted = grant_store.standing(reading.connection, reading.services.ledger.id, user)
    roots = {grant.root for grant in granted if grant.role in scope.TEAM_ROLES}
    statement = reading.visible("inspection").where(
        TABLE.c.id.in_(sorted(roots)), TABLE.c.stage.in_(sorted(OPEN_STAGES))
    )
    found = reading.records(statement.order_by(TABLE.c.version.desc()).limit(PAGE_SIZE))
    where = places(reading, found)
    return tuple(
        Visit(id=one.id, title=where[one.root].words if one.root in where else "", stage=str(one.stage))
        for one in found
    )


# -- letting in ----------------------------------------------------------------------------------------


def enrol_page(reading: Reading, *, user: str = "", supersedes: str = "", failed: str = "") -> EnrolPage:
    """Return the form that makes an invite; raises NotAllowed for whoever administers nowhere."""
    if not _administers(reading):
        raise NotAllowed
    admin = frozenset({ADMIN})
    ledger = reading.services.ledger.id
    mine = scope.governed(reading.connection, ledger, reading.user, admin, "user")
    users = reading.records(mine.where(TABLE.c.stage == ACTIVE).limit(USERS_MAX))
    phones = scope.governed(reading.connection, ledger, reading.user, admin, "device").where(
        TABLE.c.stage.in_([stage for stage in STAGES if stage != "superseded"])
    )
    owned = [one for one in reading.records(phones) if not user or one.values["user"] == user]
    named = people.officers(reading, [str(one.values["user"]) for one in owned])
    return EnrolPage(
        users=tuple(
            Choice(
                value=one.id,
                words=f"{told.name} · {told.unit} · {one.values.get('login')}",
                active=one.id == user,
            )
            for one in sorted(users, key=lambda each: str(each.values.get("login")))
            for told in [people.officer(one, reading.locale)]
        ),
        devices=tuple(
            Choice(
                value=one.id,
                words=f"{named[str(one.values['user'])].name} · …{one.id[-8:]}",
                active=one.id == supersedes,
            )
            for one in owned
        ),
        user=user,
        supersedes=supersedes,
        failed=failed,
    )


# -- a lost phone ----------------------------------------------------------------------------------------


def loss_page(reading: Reading, device: str) -> LossPage:
    """Return what may be on a phone that is shut out; raises NotFound, BadTransition."""
    found = managing.loss(reading.services, reading.user, device)
    record = _one(reading, device)
    return _told(reading, record, found)


def _told(reading: Reading, record: Record, found: Exposure) -> LossPage:
    roots = names(reading, [shelf.root for shelf in found.shelves])
    seen = {one.id: one for one in reading.named(key for key, name in roots.items() if name.kind).values()}
    where = places(reading, list(seen.values()))
    return LossPage(
        device=found.device,
        user=people.officers(reading, [found.user])[found.user].name,
        stage=found.stage,
        reason=str(record.values.get("reason") or ""),
        wipe=found.wipe,
        last_contact=moment(found.last_contact) if found.last_contact else None,
        sets=found.sets,
        records=dict(sorted(found.records.items())),
        file_keys=found.file_keys,
        shelves=tuple(
            Shelf(
                place=_place(shelf.root, roots, where),
                type=shelf.type,
                region=regions.name(shelf.region, reading.locale) if shelf.region else "",
                records=dict(sorted(shelf.records.items())),
            )
            for shelf in found.shelves
        ),
    )


def _place(root: str, roots: dict[str, Named], where: dict[str, Named]) -> Named:
    own = roots[root]
    return Named(words=where[root].words, id=root, kind=own.kind) if root in where and own.kind else own
