"""Fixtures of the catalogues' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.catalogues.bureau import Bureau, found_bureau
from tests.server.builders import Installation, install


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    """A fresh installation, on SQLite and on PostgreSQL."""
    made = install(tmp_path / "home", database_url)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def bureau(installation: Installation) -> Bureau:
    """A hospital and a pharmacy, a supervisor, a lead and a member."""
    return found_bureau(installation)
