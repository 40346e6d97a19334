"""Fixtures of the tests of the phone app: a town for a module, or for a test that changes it; a phone for a test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.interop.town import Town, town
from tests.phone_app.handset import Handset, handset


@pytest.fixture(scope="module")
def whole_town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """One server for a module's tests."""
    folder = tmp_path_factory.mktemp("town")
    with town(folder, f"sqlite:///{folder / 'ledger.db'}") as made:
        yield made


@pytest.fixture
def here(whole_town: Town) -> Iterator[Town]:
    """The module's server, with nothing in the way."""
    whole_town.line.reset()
    yield whole_town
    whole_town.line.reset()


@pytest.fixture
def own_town(tmp_path: Path) -> Iterator[Town]:
    """A town that a test may ruin, or whose one visit it begins: no other test meets what is left of it."""
    with town(tmp_path, f"sqlite:///{tmp_path / 'ledger.db'}") as made:
        yield made


@pytest.fixture
def phone(browser: Browser, here: Town) -> Iterator[Handset]:
    """A phone with nothing on it, at the module's server."""
    with handset(browser, here) as made:
        yield made
