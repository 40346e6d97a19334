"""Rows in and out of tables without a statement built for each: the text is made once, values go as they are.

What is written here is text, numbers, bytes and nothing that a driver would have to be told the type of.
On PostgreSQL many rows go by COPY, which costs one round trip.
"""

from __future__ import annotations

from functools import lru_cache
from operator import itemgetter
from typing import Any

from sqlalchemy import Connection, Dialect, Table
from sqlalchemy.exc import DBAPIError

from server.storage.room import full_database, is_full

COPY_MIN = 24
"""From so many rows on COPY is worth its set-up."""
COPY_UPSERT_MIN = 500
"""The same for an upsert, which needs a table for what arrives."""
Rows = list[dict[str, Any]]


def add(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows, at least one, all with the same columns; their keys are new."""
    if _is_postgresql(connection) and len(rows) >= COPY_MIN:
        _copy(connection, _quoted(connection.dialect, table.name), rows)
        return
    _send(connection, _insert(connection.dialect, table, tuple(rows[0])), rows)


def upsert(connection: Connection, table: Table, rows: Rows, only: tuple[str, ...]) -> None:
    """Insert rows, at least one, or set the columns `only` where the primary key is there already."""
    names = tuple(rows[0])
    tail = _on_conflict(connection.dialect, table, only)
    if not _is_postgresql(connection) or len(rows) < COPY_UPSERT_MIN:
        _send(connection, f"{_insert(connection.dialect, table, names)} {tail}", rows)
        return
    name, columns = _quoted(connection.dialect, table.name), _columns(connection.dialect, names)
    # Every name comes from our own tables.
    shape = f"SELECT {columns} FROM {name} WITH NO DATA"  # noqa: S608
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE arriving ON COMMIT DROP AS {shape}")
    _copy(connection, "arriving", rows)
    connection.exec_driver_sql(
        f"INSERT INTO {name} ({columns}) SELECT {columns} FROM arriving {tail}"  # noqa: S608
    )
    connection.exec_driver_sql("DROP TABLE arriving")


def _is_postgresql(connection: Connection) -> bool:
    return connection.dialect.name == "postgresql"


def _send(connection: Connection, statement: str, rows: Rows) -> None:
    names = tuple(rows[0])
    values = itemgetter(*names) if len(names) > 1 else lambda row: (row[names[0]],)
    sent = [values(row) for row in rows]
    connection.exec_driver_sql(statement, sent if len(sent) > 1 else sent[0])


@lru_cache(maxsize=256)
def _insert(dialect: Dialect, table: Table, names: tuple[str, ...]) -> str:
    places = ", ".join(["?" if dialect.paramstyle == "qmark" else "%s"] * len(names))
    name, columns = _quoted(dialect, table.name), _columns(dialect, names)
    return f"INSERT INTO {name} ({columns}) VALUES ({places})"  # noqa: S608


@lru_cache(maxsize=256)
def _on_conflict(dialect: Dialect, table: Table, only: tuple[str, ...]) -> str:
    keys = _columns(dialect, tuple(column.name for column in table.primary_key))
    changes = ", ".join(f"{one} = EXCLUDED.{one}" for one in (_quoted(dialect, word) for word in only))
    return f"ON CONFLICT ({keys}) DO UPDATE SET {changes}"


def _copy(connection: Connection, target: str, rows: Rows) -> None:
    names = tuple(rows[0])
    raw = connection.connection.driver_connection
    assert raw is not None, "a transaction has its connection"
    statement = f"COPY {target} ({_columns(connection.dialect, names)}) FROM STDIN"
    driver = connection.dialect.loaded_dbapi
    try:
        with raw.cursor() as cursor, cursor.copy(statement) as stream:
            for row in rows:
                stream.write_row([row[name] for name in names])
    except driver.Error as error:
        # A fault here is the same to the callers as one of any other statement.
        if is_full(error):
            raise full_database() from error
        raise DBAPIError.instance(
            statement, None, error, driver.Error, hide_parameters=True, dialect=connection.dialect
        ) from error


def _columns(dialect: Dialect, names: tuple[str, ...]) -> str:
    return ", ".join(_quoted(dialect, name) for name in names)


def _quoted(dialect: Dialect, name: str) -> str:
    return dialect.identifier_preparer.quote_identifier(name)
