"""`wardledger upgrade`: older tables become this program's, newer ones are left alone."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from server.storage import schema
from tests.server.commands import CommandLine, command_line

wardledger = pytest.fixture(command_line)


def put(wardledger: CommandLine, revision: str) -> None:
    """Let the database stand at another revision."""
    engine = create_engine(f"sqlite:///{wardledger.home / 'wardledger.sqlite'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": revision})
    engine.dispose()


def test_tables_that_are_those_of_this_program_are_left_as_they_are(wardledger: CommandLine):
    wardledger.init()
    ended = wardledger("upgrade")
    assert (ended.status, ended.out.strip()) == (
        0,
        f"the database is at {schema.newest()} already; nothing was done",
    )


def test_tables_of_a_newer_program_are_refused_in_words(wardledger: CommandLine):
    wardledger.init()
    put(wardledger, "9999")
    ended = wardledger("upgrade")
    assert ended.status == 1
    assert ended.err.startswith("newer_database: the database is at revision 9999")
    assert "never taken back" in ended.err


def test_older_tables_become_those_of_this_program(wardledger: CommandLine, monkeypatch: pytest.MonkeyPatch):
    wardledger.init()
    asked: list[object] = []
    put(wardledger, "0001")
    monkeypatch.setattr(schema, "upgrade", asked.append)
    ended = wardledger("upgrade")
    assert (ended.status, ended.out.strip()) == (0, f"database  0001 -> {schema.newest()}")
    assert len(asked) == 1
