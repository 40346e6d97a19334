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
    EntryRow,
    FileRow,
    HeadRow,
    LedgerRow,
    OutboxRow,
    PrivateRow,
    QuarantineRow,
    TileRow,
)


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


def _raw(value: Any) -> bytes:
    """Return a column's bytes; SQLite lets other types stand in it, which then are the bytes of their text."""
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else str(value).encode()


def _pages(connection: Connection, table: Table, ledger: int, *keys: str) -> Iterator[RowMapping]:
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
        Leaf(row["index"], _raw(row["line"]), row["record"])
        for row in _pages(connection, table_of(EntryRow), ledger, "index")
    )
    bodies = (
        Body(row["index"], row["n"], row["change"], row["digest"], _raw(row["line"]))
        for row in _pages(connection, table_of(BodyRow), ledger, "index", "n")
    )
    privates = (
        Private(row["index"], row["n"], row["kind"], row["digest"], _raw(row["sealed"]))
        for row in _pages(connection, table_of(PrivateRow), ledger, "index", "n", "kind")
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
    for row in _pages(connection, table_of(TileRow), ledger, "level", "number"):
        yield row["level"], row["number"]


def checkpoints(connection: Connection, ledger: int) -> Iterator[StoredCheckpoint]:
    """Yield every signed head, those of one epoch in order."""
    for row in _pages(connection, table_of(CheckpointRow), ledger, "epoch", "size"):
        yield StoredCheckpoint(row["epoch"], row["size"], row["note"], row["at"])


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


def change_sets(connection: Connection, ledger: int) -> Iterator[tuple[StoredSet, int]]:
    """Yield (accepted set, when it was committed) by device and seq."""
    names = ("device", "seq", "digest", "manifest", "first", "count")
    for row in _pages(connection, table_of(ChangeSetRow), ledger, "device", "seq"):
        yield StoredSet(**{name: row[name] for name in names}, receipt=_raw(row["receipt"])), row["at"]


def first_bodies(connection: Connection, ledger: int, first: int, count: int) -> list[Body]:
    """Return the change lines of `count` consecutive entries, without an import's rows."""
    table = table_of(BodyRow)
    span = (table.c.index >= first, table.c.index < first + count)
    statement = select(table).where(table.c.ledger == ledger, table.c.n == 0, *span).order_by(table.c.index)
    rows = connection.execute(statement).mappings()
    return [Body(r["index"], r["n"], r["change"], r["digest"], _raw(r["line"])) for r in rows]


def quarantined_texts(connection: Connection, ledger: int, device: str, seq: int) -> list[bytes]:
    """Return the encrypted texts that are in quarantine under one seq of a device."""
    table = table_of(QuarantineRow)
    where = (table.c.ledger == ledger, table.c.device == device, table.c.seq == seq)
    return [_raw(sealed) for sealed in connection.execute(select(table.c.sealed).where(*where)).scalars()]


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
    for row in _pages(connection, table_of(FileRow), ledger, "digest"):
        yield StoredFile(row["digest"], row["size"], row["state"])
