"""Connections and transactions: the only place that knows how SQLite and PostgreSQL differ here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, ExceptionContext, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import OperationalError

from server.storage import bulk
from server.storage.room import full_database, is_full
from sync.errors import Busy, StorageFull

LOCK_SECONDS = 30
POOL_SIZE = 16


def engine_options(url: str) -> dict[str, Any]:
    """Return the engine options that an installation's address needs."""
    if url.startswith("sqlite"):
        return {
            "connect_args": {"timeout": LOCK_SECONDS, "check_same_thread": False},
            "hide_parameters": True,
        }
    return {"pool_size": POOL_SIZE, "pool_pre_ping": True, "hide_parameters": True}


def prepare(engine: Engine) -> None:
    """Make every connection durable, every transaction explicit and a full database known; call once per engine."""

    @event.listens_for(engine, "handle_error")
    def _refuse_when_full(context: ExceptionContext) -> StorageFull | None:
        return full_database() if is_full(context.original_exception) else None

    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _: Any) -> None:
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        mode = "IMMEDIATE" if connection.get_execution_options().get("immediate") else "DEFERRED"
        connection.exec_driver_sql(f"BEGIN {mode}")


class Database:
    """The engine with its two kinds of transaction: reading sees one snapshot, writing holds the ledger's lock."""

    def __init__(self, engine: Engine):
        self.engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        isolation = {} if self._sqlite else {"isolation_level": "REPEATABLE READ"}
        self._reader = engine.execution_options(**isolation)
        self._writer = engine.execution_options(immediate=True)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one snapshot of everything."""
        with self._reader.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def writing(self, ledger: int) -> Iterator[Connection]:
        """Yield a connection that holds the ledger's lock; commits at the end, rolls back on any exception.

        Raises Busy when the lock was not to be had in LOCK_SECONDS, StorageFull when there is no room.
        """
        with self._writer.connect() as connection:
            try:
                transaction = connection.begin()
                if not self._sqlite:
                    connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
                    connection.execute(
                        text("SELECT pg_advisory_xact_lock(7746, :ledger)"), {"ledger": ledger}
                    )
            except OperationalError as error:
                raise Busy("the ledger is locked by another process") from error
            with transaction:
                yield connection


def table_of(model: Any) -> Table:
    """Return the Core table behind a model."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def upsert(
    connection: Connection, table: Table, rows: list[dict[str, Any]], only: tuple[str, ...] = ()
) -> None:
    """Insert rows, or set all other columns (or `only` those) where the primary key is there already."""
    if rows:
        keys = {column.name for column in table.primary_key}
        bulk.upsert(connection, table, rows, only or tuple(name for name in rows[0] if name not in keys))


def add(connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
    """Insert rows; a key that is there already is a fault of the caller."""
    if rows:
        bulk.add(connection, table, rows)


def add_if_absent(connection: Connection, table: Table, row: dict[str, Any]) -> bool:
    """Insert a row unless its key is there; return whether it was inserted."""
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    keys = list(table.primary_key)
    statement = dialect.insert(table).values(**row).on_conflict_do_nothing().returning(*keys)
    return connection.execute(statement).first() is not None
