"""The feed: the latest state of what is in a phone's scope, sealed to the phone, with its proofs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from schemas.records import TYPES
from schemas.wire.erasure import read_erasure
from server.intake import contested
from server.storage import device_store, epoch_store, feed_store, ledger_store, record_store, waiting_store
from server.storage.device_store import Device
from server.storage.feed_store import Cursor
from server.storage.waiting_store import Waiting
from server.wiring import Services
from sync import envelope, lines, signing
from sync.entries import from_line
from sync.erasure import ERASE, stand_ins
from sync.errors import Malformed, NotCanonical
from sync.lines import INTEGER_MAX
from sync.merge import Record
from sync.merkle import consistency_proof
from sync.tiles import nodes_from

LIMIT_MAX = 500
LIMIT_DEFAULT = 200
END = "~"
"""In a cursor, the place after every record of its position: no id sorts behind it."""
SYNCED = sorted(name for name, kind in TYPES.items() if kind.synced)


@dataclass(frozen=True)
class Page:
    """A sealed page, or none when nothing is new; the cursor to go on from, and the checkpoint's note."""

    sealed: bytes | None
    cursor: str
    checkpoint: str


def read_cursor(text: str, epoch: str, fork: Callable[[str], int | None] = lambda _: None) -> Cursor:
    """Return the cursor that a phone sent back; empty is the beginning. Raises Malformed.

    fork: up to which size the leaves of an earlier epoch are this one's; None for what is no earlier epoch
    """
    if not text:
        return Cursor(epoch, -1, "")
    try:
        parts = lines.unb64u(text).decode("ascii").split("/")
        found = Cursor(parts[0], int(parts[1]), parts[2])
    except (NotCanonical, ValueError, IndexError) as error:
        raise Malformed("not a cursor of this feed", field="after") from error
    if not -1 <= found.index <= INTEGER_MAX or not found.record.isprintable():
        raise Malformed("not a cursor of this feed", field="after")
    if found.epoch != epoch:
        held = fork(found.epoch)
        if held is None:
            return Cursor(epoch, -1, "")
        return (
            Cursor(epoch, found.index, found.record) if found.index < held else Cursor(epoch, held - 1, END)
        )
    return found


def write_cursor(cursor: Cursor) -> str:
    """Return the cursor as an opaque text."""
    return lines.b64u(f"{cursor.epoch}/{cursor.index}/{cursor.record}".encode())


def feed(
    services: Services, device: Device, *, after: str, limit: int, seen: int, summed: bool = False
) -> Page:
    """Return the next page for a device; seen: size of the checkpoint it knows, 0 for none.

    summed: with a checksum of each scope root on the last page, for a phone that looks for drift
    """
    ledger = services.ledger
    with services.database.reading() as connection:
        head = ledger_store.head(connection, ledger.id)
        cursor = read_cursor(
            after, head.epoch, lambda old: epoch_store.epochs(connection, ledger.id).fork(old, head.epoch)
        )
        last = head.size - 1
        if cursor == Cursor(head.epoch, last, END) and not summed:
            # Most requests: the ledger has not moved since, so neither records nor grants need to be looked at.
            return Page(None, write_cursor(cursor), head.note)
        new = _new(connection, ledger.id, device, after=cursor, last=last, limit=limit)
        if not new.rows and not new.evict and not new.moved and not summed:
            return Page(None, write_cursor(new.upto), head.note)
        vault = services.vault.session(connection, ledger.id)
        records = [record_store.thaw(row, vault) for _, row in new.rows]
        entries = _entries(connection, ledger.id, new)
        items = _items(connection, ledger.id, records, entries)
        sums = (
            feed_store.sums(connection, ledger.id, device.user, types=SYNCED)
            if summed and not new.more
            else None
        )
        nodes = nodes_from(ledger_store.tile_reader(connection, ledger.id))
        proof = consistency_proof(nodes, seen, head.size) if 0 < seen <= head.size else []
    payload = {
        "v": 1,
        "device": device.id,
        "after": after,
        "cursor": write_cursor(new.upto),
        "more": new.more,
        "time": services.now_ms(),
        "epoch": head.epoch,
        "head": last,
        "checkpoint": head.note,
        "proof": [lines.b64u(node) for node in proof],
        "items": items,
        "entries": {str(index): line.decode() for index, line in entries.items()},
        "evict": new.evict,
        "outcomes": [{"change": one.change, "index": one.moved} for one in new.judged],
    }
    if sums is not None:
        payload["sums"] = sums
    return Page(_seal(services, device, payload), write_cursor(new.upto), head.note)


@dataclass(frozen=True)
class New:
    """What one page brings: (position, row) of records, changes judged again, what left the scope, and up to where."""

    rows: list[tuple[int, Any]]
    moved: list[Waiting]
    evict: list[str]
    upto: Cursor
    more: bool

    @property
    def judged(self) -> list[Waiting]:
        """The changes judged again that could be read; of the others the phone has nothing to tell."""
        return [one for one in self.moved if one.change is not None]


def _entries(connection: Connection, ledger: int, new: New) -> dict[int, bytes]:
    """Return the lines of the entries that a page speaks of, and of those that found late what one of them rules on."""
    indexes = {row.version for _, row in new.rows} | {
        one.moved for one in new.judged if one.moved is not None
    }
    found = ledger_store.lines_at(connection, ledger, sorted(indexes))
    ruled = {
        late for line in found.values() if b'"late"' in line and (late := from_line(line).late) is not None
    }
    return (
        {**found, **ledger_store.lines_at(connection, ledger, sorted(ruled - found.keys()))}
        if ruled
        else found
    )


def _new(connection: Connection, ledger: int, device: Device, *, after: Cursor, last: int, limit: int) -> New:
    """Return what is new for a device behind a cursor, `limit` records and `limit` outcomes at most."""
    rows = feed_store.page(
        connection, ledger, device.user, after=after, head=last, types=SYNCED, limit=limit + 1
    )
    more, rows = len(rows) > limit, rows[:limit]
    upto = Cursor(after.epoch, rows[-1][0], rows[-1][1].id) if more else Cursor(after.epoch, last, END)
    # A phone that took another one's place carries that one's changes, and hears what became of them.
    devices = device_store.chain_up_to(connection, ledger, device)
    moved = waiting_store.moved_between(
        connection, ledger, devices, after=after.index, upto=upto.index, limit=limit + 1
    )
    if len(moved) > limit:
        # More outcomes than one page takes: it ends where they are cut, and the next one goes on there.
        moved, more = moved[:limit], True
        upto = Cursor(after.epoch, moved[-1].moved or 0, END)
        rows = [one for one in rows if one[0] <= upto.index]
    evict = feed_store.evicted(connection, ledger, device.user, after=after.index, upto=upto.index)
    return New(rows, moved, evict, upto, more)


def item_json(record: Record, entries: dict[int, bytes]) -> dict[str, Any]:
    """Return a record as the feed carries it; `entry` where one entry commits to exactly this record."""
    body: dict[str, Any] = {
        "id": record.id,
        "type": record.type,
        "version": record.version,
        "life": record.life,
        "root": record.root,
        "region": record.region,
        "created_by": record.created_by,
        "fields": {name: value for name, value in record.values.items() if name not in record.digests},
        "digests": dict(record.digests),
        "private": [record.lines[key].decode() for key in _needed(record)],
    }
    # A line may add several members; which of them still stand, only the values say.
    members = {
        name: _members(record, name, kept) for name, kept in record.digests.items() if type(kept) is list
    }
    if members:
        body["members"] = members
    entry = lines.decode(entries[record.version]) if record.version in entries else {}
    if entry.get("record") == record.id and "after" in entry:
        body["entry"] = record.version
    return body


def _items(
    connection: Connection, ledger: int, records: list[Record], entries: dict[int, bytes]
) -> list[dict[str, Any]]:
    gone = _erased(connection, ledger, records)
    of_sides = contested.indexes(records)
    known = ledger_store.lines_at(connection, ledger, sorted(of_sides)) if of_sides else {}
    return [
        item_json(record, entries) | gone.get(record.id, {}) | _contested(record, known) for record in records
    ]


def _contested(record: Record, known: Mapping[int, bytes]) -> dict[str, Any]:
    found = contested.contested(record, known)
    return {"contested": found} if found else {}


def _erased(connection: Connection, ledger: int, records: list[Record]) -> dict[str, dict[str, list[str]]]:
    """Return, of records of which something was erased, the digests: a phone may hold such a line in its own texts."""
    by = {act.index: record.id for record in records for act in record.acts if act.op == ERASE}
    found: dict[str, set[str]] = {}
    for index, line in ledger_store.bodies_at(connection, ledger, sorted(by)).items() if by else ():
        found.setdefault(by[index], set()).update(stand_ins(read_erasure(line)))
    return {record: {"erased": sorted(digests)} for record, digests in found.items()}


def _members(record: Record, name: str, digests: list[str]) -> list[Any]:
    """Return the values of a private set in the order of its digests; null for one that was erased."""
    left = iter(record.values.get(name, ()))
    return [next(left) if digest in record.lines else None for digest in digests]


def _needed(record: Record) -> list[str]:
    found: set[str] = set()
    for digest in record.digests.values():
        found.update(digest if isinstance(digest, list) else [digest])
    return sorted(key for key in found if key in record.lines)


def _seal(services: Services, device: Device, payload: dict[str, Any]) -> bytes:
    keyring = services.keyring
    token = signing.sign(keyring.ledger, signing.FEED, payload, kid=keyring.ledger_kid)
    info = envelope.feed_info(services.ledger.origin, device.id)
    return envelope.seal(token.encode("ascii"), kem=device.kem, public=device.seal_key, info=info)
