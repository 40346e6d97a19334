"""Fixtures of the tests of the one door."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.builders import Installation, install
from tests.server.pushing import City, found_city


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    """A fresh installation, on SQLite and on PostgreSQL."""
    made = install(tmp_path / "home", database_url)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def city(installation: Installation) -> City:
    """A small city with an inspection on site, and two phones."""
    return found_city(installation)


@pytest.fixture
def twin(tmp_path: Path) -> Iterator[City]:
    """A second city in an installation of its own, on SQLite."""
    made = install(tmp_path / "twin", f"sqlite:///{tmp_path / 'twin.sqlite'}")
    yield found_city(made)
    made.services.engine.dispose()
