"""The wrapped data keys: counted and re-wrapped version by version. What they open is not touched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, func, select, update

from server.storage.database import table_of
from server.storage.models import DataKeyRow

TABLE = table_of(DataKeyRow)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A data key as it is stored."""

    root: str
    version: int
    key: bytes


def counts(connection: Connection, ledger: int) -> dict[int, int]:
    """Return {KEK version: number of data keys under it}."""
    statement = (
        select(TABLE.c.kek_version, func.count())
        .where(TABLE.c.ledger == ledger)
        .group_by(TABLE.c.kek_version)
        .order_by(TABLE.c.kek_version)
    )
    return {int(version): int(number) for version, number in connection.execute(statement)}


def below(connection: Connection, ledger: int, version: int, limit: int) -> list[Wrapped]:
    """Return some data keys under older versions than `version`."""
    older = (TABLE.c.ledger == ledger, TABLE.c.kek_version < version)
    statement = select(TABLE).where(*older).order_by(TABLE.c.root).limit(limit)
    return [_wrapped(row) for row in connection.execute(statement)]


def one_under(connection: Connection, ledger: int, version: int) -> Wrapped | None:
    """Return a data key under a version, or None."""
    statement = select(TABLE).where(TABLE.c.ledger == ledger, TABLE.c.kek_version == version).limit(1)
    row = connection.execute(statement).one_or_none()
    return _wrapped(row) if row is not None else None


def rewrap(connection: Connection, ledger: int, keys: Sequence[Wrapped]) -> None:
    """Store data keys under another version; their own bytes stay what they were."""
    for one in keys:
        where = (TABLE.c.ledger == ledger, TABLE.c.root == one.root)
        connection.execute(update(TABLE).where(*where).values(kek_version=one.version, wrapped=one.key))


def destroy(connection: Connection, ledger: int, root: str) -> None:
    """Destroy a data key: nothing that was sealed or hashed under it can be read or found any more."""
    connection.execute(delete(TABLE).where(TABLE.c.ledger == ledger, TABLE.c.root == root))


def _wrapped(row: object) -> Wrapped:
    return Wrapped(row.root, row.kek_version, bytes(row.wrapped))  # type: ignore[attr-defined]
