"""What phones sent and could not be accepted, as far as a reader sees the phones; its words are not opened."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from server.casework import readmissions
from server.commit.work import QUARANTINE_PURPOSE
from server.console.pages.waiting import KeptPage, QuarantinePage, QuarantineRow
from server.queries import people
from server.queries.devices import visible
from server.queries.reading import PAGE_SIZE, TABLE, Reading, moment
from server.storage import device_store
from server.storage.device_store import QUARANTINE, Quarantined
from sync.errors import BadValue, NotFound
from sync.rules import SUPERVISOR

ROWS_MAX = 500
"""So many of the newest whole sets are counted among what waits."""


def quarantine_page(reading: Reading, *, after: str = "", limit: int = PAGE_SIZE) -> QuarantinePage:
    """Return a page of what is kept of phones in sight, newest first; after: `next` of the page before."""
    seen = visible(reading).with_only_columns(TABLE.c.id)
    ledger = reading.services.ledger.id
    kept = device_store.quarantined_before(
        reading.connection, ledger, seen, before=_cursor(after) if after else None, limit=limit + 1
    )
    shown = kept[:limit]
    following = f"{shown[-1].at}.{shown[-1].id}" if len(kept) > limit else ""
    return QuarantinePage(rows=quarantine_rows(reading, shown), next=following)


def _cursor(words: str) -> tuple[int, str]:
    at, _, key = words.partition(".")
    if not at.isascii() or not at.isdigit() or len(at) > 15 or not key:
        raise BadValue("not a cursor of this list", field="after")
    return int(at), key


def waiting(reading: Reading) -> int:
    """Return how many whole sets of phones in sight lie outside the ledger."""
    seen = visible(reading).with_only_columns(TABLE.c.id)
    some = select(QUARANTINE.c.id).where(
        QUARANTINE.c.ledger == reading.services.ledger.id,
        QUARANTINE.c.code.in_(readmissions.WHOLE),
        QUARANTINE.c.device.in_(seen),
    )
    newest = some.order_by(QUARANTINE.c.at.desc(), QUARANTINE.c.id).limit(ROWS_MAX)
    keys = list(reading.connection.execute(newest).scalars())
    return len(keys) - len(readmissions.let_in(reading.services, reading.connection, keys)) if keys else 0


def quarantine_rows(reading: Reading, kept: Sequence[Quarantined]) -> tuple[QuarantineRow, ...]:
    """Return things in quarantine as rows."""
    whole = [one.id for one in kept if one.code in readmissions.WHOLE]
    let_in = readmissions.let_in(reading.services, reading.connection, whole)
    devices = device_store.find_all(
        reading.connection, reading.services.ledger.id, {one.device for one in kept}
    )
    users = people.officers(reading, [device.user for device in devices.values()])
    return tuple(
        QuarantineRow(
            id=one.id,
            device=one.device,
            user=users[devices[one.device].user].name,
            seq=one.seq,
            code=one.code,
            at=moment(one.at),
            size_bytes=len(one.sealed),
            whole=one.code in readmissions.WHOLE,
            let_in=one.id in let_in,
        )
        for one in kept
    )


def kept_page(reading: Reading, key: str, *, failed: str = "", reason: str = "") -> KeptPage:
    """Return one thing in quarantine; raises NotFound. failed, reason: what was just tried and typed"""
    one = device_store.quarantined_one(reading.connection, reading.services.ledger.id, key)
    found = reading.records(visible(reading).where(TABLE.c.id == one.device)) if one is not None else []
    if one is None or not found:
        raise NotFound(item=key)
    (row,) = quarantine_rows(reading, [one])
    text = reading.vault.open(one.device, QUARANTINE_PURPOSE, one.sealed)
    blocked = None
    if SUPERVISOR not in reading.roles_over(found[0]):
        blocked = "not_permitted"
    elif found[0].values.get("user") == reading.user:
        blocked = "author"
    return KeptPage(
        row=row,
        lines=text.count(b"\n"),
        stage=str(found[0].stage),
        blocked=blocked,
        failed=failed,
        reason=reason,
    )
