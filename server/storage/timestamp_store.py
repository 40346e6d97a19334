"""Timestamps of checkpoints as rows; the database refuses to change them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from server.storage.database import add_if_absent, table_of
from server.storage.ledger_scan import pages, raw
from server.storage.witness_models import TimeTokenRow

TABLE = table_of(TimeTokenRow)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A kept timestamp: the checkpoint's epoch and size, the authority's time in Unix ms, its answer's bytes."""

    epoch: str
    size: int
    at: int
    response: bytes
    digest: str


def keep(connection: Connection, ledger: int, epoch: str, size: int, at: int, response: bytes) -> Stamp:
    """Keep an answer that was verified, and return it; one of the same time on the same head is there already."""
    stamp = Stamp(epoch, size, at, response, hashlib.sha256(response).hexdigest())
    row = {"epoch": epoch, "size": size, "at": at, "digest": stamp.digest, "response": response}
    add_if_absent(connection, TABLE, {"ledger": ledger, **row})
    return stamp


def newest_at(connection: Connection, ledger: int) -> int | None:
    """Return the time of the newest timestamp, Unix ms; None where there is none."""
    newest = select(func.max(TABLE.c.at)).where(TABLE.c.ledger == ledger)
    found = connection.execute(newest).scalar_one_or_none()
    return None if found is None else int(found)


def newest_of(connection: Connection, ledger: int, epoch: str, most: int) -> list[tuple[int, int]]:
    """Return (size, time in Unix ms) of the newest timestamps on heads of an epoch, newest first."""
    statement = select(TABLE.c.size, TABLE.c.at).where(TABLE.c.ledger == ledger, TABLE.c.epoch == epoch)
    rows = connection.execute(statement.order_by(TABLE.c.at.desc()).limit(most))
    return [(int(size), int(at)) for size, at in rows]


def all_of(connection: Connection, ledger: int) -> Iterator[Stamp]:
    """Yield every kept timestamp as it stands, in order of epoch, size and time."""
    for row in pages(connection, TABLE, ledger, "epoch", "size", "at"):
        yield Stamp(row["epoch"], row["size"], row["at"], raw(row["response"]), row["digest"])
