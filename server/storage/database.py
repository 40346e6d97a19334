"""Connections and transactions: the only place that knows how SQLite and PostgreSQL differ here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, Engine, ExceptionContext, Table, event, text
from sqlalchemy.dialects import postgresql, sqlite

from server.storage import bulk, outage
from server.storage.room import full_database, is_full
from sync.errors import Refusal

LOCK_SECONDS = 20
"""How long a commit waits for another process's; less than a phone waits for its answer."""
POOL_SIZE = 16
POOL_SECONDS = 10
"""How long a request waits for a connection when all are in use."""
POOL = {"pool_size": POOL_SIZE, "max_overflow": POOL_SIZE, "pool_timeout": POOL_SECONDS}
CONNECT_SECONDS = 5
DEAD_LINE_MS = 20_000
"""After so long without an answer from the other machine's kernel a connection is taken for dead."""


def engine_options(url: str) -> dict[str, Any]:
    """Return the engine options that an installation's address needs."""
    if url.startswith("sqlite"):
        return {
            "connect_args": {"timeout": LOCK_SECONDS, "check_same_thread": False},
            **POOL,
            "hide_parameters": True,
        }
    line = {"connect_timeout": CONNECT_SECONDS, "tcp_user_timeout": DEAD_LINE_MS}
    return {
        **POOL,
        "pool_pre_ping": True,
        "connect_args": {**line, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2},
        "hide_parameters": True,
    }


_OPENED: WeakKeyDictionary[Engine, list[tuple[int, int]]] = WeakKeyDictionary()
"""Which file each engine opened first: (device, inode)."""


def prepare(engine: Engine) -> None:
    """Make every connection durable and every transaction explicit; a database without room, locked or gone is told.

    Call once per engine: its connections raise StorageFull, Busy and DatabaseDown from then on.
    """

    @event.listens_for(engine, "handle_error")
    def _refuse(context: ExceptionContext) -> Refusal | None:
        if context.is_pre_ping:
            return None  # A stale connection of the pool; another one is made in its stead.
        if is_full(context.original_exception):
            return full_database()
        return outage.refusal_of(context.original_exception, disconnected=context.is_disconnect)

    if engine.dialect.name != "sqlite":
        return
    if engine.url.database not in (None, "", ":memory:"):
        _stay_with_the_file(engine)

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


def _stay_with_the_file(engine: Engine) -> None:
    """Raise DatabaseDown where the file that this process opened is gone, or another lies in its place.

    SQLite would go on in a file that nobody finds any more, and a new connection would make an empty one.
    """
    path = Path(engine.url.database or "")
    known = _OPENED.setdefault(engine, [])

    def stands() -> tuple[int, int] | None:
        try:
            found = path.stat()
        except OSError:
            return None
        return found.st_dev, found.st_ino

    @event.listens_for(engine, "do_connect")
    def _before(*_: Any) -> None:
        if known and stands() != known[0]:
            raise outage.gone()

    @event.listens_for(engine, "begin")
    def _still(connection: Connection) -> None:
        here = stands()
        if not known and here is not None:
            known.append(here)
        elif known and here != known[0]:
            raise outage.gone()


def take_up(engine: Engine) -> None:
    """Let go of every connection, and take whatever file lies in the database's place from now on for it."""
    engine.dispose()
    if known := _OPENED.get(engine):
        known.clear()


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

        Raises Busy when the lock was not to be had in LOCK_SECONDS, StorageFull when there is no room, DatabaseDown
        when the database is gone: then it has done all of it or nothing, and only asking again tells.
        """
        with self._writer.connect() as connection, connection.begin():
            if not self._sqlite:
                connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
                connection.execute(text("SELECT pg_advisory_xact_lock(7746, :ledger)"), {"ledger": ledger})
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
