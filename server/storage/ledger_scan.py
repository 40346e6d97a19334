"""Walking the whole ledger in bounded memory, as its rows stand: for the audit and the doctor.

Nothing here trusts what it reads: a column is handed on as it is, also where it contradicts another.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, func, literal, select, tuple_

from server.storage.database import table_of
from server.storage.ledger_store import PAGE, Body, Private, StoredSet
from server.storage.models import (
    BodyRow,
    ChangeSetRow,
    CheckpointRow,
    DataKeyRow,
    EntryRow,
    FileRow,
    HeadRow,
    LedgerRow,
    PrivateRow,
    QuarantineRow,
    TileRow,
)
from server.storage.reminder_models import OutboxRow


@dataclass(frozen=True, slots=True)
class Leaf:
    """An entry as stored: its bytes and the record column beside them."""

    index: int
    line: bytes
    record: str | None


@dataclass(frozen=True, slots=True)
class Place:
    """All that is stored under one ledger index; `leaf` is None where only bodies or private lines are."""

    index: int
    leaf: Leaf | None
    bodies: tuple[Body, ...]
    privates: tuple[Private, ...]


@dataclass(frozen=True, slots=True)
class ClockLeaps:
    """How often the server's clock went back between two commits; last: the first entry after, last_ms: how far."""

    count: int
    last: int
    last_ms: int


@dataclass(frozen=True, slots=True)
class HeadColumns:
    """The head row, its columns unread."""

    epoch: str
    size: int
    root: str
    edge: str
    note: str
    at: int


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A signed head as stored."""

    epoch: str
    size: int
    note: str
    at: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A cipher file that the database knows."""

    digest: str
    size: int
    state: str


def raw(value: Any) -> bytes:
    """Return a column's bytes; SQLite lets other types stand in it, which then are the bytes of their text."""
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else str(value).encode()


def pages(connection: Connection, table: Table, ledger: int, *keys: str) -> Iterator[RowMapping]:
    """Yield the ledger's rows in the order of some columns that identify them, a page at a time."""
    columns = [table.c[key] for key in keys]
    where: Any = table.c.ledger == ledger
    beyond: Any = True
    while True:
        statement = select(table).where(where, beyond).order_by(*columns).limit(PAGE)
        rows = connection.execute(statement).mappings().all()
        yield from rows
        if len(rows) < PAGE:
            return
        last = [literal(rows[-1][key], table.c[key].type) for key in keys]
        beyond = tuple_(*columns) > tuple_(*last)


def places(connection: Connection, ledger: int) -> Iterator[Place]:
    """Yield everything that stands at each index, in order; holds a page and one import's rows at most."""
    leaves = (
        Leaf(row["index"], raw(row["line"]), row["record"])
        for row in pages(connection, table_of(EntryRow), ledger, "index")
    )
    bodies = (
        Body(row["index"], row["n"], row["change"], row["digest"], raw(row["line"]))
        for row in pages(connection, table_of(BodyRow), ledger, "index", "n")
    )
    privates = (
        Private(row["index"], row["n"], row["kind"], row["digest"], raw(row["sealed"]))
        for row in pages(connection, table_of(PrivateRow), ledger, "index", "n", "kind")
    )
    streams: Sequence[Iterator[Leaf | Body | Private]] = (leaves, bodies, privates)
    for index, rows in groupby(heapq.merge(*streams, key=attrgetter("index")), key=attrgetter("index")):
        found = list(rows)
        yield Place(
            index,
            next((row for row in found if isinstance(row, Leaf)), None),
            tuple(row for row in found if isinstance(row, Body)),
            tuple(row for row in found if isinstance(row, Private)),
        )


def entries_count(connection: Connection, ledger: int) -> int:
    """Return how many entries are stored."""
    table = table_of(EntryRow)
    where = table.c.ledger == ledger
    return int(connection.execute(select(func.count()).select_from(table).where(where)).scalar_one())


def founded_at(connection: Connection, ledger: int) -> int:
    """Return when the ledger was made, Unix ms."""
    table = table_of(LedgerRow)
    return int(connection.execute(select(table.c.created_at).where(table.c.id == ledger)).scalar_one())


def head(connection: Connection, ledger: int) -> HeadColumns | None:
    """Return the head row as it stands, or None."""
    table = table_of(HeadRow)
    row = connection.execute(select(table).where(table.c.ledger == ledger)).mappings().one_or_none()
    names = ("epoch", "size", "root", "edge", "note", "at")
    return HeadColumns(**{name: row[name] for name in names}) if row else None


def tile_keys(connection: Connection, ledger: int) -> Iterator[tuple[int, int]]:
    """Yield (level, number) of every stored tile."""
    for row in pages(connection, table_of(TileRow), ledger, "level", "number"):
        yield row["level"], row["number"]


def checkpoints(connection: Connection, ledger: int) -> Iterator[StoredCheckpoint]:
    """Yield every signed head by size; of one size, those of all epochs."""
    table = table_of(CheckpointRow)
    epochs = connection.execute(select(table.c.epoch).where(table.c.ledger == ledger).distinct()).scalars()
    # Epoch by epoch the primary key gives them in order. What an altered column holds need not be a text.
    each = [_of_epoch(connection, ledger, epoch) for epoch in sorted(epochs, key=str)]
    yield from heapq.merge(*each, key=attrgetter("size"))


def _of_epoch(connection: Connection, ledger: int, epoch: str) -> Iterator[StoredCheckpoint]:
    table, after = table_of(CheckpointRow), -1
    while True:
        where = (table.c.ledger == ledger, table.c.epoch == epoch, table.c.size > after)
        rows = connection.execute(select(table).where(*where).order_by(table.c.size).limit(PAGE)).all()
        for row in rows:
            yield StoredCheckpoint(row.epoch, row.size, row.note, row.at)
        if len(rows) < PAGE:
            return
        after = rows[-1].size


def checkpoint(connection: Connection, ledger: int, epoch: str, size: int) -> StoredCheckpoint | None:
    """Return the signed head of a size, or None."""
    table = table_of(CheckpointRow)
    where = (table.c.ledger == ledger, table.c.epoch == epoch, table.c.size == size)
    row = connection.execute(select(table).where(*where)).mappings().one_or_none()
    return StoredCheckpoint(row["epoch"], row["size"], row["note"], row["at"]) if row else None


def newest_checkpoints(connection: Connection, ledger: int, limit: int) -> list[StoredCheckpoint]:
    """Return the largest signed heads, the largest first."""
    table = table_of(CheckpointRow)
    ordered = select(table).where(table.c.ledger == ledger).order_by(table.c.size.desc()).limit(limit)
    rows = connection.execute(ordered).mappings()
    return [StoredCheckpoint(row["epoch"], row["size"], row["note"], row["at"]) for row in rows]


def clock_leaps(connection: Connection, ledger: int, more_than_ms: int) -> ClockLeaps | None:
    """Return how often a head of the present epoch was signed more than so many ms before the one below it."""
    heads = table_of(CheckpointRow)
    epoch = select(table_of(HeadRow).c.epoch).where(table_of(HeadRow).c.ledger == ledger).scalar_subquery()
    order: dict[str, Any] = {"order_by": heads.c.size}
    below = (
        select(
            func.lag(heads.c.size).over(**order).label("size"),
            (func.lag(heads.c.at).over(**order) - heads.c.at).label("back"),
        )
        .where(heads.c.ledger == ledger, heads.c.epoch == epoch)
        .subquery()
    )
    leaps = (
        select(func.count().over(), below.c.size, below.c.back)
        .where(below.c.back > more_than_ms)
        .order_by(below.c.size.desc())
        .limit(1)
    )
    found = connection.execute(leaps).first()
    return ClockLeaps(*found) if found is not None else None


def change_sets(connection: Connection, ledger: int) -> Iterator[tuple[StoredSet, int]]:
    """Yield (accepted set, when it was committed) by device and seq."""
    names = ("device", "seq", "digest", "manifest", "first", "count")
    for row in pages(connection, table_of(ChangeSetRow), ledger, "device", "seq"):
        yield StoredSet(**{name: row[name] for name in names}, receipt=raw(row["receipt"])), row["at"]


def first_bodies(connection: Connection, ledger: int, first: int, count: int) -> list[Body]:
    """Return the change lines of `count` consecutive entries, without an import's rows."""
    table = table_of(BodyRow)
    span = (table.c.index >= first, table.c.index < first + count)
    statement = select(table).where(table.c.ledger == ledger, table.c.n == 0, *span).order_by(table.c.index)
    rows = connection.execute(statement).mappings()
    return [Body(r["index"], r["n"], r["change"], r["digest"], raw(r["line"])) for r in rows]


def quarantined_texts(connection: Connection, ledger: int, device: str, seq: int) -> list[bytes]:
    """Return the encrypted texts that are in quarantine under one seq of a device."""
    table = table_of(QuarantineRow)
    where = (table.c.ledger == ledger, table.c.device == device, table.c.seq == seq)
    return [raw(sealed) for sealed in connection.execute(select(table.c.sealed).where(*where)).scalars()]


def quarantine_count(connection: Connection, ledger: int) -> int:
    """Return how many texts are in quarantine."""
    table = table_of(QuarantineRow)
    where = table.c.ledger == ledger
    return int(connection.execute(select(func.count()).select_from(table).where(where)).scalar_one())


def outbox_counts(connection: Connection, ledger: int) -> dict[str, int]:
    """Return {state: number of reminders}."""
    table = table_of(OutboxRow)
    counted = select(table.c.state, func.count()).where(table.c.ledger == ledger).group_by(table.c.state)
    return {row[0]: int(row[1]) for row in connection.execute(counted)}


def files(connection: Connection, ledger: int) -> Iterator[StoredFile]:
    """Yield every file that the database knows, by digest."""
    for row in pages(connection, table_of(FileRow), ledger, "digest"):
        yield StoredFile(row["digest"], row["size"], row["state"])


def data_keys(connection: Connection, ledger: int, limit: int) -> list[tuple[str, int, bytes]]:
    """Return (root, KEK version, wrapped key) of some data keys."""
    table = table_of(DataKeyRow)
    columns = (table.c.root, table.c.kek_version, table.c.wrapped)
    rows = connection.execute(select(*columns).where(table.c.ledger == ledger).limit(limit))
    return [(root, version, bytes(wrapped)) for root, version, wrapped in rows]
