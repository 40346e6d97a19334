"""Fixtures of the tests of rounds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rounds.town import Town, found_town
from tests.server.builders import install


@pytest.fixture
def town(tmp_path: Path, database_url: str) -> Iterator[Town]:
    """A town on a fresh installation, on SQLite and on PostgreSQL."""
    made = install(tmp_path / "home", database_url)
    yield found_town(made, tmp_path)
    made.services.engine.dispose()
