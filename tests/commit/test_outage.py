"""The database locked by another process, gone in the middle, or another one in its place: told, and nothing lost."""

from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import create_engine, make_url, text

from server.commit.submission import Result
from server.storage import database, outage
from server.storage.database import engine_options, prepare
from sync.errors import Busy, DatabaseDown
from tests.commit.state import door, everything, is_sound, push_of, together
from tests.server.builders import Installation, install
from tests.server.pushing import City, found_city

PATIENCE_SECONDS = 0.2


@contextlib.contextmanager
def held(installation: Installation) -> Iterator[None]:
    """Let another process hold what every commit waits for, and be less patient about it."""
    url = make_url(installation.services.config.database_url)
    if url.get_backend_name() == "sqlite":
        other = sqlite3.connect(str(url.database), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = psycopg.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
        other.execute("SELECT pg_advisory_xact_lock(7746, %s)", [installation.services.ledger.id])
    yield
    other.rollback()
    other.close()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for a lock for a moment only."""
    monkeypatch.setattr(database, "LOCK_SECONDS", PATIENCE_SECONDS)


@pytest.fixture
def hurried(impatient: None, tmp_path: Path, database_url: str) -> Iterator[City]:
    """A city whose server waits for a lock for a moment only."""
    made = install(tmp_path / "home", database_url)
    yield found_city(made)
    made.services.engine.dispose()


def sets(city: City) -> list[Any]:
    """Return a set of each phone."""
    return [push_of(phone, city.finding()) for phone in city.phones]


def test_a_locked_database_is_busy_and_takes_the_same_when_it_is_free(hurried: City) -> None:
    given = sets(hurried)
    before = everything(hurried.installation)
    with held(hurried.installation):
        answers = together(door(hurried.installation), given)
    assert [type(answer) for answer in answers] == [Busy, Busy]
    assert everything(hurried.installation) == before
    again = together(door(hurried.installation), given)
    assert all(isinstance(answer, Result) and answer.receipt and not answer.repeated for answer in again)
    assert is_sound(hurried.installation)


def test_whoever_waits_behind_a_locked_database_is_told_at_once(hurried: City) -> None:
    first, second = sets(hurried)
    at = door(hurried.installation)
    behind: Future[Any] = Future()
    at._waiting.put_nowait((second, behind))
    with held(hurried.installation):
        together(at, [first])
        assert isinstance(behind.exception(0), Busy)
    assert isinstance(together(at, [first])[0], Result)


def test_readers_go_on_while_the_database_is_locked(hurried: City) -> None:
    client = hurried.installation.app.test_client()
    with held(hurried.installation):
        assert client.get("/ledger/checkpoint").status_code == 200
        assert client.get("/readyz").status_code == 200


# -- gone -----------------------------------------------------------------------------------------------


@pytest.fixture
def on_sqlite(tmp_path: Path) -> Iterator[City]:
    """A city on SQLite."""
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}")
    yield found_city(made)
    made.services.engine.dispose()


def lies(city: City) -> Path:
    """Return where the database's file lies."""
    return Path(str(city.installation.services.engine.url.database))


def test_a_database_file_that_was_taken_away_takes_nothing_more_and_goes_on_when_it_is_back(
    on_sqlite: City,
) -> None:
    given, path = sets(on_sqlite), lies(on_sqlite)
    client = on_sqlite.installation.app.test_client()
    aside = path.with_name("aside.db")
    path.rename(aside)
    answers = together(door(on_sqlite.installation), given)
    told = client.get("/ledger/checkpoint")
    assert [type(answer) for answer in answers] == [DatabaseDown, DatabaseDown]
    assert (told.status_code, told.json["code"], told.headers["Retry-After"]) == (503, "database_down", "5")
    assert client.get("/readyz").status_code == 503
    assert not path.exists(), "no empty database is made in its place"
    aside.rename(path)
    assert client.get("/readyz").status_code == 200
    assert all(isinstance(answer, Result) for answer in together(door(on_sqlite.installation), given))
    assert is_sound(on_sqlite.installation)


def test_another_file_in_the_place_of_the_database_is_not_taken_for_it(on_sqlite: City) -> None:
    path = lies(on_sqlite)
    copy = path.with_name("copy.db")
    with contextlib.closing(sqlite3.connect(path)) as one, contextlib.closing(sqlite3.connect(copy)) as other:
        one.backup(other)
    given = sets(on_sqlite)
    copy.rename(path)
    answers = together(door(on_sqlite.installation), given)
    assert [type(answer) for answer in answers] == [DatabaseDown, DatabaseDown]


def test_an_engine_that_has_seen_no_file_yet_may_make_one(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new.db'}"
    engine = create_engine(url, **engine_options(url))
    prepare(engine)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE t (x INTEGER)"))
    assert (tmp_path / "new.db").exists()
    engine.dispose()


@pytest.mark.parametrize(
    ("number", "told"),
    [
        (sqlite3.SQLITE_BUSY, Busy),
        (sqlite3.SQLITE_BUSY_SNAPSHOT, Busy),
        (sqlite3.SQLITE_LOCKED, Busy),
        (sqlite3.SQLITE_CANTOPEN, DatabaseDown),
        (sqlite3.SQLITE_IOERR_FSYNC, DatabaseDown),
        (sqlite3.SQLITE_READONLY, DatabaseDown),
        (sqlite3.SQLITE_CORRUPT, type(None)),
        (sqlite3.SQLITE_CONSTRAINT, type(None)),
    ],
)
def test_each_word_of_sqlite_is_told_as_what_it_means(number: int, told: type) -> None:
    error = sqlite3.OperationalError("x")
    error.sqlite_errorcode = number
    assert type(outage.refusal_of(error, disconnected=False)) is told


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (psycopg.errors.LockNotAvailable(), Busy),
        (psycopg.errors.DeadlockDetected(), Busy),
        (psycopg.errors.AdminShutdown(), DatabaseDown),
        (psycopg.errors.CannotConnectNow(), DatabaseDown),
        (psycopg.errors.ReadOnlySqlTransaction(), DatabaseDown),
        (psycopg.errors.ConnectionFailure(), DatabaseDown),
        (psycopg.OperationalError("connection refused"), DatabaseDown),
        (psycopg.errors.UniqueViolation(), type(None)),
        (psycopg.errors.UndefinedTable(), type(None)),
    ],
)
def test_each_word_of_postgresql_is_told_as_what_it_means(error: psycopg.Error, told: type) -> None:
    assert type(outage.refusal_of(error, disconnected=False)) is told


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.xdist_group("postgres")
def test_a_server_of_databases_that_is_killed_under_load_loses_nothing_that_was_acknowledged(
    tmp_path: Path,
) -> None:
    from tests.server.builders import lay_tables
    from tests.services.postgres import PostgresServer

    with PostgresServer(fsync=True) as server:
        url = server.create_database()
        lay_tables(url)
        city = found_city(install(tmp_path / "home", url))
        at = door(city.installation)
        answered: list[tuple[Any, Any]] = []
        plenty = [push_of(city.phones[0], city.finding()) for _ in range(60)]

        def send() -> None:
            for push in plenty:
                while not isinstance(answer := outcome(at, push), Result):
                    answered.append((push, answer))
                answered.append((push, answer))

        sender = threading.Thread(target=send)
        sender.start()
        while len(answered) < 10:
            assert sender.is_alive()
        server.kill()
        while not isinstance(answered[-1][1], DatabaseDown):
            assert sender.is_alive()
        server.start()
        sender.join(60)
        assert not sender.is_alive()
        told = {type(answer) for _, answer in answered}
        assert told == {Result, DatabaseDown}, "and nothing else, whatever the moment was"
        results = [answer for _, answer in answered if isinstance(answer, Result)]
        assert len(results) == len(plenty)
        assert is_sound(city.installation)
        city.installation.services.engine.dispose()


@pytest.mark.postgres
@pytest.mark.slow
@pytest.mark.xdist_group("postgres")
def test_after_a_restart_of_postgresql_the_first_request_is_answered(tmp_path: Path) -> None:
    from tests.server.builders import lay_tables
    from tests.services.postgres import PostgresServer

    with PostgresServer(fsync=True) as server:
        url = server.create_database()
        lay_tables(url)
        made = install(tmp_path / "home", url)
        client = made.app.test_client()
        assert client.get("/ledger/checkpoint").status_code == 200
        server.kill()
        assert client.get("/ledger/checkpoint").json["code"] == "database_down"
        server.start()
        assert client.get("/ledger/checkpoint").status_code == 200
        server.kill()
        server.start()
        assert client.get("/ledger/checkpoint").status_code == 200, (
            "a stale connection of the pool is no outage"
        )
        made.services.engine.dispose()


def outcome(at: Any, push: Any) -> Any:
    """Return what a push is answered, a refusal as a value."""
    try:
        return at.submit(push)
    except (Busy, DatabaseDown) as refusal:
        return refusal
