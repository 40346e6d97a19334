"""A test that asks for a database gets an empty one, on each backend in turn."""

from __future__ import annotations

from sqlalchemy import create_engine, inspect, text


def test_each_backend_gives_an_empty_database_that_keeps_what_is_committed(new_database):
    url = new_database()
    engine = create_engine(url)
    assert inspect(engine).get_table_names() == []
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE ward (name TEXT)"))
        connection.execute(text("INSERT INTO ward VALUES ('A1')"))
    engine.dispose()
    engine = create_engine(url)
    with engine.connect() as connection:
        assert connection.execute(text("SELECT name FROM ward")).scalar_one() == "A1"
    engine.dispose()


def test_a_second_database_holds_nothing_of_the_first(new_database):
    first, second = create_engine(new_database()), create_engine(new_database())
    with first.begin() as connection:
        connection.execute(text("CREATE TABLE ward (name TEXT)"))
    assert inspect(second).get_table_names() == []
    first.dispose()
    second.dispose()
