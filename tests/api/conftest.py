"""Fixtures of the API's tests: one world for each module and database."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import BACKENDS
from tests.server.builders import install
from tests.server.world import World, build


@pytest.fixture(scope="module", params=BACKENDS)
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world that the tests of one module share: each makes the items that it decides on."""
    home = tmp_path_factory.mktemp("api")
    url = f"sqlite:///{home / 'api.sqlite'}"
    server = None
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")
        url = server.create_database()
    made = build(install(home, url))
    yield made
    made.services.engine.dispose()
    if server is not None:
        server.drop_database(url)
