"""Fixtures of the evidence's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.builders import install
from tests.server.world import World, build


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A world with photos that wait for review, on SQLite and on PostgreSQL."""
    made = build(install(tmp_path / "home", database_url))
    yield made
    made.services.engine.dispose()
