"""The limit of the same run: one thread that does the bare necessities for the same sealed sets.

Open the envelope, verify the manifest's signature, parse the lines as JSON, and insert the very rows that
the server wrote (entries, bodies, private lines, records, the set) in one durable transaction for each set.
No rights, no merge, no tree, no receipt, no HTTP.
"""

from __future__ import annotations

import base64
import json
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import psycopg
from psycopg import sql
from sqlalchemy import Connection, make_url, text

from sync import envelope
from sync.envelope import OpeningKey
from tests.benchmarks.scene import ORIGIN, Phone, SealedSet

INDEXED = ("entry", "body", "private_line")
SQLITE_PRAGMAS = ("journal_mode=WAL", "synchronous=FULL")


@dataclass(frozen=True)
class Rows:
    """Rows of one table as the server wrote them."""

    table: str
    columns: tuple[str, ...]
    values: list[tuple[Any, ...]]


class Target(Protocol):
    """A database with the server's own tables and indexes, written to without SQLAlchemy."""

    def insert(self, rows: Sequence[Rows]) -> None:
        """Insert all rows in one durable transaction."""

    def close(self) -> None:
        """Close the connection."""


class SqliteTarget:
    """The standard library's driver: executemany, WAL, synchronous=FULL."""

    def __init__(self, path: str):
        self._connection = sqlite3.connect(path, isolation_level=None)
        for pragma in SQLITE_PRAGMAS:
            self._connection.execute(f"PRAGMA {pragma}")

    def insert(self, rows: Sequence[Rows]) -> None:
        """Insert all rows in one durable transaction."""
        self._connection.execute("BEGIN IMMEDIATE")
        for one in rows:
            names = ", ".join(f'"{name}"' for name in one.columns)
            marks = ", ".join("?" * len(one.columns))
            self._connection.executemany(f'INSERT INTO "{one.table}" ({names}) VALUES ({marks})', one.values)
        self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


class PostgresTarget:
    """psycopg: one COPY for each table, one commit."""

    def __init__(self, url: str):
        self._connection = psycopg.connect(url.replace("+psycopg", "", 1))

    def insert(self, rows: Sequence[Rows]) -> None:
        """Insert all rows in one durable transaction."""
        with self._connection.cursor() as cursor:
            for one in rows:
                names = sql.SQL(", ").join(map(sql.Identifier, one.columns))
                statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(one.table), names)
                with cursor.copy(statement) as copy:
                    for row in one.values:
                        copy.write_row(row)
        self._connection.commit()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def target(url: str) -> Target:
    """Return the raw way into a database that has the server's tables."""
    if url.startswith("sqlite"):
        return SqliteTarget(make_url(url).database or "")
    return PostgresTarget(url)


def rows_of(connection: Connection, phone: Phone, one: SealedSet) -> list[Rows]:
    """Return the rows that the server wrote for one set."""
    of_set = {"device": phone.device, "seq": one.seq}
    stored = _select(connection, "change_set", '"device" = :device AND "seq" = :seq', of_set)
    first = stored.values[0][stored.columns.index("first")]
    count = stored.values[0][stored.columns.index("count")]
    span = {"first": first, "end": first + count}
    found = [_select(connection, name, '"index" >= :first AND "index" < :end', span) for name in INDEXED]
    record = _select(connection, "record", '"version" >= :first AND "version" < :end', span)
    return [*found, record, stored]


def _select(connection: Connection, table: str, where: str, values: dict[str, Any]) -> Rows:
    result = connection.execute(text(f'SELECT * FROM "{table}" WHERE "ledger" = 1 AND {where}'), values)
    return Rows(table, tuple(result.keys()), [tuple(row) for row in result])


def run(
    key: OpeningKey, sets: Sequence[tuple[Phone, SealedSet]], rows: Sequence[Sequence[Rows]], into: Target
) -> float:
    """Return the seconds that the bare necessities take for the sets, one after another."""
    verifiers = {phone.device: phone.key.public_key() for phone, _ in sets}
    began = time.perf_counter()
    for (phone, one), own in zip(sets, rows, strict=True):
        info = envelope.change_set_info(ORIGIN, phone.device, key.kid)
        opened = envelope.open_(one.sealed, key=key, info=info)
        jws, *body = opened.decode().splitlines()
        signed, _, signature = jws.rpartition(".")
        verifiers[phone.device].verify(base64.urlsafe_b64decode(signature + "=="), signed.encode())
        for line in body:
            json.loads(line)
        into.insert(own)
    return time.perf_counter() - began
