"""Thousands of rows at once on PostgreSQL: by COPY, which costs one round trip where executemany costs many."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table

ROWS_MIN = 500
"""From so many rows on COPY is worth its set-up."""
Rows = list[dict[str, Any]]


def is_worth_it(connection: Connection, rows: Rows) -> bool:
    """Return whether these rows go faster by COPY."""
    return len(rows) >= ROWS_MIN and connection.dialect.name == "postgresql"


def add(connection: Connection, table: Table, rows: Rows) -> None:
    """Insert rows with keys that are new."""
    _copy(connection, _quoted(connection, table.name), rows)


def upsert(connection: Connection, table: Table, rows: Rows, only: tuple[str, ...]) -> None:
    """Insert rows, or set the columns `only` where the primary key is there already."""
    name, names = _quoted(connection, table.name), [_quoted(connection, column) for column in rows[0]]
    columns, keys = ", ".join(names), ", ".join(_quoted(connection, c.name) for c in table.primary_key)
    changes = ", ".join(f"{one} = EXCLUDED.{one}" for one in (_quoted(connection, word) for word in only))
    # Every name comes from our own tables.
    shape = f"SELECT {columns} FROM {name} WITH NO DATA"  # noqa: S608
    connection.exec_driver_sql(f"CREATE TEMPORARY TABLE arriving ON COMMIT DROP AS {shape}")
    _copy(connection, "arriving", rows)
    connection.exec_driver_sql(
        f"INSERT INTO {name} ({columns}) SELECT {columns} FROM arriving "  # noqa: S608
        f"ON CONFLICT ({keys}) DO UPDATE SET {changes}"
    )
    connection.exec_driver_sql("DROP TABLE arriving")


def _copy(connection: Connection, target: str, rows: Rows) -> None:
    names = list(rows[0])
    columns = ", ".join(_quoted(connection, name) for name in names)
    raw = connection.connection.driver_connection
    assert raw is not None, "a transaction has its connection"
    with raw.cursor() as cursor, cursor.copy(f"COPY {target} ({columns}) FROM STDIN") as stream:
        for row in rows:
            stream.write_row([row[name] for name in names])


def _quoted(connection: Connection, name: str) -> str:
    return connection.dialect.identifier_preparer.quote_identifier(name)
