"""No question of a commit or of the feed's end walks the whole ledger: what it costs must not grow with it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from tests.server.builders import Installation, install
from tests.server.pushing import City, found_city

GROWING = ("entry", "body", "private_line", "record", "grant", "change_set", "checkpoint", "tile", "device")


@pytest.fixture
def city(tmp_path) -> Iterator[City]:
    """A small city on SQLite, whose planner knows no statistics: what it does here it does everywhere."""
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    yield found_city(made)
    made.services.engine.dispose()


@contextmanager
def asked(installation: Installation) -> Iterator[list[tuple[str, Any]]]:
    """Yield the list of (statement, parameters) of every SELECT while the context lasts."""
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_: Any) -> None:
        if statement.startswith("SELECT"):
            found.append((statement, values))

    engine = installation.services.engine
    event.listen(engine, "before_cursor_execute", note)
    yield found
    event.remove(engine, "before_cursor_execute", note)


def walks(installation: Installation, statements: list[tuple[str, Any]]) -> list[str]:
    """Return the plans that look at every row of a growing table, or at all of one ledger's."""
    found = []
    with installation.services.engine.connect() as connection:
        for statement, values in statements:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            found += [row.detail for row in plan if is_walk(row.detail)]
    return found


def is_walk(detail: str) -> bool:
    """Say whether a step of a plan reads a whole growing table."""
    step = re.match(r"(SCAN|SEARCH) (\w+)(?:.*\((.*)\))?", detail)
    if step is None or step[2] not in GROWING:
        return False
    return step[1] == "SCAN" or step[3] == "ledger=?"


def test_a_push_asks_nothing_that_grows_with_the_ledger(city):
    here = city.installation
    with asked(here) as statements:
        city.phones[0].push(city.finding(), city.finding())
    assert len(statements) > 5
    assert not walks(here, statements)


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT change FROM body WHERE ledger = 1 AND change IN ('a') ORDER BY \"index\" DESC",
        "SELECT * FROM \"grant\" WHERE ledger = 1 AND (\"user\" IN ('a') OR via IN ('b'))",
        "SELECT * FROM record",
    ],
)
def test_a_question_that_walks_the_ledger_is_found(city, statement):
    assert walks(city.installation, [(statement, ())])
