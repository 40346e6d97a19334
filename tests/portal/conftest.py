"""Fixtures of the portal's tests: two institutions, each with its case, and a user of each."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.conftest import BACKENDS
from tests.portal.scene import Scene, stage
from tests.server.builders import install
from tests.server.desk_client import Desk
from tests.server.world import build


@pytest.fixture(scope="module", params=BACKENDS)
def scene(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Two institutions that the tests of one module share: each test makes the cases that it needs."""
    home = tmp_path_factory.mktemp("portal")
    url = f"sqlite:///{home / 'portal.sqlite'}"
    server = None
    if request.param == "postgres":
        server = request.getfixturevalue("postgres_server")
        url = server.create_database()
    made = stage(build(install(home, url)))
    yield made
    made.world.services.engine.dispose()
    if server is not None:
        server.drop_database(url)


@pytest.fixture
def own(scene: Scene) -> Desk:
    """The browser of the hospital's user."""
    return Desk(scene.world, "portal")


@pytest.fixture
def other(scene: Scene) -> Desk:
    """The browser of another hospital's user."""
    return Desk(scene.world, "otherportal")
