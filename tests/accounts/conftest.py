"""Fixtures of the accounts' tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import PasswordHasher

from server.accounts import credentials
from tests.server.builders import Installation, install


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    """A fresh installation, on SQLite and on PostgreSQL."""
    made = install(tmp_path / "home", database_url)
    yield made
    made.services.engine.dispose()


@pytest.fixture(autouse=True)
def full_hashing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hash passwords as the product does; other tests hash them with the least work."""
    full = PasswordHasher(credentials.TIME_COST, credentials.MEMORY_KIB, credentials.LANES)
    monkeypatch.setattr(credentials, "HASHER", full)
    credentials._nobodys_hash.cache_clear()
