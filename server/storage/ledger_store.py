"""Reading the ledger: head, entries, bodies, tiles, checkpoints, change-sets."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, RowMapping, bindparam, select

from server.storage.models import (
    BodyRow,
    ChangeSetRow,
    CheckpointRow,
    EntryRow,
    HeadRow,
    LedgerRow,
    PrivateRow,
    TileRow,
)
from sync.checkpoint import Checkpoint
from sync.errors import NotFound
from sync.merkle import HASH_BYTES, CompactRange
from sync.tiles import ReadTile

PAGE = 500


@dataclass(frozen=True, slots=True)
class Ledger:
    """One ledger of the installation."""

    id: int
    origin: str
    demo: bool


@dataclass(frozen=True, slots=True)
class Head:
    """The ledger's present head, with the compact range from which it grows."""

    epoch: str
    size: int
    root: bytes
    edge: tuple[bytes, ...]
    note: str
    at: int

    def tree(self) -> CompactRange:
        """Return the compact range, ready to be appended to."""
        return CompactRange(self.size, self.edge)

    def checkpoint(self, origin: str) -> Checkpoint:
        """Return the head as a checkpoint."""
        return Checkpoint(origin, self.epoch, self.size, self.root, self.note)


@dataclass(frozen=True, slots=True)
class StoredSet:
    """An accepted change-set: its manifest and the receipt without its entry lines."""

    device: str
    seq: int
    digest: str
    manifest: str
    first: int
    count: int
    receipt: bytes


def find_ledger(connection: Connection, origin: str) -> Ledger:
    """Return the ledger of an origin; raises NotFound."""
    row = connection.execute(select(LedgerRow.__table__).where(LedgerRow.origin == origin)).one_or_none()
    if row is None:
        raise NotFound(f"there is no ledger {origin} here; make it with `wardledger init`")
    return Ledger(row.id, row.origin, row.demo)


def has_ledger(connection: Connection) -> bool:
    """Return whether there is any ledger here."""
    return connection.execute(select(LedgerRow.id).limit(1)).first() is not None


_HEAD = select(HeadRow.__table__).where(HeadRow.ledger == bindparam("ledger"))
_TILE = select(TileRow.hashes).where(
    TileRow.ledger == bindparam("ledger"),
    TileRow.level == bindparam("level"),
    TileRow.number == bindparam("number"),
)
_BODY = BodyRow.__table__.c
_USED = select(_BODY.change, _BODY.index, _BODY.digest).where(
    _BODY.ledger == bindparam("ledger"), _BODY.change.in_(bindparam("ids", expanding=True))
)


def head(connection: Connection, ledger: int) -> Head:
    """Return the ledger's head; raises NotFound when there is none."""
    row = connection.execute(_HEAD, {"ledger": ledger}).one_or_none()
    if row is None:
        raise NotFound("the ledger has no head")
    edge = base64.b64decode(row.edge)
    parts = tuple(edge[at : at + HASH_BYTES] for at in range(0, len(edge), HASH_BYTES))
    return Head(row.epoch, row.size, bytes.fromhex(row.root), parts, row.note, row.at)


def tile_reader(connection: Connection, ledger: int) -> ReadTile:
    """Return a reader of tiles; a tile that is not there reads as empty."""

    def read(level: int, number: int) -> bytes:
        place = {"ledger": ledger, "level": level, "number": number}
        found = connection.execute(_TILE, place).scalar_one_or_none()
        return bytes(found) if found is not None else b""

    return read


def entry_lines(connection: Connection, ledger: int, first: int, count: int) -> list[bytes]:
    """Return `count` leaves from `first` on, fewer at the end."""
    table = EntryRow.__table__
    rows = connection.execute(
        select(table.c.line)
        .where(table.c.ledger == ledger, table.c.index >= first, table.c.index < first + count)
        .order_by(table.c.index)
    )
    return [bytes(row.line) for row in rows]


def lines_at(connection: Connection, ledger: int, indexes: Sequence[int]) -> dict[int, bytes]:
    """Return the leaves at some indexes."""
    table = EntryRow.__table__
    rows = connection.execute(
        select(table.c.index, table.c.line).where(table.c.ledger == ledger, table.c.index.in_(indexes))
    )
    return {index: bytes(line) for index, line in rows}


def indexes_of(connection: Connection, ledger: int, record: str) -> list[int]:
    """Return the indexes of the entries that name a record, in order."""
    table = EntryRow.__table__
    where = (table.c.ledger == ledger, table.c.record == record)
    # Ordered here: asked for an order, SQLite walks the whole ledger in it instead of using the index on records.
    return sorted(connection.execute(select(table.c.index).where(*where)).scalars())


def all_entries(connection: Connection, ledger: int) -> Iterator[tuple[int, bytes, str | None]]:
    """Yield (index, line, record column) of every entry in order, a page at a time."""
    table, after = EntryRow.__table__, -1
    while True:
        rows = connection.execute(
            select(table.c.index, table.c.line, table.c.record)
            .where(table.c.ledger == ledger, table.c.index > after)
            .order_by(table.c.index)
            .limit(PAGE)
        ).all()
        for index, line, record in rows:
            yield index, bytes(line), record
        if len(rows) < PAGE:
            return
        after = rows[-1][0]


@dataclass(frozen=True, slots=True)
class Body:
    """A change line as stored: its place, change id and digest columns beside the bytes."""

    index: int
    n: int
    change: str | None
    digest: str
    line: bytes


def bodies(connection: Connection, ledger: int, index: int) -> list[Body]:
    """Return the bodies of one entry: the change, then the rows of an import."""
    table = BodyRow.__table__
    where = (table.c.ledger == ledger, table.c.index == index)
    rows = connection.execute(select(table).where(*where).order_by(table.c.n)).mappings()
    return [_body(row) for row in rows]


def bodies_at(connection: Connection, ledger: int, indexes: Sequence[int]) -> dict[int, bytes]:
    """Return the change lines of some entries; of an import, its header."""
    table = BodyRow.__table__
    where = (table.c.ledger == ledger, table.c.index.in_(indexes), table.c.n == 0)
    rows = connection.execute(select(table.c.index, table.c.line).where(*where))
    return {index: bytes(line) for index, line in rows}


def bodies_named(connection: Connection, ledger: int, changes: Sequence[str]) -> list[Body]:
    """Return the change lines of some change ids, of a row of an import its own."""
    table = BodyRow.__table__
    where = (table.c.ledger == ledger, table.c.change.in_(changes))
    return [_body(row) for row in connection.execute(select(table).where(*where)).mappings()]


def _body(row: RowMapping) -> Body:
    return Body(row["index"], row["n"], row["change"], row["digest"], bytes(row["line"]))


@dataclass(frozen=True, slots=True)
class Private:
    """An encrypted private line as stored."""

    index: int
    n: int
    kind: str
    digest: str
    sealed: bytes


def privates(connection: Connection, ledger: int, index: int) -> list[Private]:
    """Return the encrypted private lines of one entry."""
    table = PrivateRow.__table__
    where = (table.c.ledger == ledger, table.c.index == index)
    rows = connection.execute(select(table).where(*where).order_by(table.c.n, table.c.kind)).mappings()
    return [Private(r["index"], r["n"], r["kind"], r["digest"], bytes(r["sealed"])) for r in rows]


def privates_at(
    connection: Connection, ledger: int, places: Sequence[tuple[int, int]]
) -> list[tuple[int, int, bytes]]:
    """Return (index, n, sealed line) of the private lines of some changes, by their places."""
    table, wanted = PrivateRow.__table__, set(places)
    # By index and by number: an import has as many private lines at one index as it has rows.
    where = (
        table.c.ledger == ledger,
        table.c.index.in_({index for index, _ in wanted}),
        table.c.n.in_({n for _, n in wanted}),
    )
    rows = connection.execute(select(table).where(*where).order_by(table.c.kind)).mappings()
    return [
        (row["index"], row["n"], bytes(row["sealed"])) for row in rows if (row["index"], row["n"]) in wanted
    ]


def used_changes(connection: Connection, ledger: int, ids: Sequence[str]) -> dict[str, str]:
    """Return {change id: digest of its first line} of those ids that the ledger holds already."""
    found: dict[str, tuple[int, str]] = {}
    for at in range(0, len(ids), PAGE):
        rows = connection.execute(_USED, {"ledger": ledger, "ids": ids[at : at + PAGE]})
        # Ordered here: asked for an order, SQLite walks the whole ledger in it instead of using the index on ids.
        for change, index, digest in rows:
            if change not in found or index < found[change][0]:
                found[change] = index, digest
    return {change: digest for change, (_, digest) in found.items()}


def change_set(connection: Connection, ledger: int, device: str, seq: int) -> StoredSet | None:
    """Return an accepted set of a device, or None."""
    table = ChangeSetRow.__table__
    where = (table.c.ledger == ledger, table.c.device == device, table.c.seq == seq)
    row = connection.execute(select(table).where(*where)).mappings().one_or_none()
    return _stored(row) if row else None


def change_sets(connection: Connection, ledger: int) -> list[StoredSet]:
    """Return every accepted set, by device and seq."""
    table = ChangeSetRow.__table__
    ordered = select(table).where(table.c.ledger == ledger).order_by(table.c.device, table.c.seq)
    return [_stored(row) for row in connection.execute(ordered).mappings()]


def _stored(row: RowMapping) -> StoredSet:
    names = ("device", "seq", "digest", "manifest", "first", "count")
    return StoredSet(**{name: row[name] for name in names}, receipt=bytes(row["receipt"]))


def checkpoints(connection: Connection, ledger: int) -> list[tuple[str, int, str]]:
    """Return (epoch, size, note) of every head that was signed, in order."""
    table = CheckpointRow.__table__
    rows = connection.execute(
        select(table).where(table.c.ledger == ledger).order_by(table.c.at, table.c.size)
    )
    return [(row.epoch, row.size, row.note) for row in rows]


def tiles(connection: Connection, ledger: int) -> dict[tuple[int, int], bytes]:
    """Return every stored tile."""
    table = TileRow.__table__
    rows = connection.execute(select(table).where(table.c.ledger == ledger))
    return {(row.level, row.number): bytes(row.hashes) for row in rows}
