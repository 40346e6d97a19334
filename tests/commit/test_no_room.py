"""No room on the disk in the middle of a commit: told plainly, nothing half-done, and it goes on by itself."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert

from server.commit import signer
from server.commit.submission import Result
from server.storage.bulk import COPY_MIN
from server.storage.database import add, table_of
from server.storage.models import EntryRow
from sync.errors import StorageFull
from tests.commit.state import door, everything, is_sound, push_of, together
from tests.server.builders import Installation
from tests.server.pushing import City

NO_MORE = 1
ROOM_AGAIN = 1_073_741_823
PG_FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_room BEFORE INSERT ON entry EXECUTE FUNCTION no_room();
"""
PG_ROOM = "DROP TRIGGER no_room ON entry; DROP FUNCTION no_room();"


@contextmanager
def full_database(installation: Installation) -> Iterator[None]:
    """Let the database have no room for more: SQLite by its own bound, PostgreSQL by the error it would raise."""
    engine = installation.services.engine
    if engine.dialect.name == "sqlite":

        def bound(connection: Connection) -> None:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {NO_MORE}")

        event.listen(engine, "begin", bound)
        yield
        event.remove(engine, "begin", bound)
        with engine.connect() as connection:
            connection.exec_driver_sql(f"PRAGMA max_page_count = {ROOM_AGAIN}")
        engine.dispose()
        return
    with engine.begin() as connection:
        connection.exec_driver_sql(PG_FULL)
    yield
    with engine.begin() as connection:
        connection.exec_driver_sql(PG_ROOM)


def pushes(city: City) -> list[Any]:
    """Return a set of each phone, large enough to need room."""
    return [push_of(phone, *(city.finding() for _ in range(20))) for phone in city.phones]


def test_a_full_database_refuses_all_that_waits_and_takes_the_same_when_there_is_room(city: City) -> None:
    given = pushes(city)
    before = everything(city.installation)
    with full_database(city.installation):
        answers = together(door(city.installation), given)
    assert [type(answer) for answer in answers] == [StorageFull, StorageFull]
    assert everything(city.installation) == before
    again = together(door(city.installation), given)
    assert all(isinstance(answer, Result) and answer.receipt and not answer.repeated for answer in again)
    assert is_sound(city.installation)


def test_the_same_door_goes_on_when_there_is_room(city: City) -> None:
    given = pushes(city)
    at = door(city.installation)
    with full_database(city.installation):
        together(at, given)
    assert all(isinstance(answer, Result) for answer in together(at, given))
    assert is_sound(city.installation)


def test_any_other_transaction_is_refused_in_the_same_words(city: City) -> None:
    services = city.installation.services
    writer = services.engine.execution_options(immediate=True)
    with full_database(city.installation), pytest.raises(StorageFull), writer.begin() as connection:
        connection.execute(insert(EntryRow.__table__), [row(number) for number in range(2)])


@pytest.mark.parametrize("count", [1, COPY_MIN])
def test_rows_in_bulk_are_refused_in_the_same_words(city: City, count: int) -> None:
    services = city.installation.services
    with (
        full_database(city.installation),
        pytest.raises(StorageFull),
        services.database.writing(1) as connection,
    ):
        add(connection, table_of(EntryRow), [row(number) for number in range(count)])


def row(number: int) -> dict[str, Any]:
    """Return a row that is larger than a page has room for."""
    return {"ledger": 9, "index": number, "line": bytes(70_000), "record": None}


def failing(number: int) -> Any:
    """Return a function that fails like a system call with this error."""

    def fail(*_: Any) -> Any:
        raise OSError(number, os.strerror(number))

    return fail


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
@pytest.mark.parametrize("call", ["write", "fsync"])
def test_a_signer_without_room_refuses_and_leaves_nothing(
    city: City, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    given = pushes(city)[:1]
    before = everything(city.installation)
    at = door(city.installation)
    with monkeypatch.context() as patched:
        patched.setattr(signer.os, call, failing(number))
        answers = together(at, given)
    assert [type(answer) for answer in answers] == [StorageFull]
    assert everything(city.installation) == before
    assert together(at, given)[0].receipt
    assert is_sound(city.installation)


def test_another_fault_of_the_signers_disk_is_not_taken_for_a_full_one(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(signer.os, "fsync", failing(errno.EIO))
        answers = together(door(city.installation), pushes(city)[:1])
    assert [type(answer) for answer in answers] == [OSError]


def test_what_was_committed_is_acknowledged_although_there_was_no_room_for_the_note_of_it(
    city: City, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = os.write
    calls: list[int] = []

    def until_prepared(handle: int, data: bytes) -> int:
        calls.append(handle)
        if b'"committed"' in data:
            raise OSError(errno.ENOSPC, "No space left on device")
        return written(handle, data)

    at = door(city.installation)
    with monkeypatch.context() as patched:
        patched.setattr(signer.os, "write", until_prepared)
        (answer,) = together(at, pushes(city)[:1])
    assert answer.receipt
    assert len(calls) >= 2
    assert together(at, pushes(city)[:1])[0].receipt
    assert is_sound(city.installation)
