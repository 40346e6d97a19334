"""Appending to the ledger. Only server.commit imports this: the one door."""

from __future__ import annotations

import base64
from typing import Any

from sqlalchemy import Connection, update

from server.storage.database import add, table_of, upsert
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
from sync.merkle import CompactRange

Rows = list[dict[str, Any]]


def create_ledger(connection: Connection, *, ledger: int, origin: str, demo: bool, at: int) -> None:
    """Add the row of a new ledger."""
    add(connection, table_of(LedgerRow), [{"id": ledger, "origin": origin, "demo": demo, "created_at": at}])


def append(connection: Connection, *, entries: Rows, bodies: Rows, privates: Rows, change_sets: Rows) -> None:
    """Insert the rows of a commit; every key is new."""
    add(connection, table_of(EntryRow), entries)
    add(connection, table_of(BodyRow), bodies)
    add(connection, table_of(PrivateRow), privates)
    add(connection, table_of(ChangeSetRow), change_sets)


def write_tiles(connection: Connection, ledger: int, changed: dict[tuple[int, int], bytearray]) -> None:
    """Write the tiles that a commit changed: new ones and the right edge."""
    rows = [
        {"ledger": ledger, "level": level, "number": number, "hashes": bytes(hashes)}
        for (level, number), hashes in sorted(changed.items())
    ]
    upsert(connection, table_of(TileRow), rows)


def write_checkpoint(connection: Connection, ledger: int, head: Checkpoint, at: int) -> None:
    """Keep a signed head for ever."""
    row = {"ledger": ledger, "epoch": head.epoch, "size": head.size, "note": head.note, "at": at}
    add(connection, table_of(CheckpointRow), [row])


def write_head(connection: Connection, ledger: int, head: Checkpoint, tree: CompactRange, at: int) -> None:
    """Move the head; the last statement of every commit."""
    values = {
        "epoch": head.epoch,
        "size": head.size,
        "root": head.root.hex(),
        "edge": base64.b64encode(b"".join(tree.hashes)).decode(),
        "note": head.note,
        "at": at,
    }
    moved = connection.execute(update(HeadRow).where(HeadRow.ledger == ledger).values(**values))
    if not moved.rowcount:
        add(connection, table_of(HeadRow), [{"ledger": ledger, **values}])
