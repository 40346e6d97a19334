"""A city that all cases of a module and database share: each brings a phone of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from server.ledger.audit import audit
from tests.bad_input.scene import Scene, open_scene
from tests.server.builders import install
from tests.server.pushing import City, found_city
from tests.services.postgres import PostgresServer


def shared_city(home: Path, url: str) -> Iterator[City]:
    """Yield a city with an inspection on site; whatever is sent to it, its ledger must audit in the end."""
    made = install(home / "home", url)
    yield found_city(made)
    report = audit(made.services)
    made.services.engine.dispose()
    assert report.ok, report.text()


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """A city on SQLite."""
    home = tmp_path_factory.mktemp("bad_input")
    yield from shared_city(home, f"sqlite:///{home / 'ledger.db'}")


@pytest.fixture(scope="module")
def postgres_city(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    """A city on PostgreSQL."""
    url = postgres_server.create_database()
    yield from shared_city(tmp_path_factory.mktemp("bad_input"), url)
    postgres_server.drop_database(url)


@pytest.fixture
def scene(city: City) -> Scene:
    """A phone that nobody used before, in the shared city."""
    return open_scene(city)
