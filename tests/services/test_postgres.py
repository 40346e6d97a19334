"""The PostgreSQL of the tests is a real one, empty for each test, and gone afterwards."""

from __future__ import annotations

import psycopg
import pytest

from tests.services import postgres
from tests.services.postgres import PostgresServer
from tests.services.processes import ServiceFailed

pytestmark = [pytest.mark.postgres, pytest.mark.xdist_group("postgres")]


def connect(url: str) -> psycopg.Connection:
    return psycopg.connect(url.replace("+psycopg", ""), autocommit=True)


def test_a_database_takes_chinese_text_and_stands_in_utc(postgres_url):
    with connect(postgres_url) as connection:
        assert connection.execute("SELECT '在院不在床', current_setting('TimeZone')").fetchone() == (
            "在院不在床",
            "UTC",
        )


def test_a_database_is_durable_unless_asked_otherwise(postgres_url):
    with connect(postgres_url) as connection:
        assert connection.execute("SHOW fsync").fetchone() == ("on",)


def test_two_databases_do_not_see_each_other(postgres_server):
    first, second = postgres_server.create_database(), postgres_server.create_database()
    with connect(first) as connection:
        connection.execute("CREATE TABLE bed (number integer)")
    with connect(second) as connection, pytest.raises(psycopg.errors.UndefinedTable):
        connection.execute("SELECT * FROM bed")


def test_a_copy_of_a_template_holds_what_the_template_was_filled_with(postgres_server):
    def prepare(url: str) -> None:
        with connect(url) as connection:
            connection.execute("CREATE TABLE ward AS SELECT 'A1' AS name")

    postgres_server.make_template("wards", prepare)
    with connect(postgres_server.create_database(template="wards")) as connection:
        assert connection.execute("SELECT name FROM ward").fetchall() == [("A1",)]


def test_a_template_that_was_never_made_is_refused(postgres_server):
    with pytest.raises(KeyError):
        postgres_server.create_database(template="never made")


def test_a_dropped_database_is_gone_even_while_somebody_is_connected(postgres_server):
    url = postgres_server.create_database()
    with connect(url) as connection:
        postgres_server.drop_database(url)
        with pytest.raises(psycopg.OperationalError):
            connection.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        connect(url)


@pytest.mark.slow
def test_what_was_committed_survives_a_kill_and_nothing_survives_the_end():
    with PostgresServer() as server:
        url, folder = server.create_database(), server.log.parent
        with connect(url) as connection:
            connection.execute("CREATE TABLE ward AS SELECT 'A1' AS name")
        server.kill()
        with pytest.raises(psycopg.OperationalError):
            connect(url)
        server.start()
        with connect(url) as connection:
            assert connection.execute("SELECT name FROM ward").fetchall() == [("A1",)]
    assert not folder.exists()


@pytest.mark.slow
def test_a_server_that_cannot_start_says_why_and_leaves_nothing():
    server = PostgresServer(settings={"shared_buffers": "'not a size'"})
    with pytest.raises(ServiceFailed, match="shared_buffers"), server:
        pass
    assert not server.is_ready()


def test_a_machine_without_postgresql_is_told_what_to_install(monkeypatch, tmp_path):
    monkeypatch.setattr(postgres, "DEBIAN_FOLDER", tmp_path)
    monkeypatch.setenv("PATH", str(tmp_path))
    postgres.programs.cache_clear()
    try:
        with pytest.raises(ServiceFailed, match="apt-get install postgresql"):
            postgres.programs()
    finally:
        postgres.programs.cache_clear()
