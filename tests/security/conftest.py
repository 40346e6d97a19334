"""What attacks need: a city with an inspection on site, on SQLite, where the door is the same as anywhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.server.builders import install
from tests.server.pushing import City, found_city


@pytest.fixture
def city(tmp_path: Path) -> Iterator[City]:
    """A city with a supervisor, an inspection on site, and the phones of its lead and of a member."""
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}")
    yield found_city(made)
    made.services.engine.dispose()
