"""Altering what the database holds behind the server's back, inside a transaction that is rolled back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import BigInteger, Connection, Integer, LargeBinary, Table, delete, select, text, update

from server.ledger.audit import Report, audit_snapshot
from server.storage.database import table_of
from server.storage.models import (
    APPEND_ONLY,
    NO_UPDATE,
    BodyRow,
    CatalogueLineRow,
    ChangeSetRow,
    CheckpointRow,
    EntryRow,
    GrantRow,
    HeadRow,
    PrivateRow,
    RecordRow,
    TileRow,
)
from server.wiring import Services

Row = Mapping[str, Any]
TABLES: dict[str, Table] = {
    table.name: table
    for table in map(
        table_of,
        (
            EntryRow, BodyRow, PrivateRow, TileRow, CheckpointRow, ChangeSetRow, HeadRow, RecordRow, GrantRow,
            CatalogueLineRow,
        ),
    )
}  # fmt: skip
KEYS = {
    "entry": "{index}",
    "body": "{index}/{n}",
    "private_line": "{index}/{n}/{kind}",
    "tile": "{level}/{number}",
    "checkpoint": "{epoch}/{size}",
    "change_set": "{device}/{seq}",
    "head": "{ledger}",
    "record": "{id}",
    "grant": "{user}/{role}/{root}/{via}/{start}",
    "catalogue_line": "{digest}/{n}",
}
"""How the audit spells the key of a row."""


@contextmanager
def altered(services: Services) -> Iterator[Connection]:
    """Yield a connection on which nothing refuses an alteration and nothing of it stays."""
    with services.engine.connect() as connection:
        transaction = connection.begin()
        _drop_guards(connection)
        try:
            yield connection
        finally:
            transaction.rollback()


def _drop_guards(connection: Connection) -> None:
    guards = [(table, verb) for table in APPEND_ONLY for verb in ("update", "delete")]
    guards += [(table, "update") for table in NO_UPDATE]
    sqlite = connection.dialect.name == "sqlite"
    for table, verb in guards:
        connection.execute(text(f"DROP TRIGGER {table}_no_{verb}" + ("" if sqlite else f" ON {table}")))


def report_of(services: Services, connection: Connection) -> Report:
    """Return what the audit says of what this connection sees."""
    return audit_snapshot(services, connection)


def rows_of(connection: Connection, name: str) -> list[Row]:
    """Return every row of a table, in the order of its key."""
    table = TABLES[name]
    return [dict(row) for row in connection.execute(select(table).order_by(*table.primary_key)).mappings()]


def key_of(name: str, row: Row) -> str:
    """Return how the audit spells the key of a row."""
    return KEYS[name].format(**row)


def flipped(table: Table, column: str, value: Any) -> Any:
    """Return the value with one byte of it altered, still of the column's type."""
    kind = table.c[column].type
    if value is None:
        return 7 if isinstance(kind, Integer | BigInteger) else "0"
    if isinstance(kind, LargeBinary):
        raw = bytearray(value)
        raw[len(raw) // 2] ^= 1
        return bytes(raw)
    if isinstance(value, int):
        # The lowest byte of a time is below what anybody signs; the lowest of a key names another row.
        key = column in {part.name for part in table.primary_key}
        return value ^ (1 << 31 if column == "at" else 1 << 16 if key else 1)
    middle = len(value) // 2
    other = "b" if value[middle] != "b" else "c"
    return value[:middle] + other + value[middle + 1 :]


def set_column(connection: Connection, name: str, row: Row, column: str, value: Any) -> None:
    """Write one column of one row."""
    table = TABLES[name]
    done = connection.execute(update(table).where(*_exactly(table, row)).values({table.c[column]: value}))
    assert done.rowcount == 1


def remove(connection: Connection, name: str, row: Row) -> None:
    """Delete one row."""
    done = connection.execute(delete(TABLES[name]).where(*_exactly(TABLES[name], row)))
    assert done.rowcount == 1


def _exactly(table: Table, row: Row) -> list[Any]:
    return [column == row[column.name] for column in table.primary_key]
