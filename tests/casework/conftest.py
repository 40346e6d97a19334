"""Fixtures of casework: one world for each module and database; each test opens cases of its own."""

from __future__ import annotations

import pytest

from tests.casework.cases import Cases
from tests.console.conftest import world  # noqa: F401 - the fixture, by its name
from tests.server.world import World


@pytest.fixture
def cases(world: World) -> Cases:  # noqa: F811 - the fixture above
    """What opens cases in the module's world and takes them further."""
    return Cases(world)
