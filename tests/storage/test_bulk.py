"""Rows in bulk: one statement's text for many rows, the same on both databases, few rows or many."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import (
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    create_engine,
    select,
)
from sqlalchemy.exc import IntegrityError

from server.storage import bulk
from server.storage.database import add, engine_options, prepare, upsert

TABLE = Table(
    "rows of a test",
    MetaData(),
    Column("group", Integer, primary_key=True, autoincrement=False),
    Column("id", String(36), primary_key=True),
    Column("text", String(64)),
    Column("raw", LargeBinary),
)


@pytest.fixture
def connection(database_url: str) -> Iterator[Connection]:
    """A transaction in a database with an empty table whose names must be quoted."""
    engine = create_engine(database_url, **engine_options(database_url))
    prepare(engine)
    TABLE.metadata.create_all(engine)
    with engine.begin() as inside:
        yield inside
    engine.dispose()


def row(number: int, text: str | None = "床位%s ?", raw: bytes = b"\x00\xff") -> dict[str, object]:
    return {"group": 1, "id": f"r{number:04d}", "text": text, "raw": raw}


def stored(connection: Connection) -> list[dict[str, object]]:
    return [dict(one) for one in connection.execute(select(TABLE).order_by(TABLE.c.id)).mappings()]


@pytest.mark.parametrize("count", [0, 1, 2, bulk.COPY_MIN - 1, bulk.COPY_MIN, bulk.COPY_UPSERT_MIN + 1])
def test_rows_come_back_as_they_went_in(connection: Connection, count: int) -> None:
    rows = [row(number, None if number % 3 else "x") for number in range(count)]
    add(connection, TABLE, rows)
    assert stored(connection) == rows


@pytest.mark.parametrize("count", [1, 2, bulk.COPY_UPSERT_MIN + 1])
def test_an_upsert_renews_what_is_there_and_adds_the_rest(connection: Connection, count: int) -> None:
    add(connection, TABLE, [row(0, "old"), row(9999, "kept")])
    rows = [row(number, f"new {number}") for number in range(count)]
    upsert(connection, TABLE, rows)
    assert stored(connection) == [*rows, row(9999, "kept")]


@pytest.mark.parametrize("count", [1, 2, bulk.COPY_UPSERT_MIN + 1])
def test_an_upsert_of_some_columns_leaves_the_others(connection: Connection, count: int) -> None:
    add(connection, TABLE, [row(0, "old", b"old")])
    upsert(connection, TABLE, [row(number, "new", b"new") for number in range(count)], only=("text",))
    assert stored(connection)[0] == row(0, "new", b"old")


def test_columns_may_stand_in_any_order(connection: Connection) -> None:
    turned = dict(reversed(row(1).items()))
    add(connection, TABLE, [row(0), turned])
    assert stored(connection) == [row(0), row(1)]


@pytest.mark.parametrize("count", [1, bulk.COPY_MIN])
def test_a_key_that_is_there_already_is_not_added_again(connection: Connection, count: int) -> None:
    add(connection, TABLE, [row(0, "first")])
    with pytest.raises(IntegrityError), connection.begin_nested():
        add(connection, TABLE, [row(number, "second") for number in range(count)])
    assert stored(connection) == [row(0, "first")]
