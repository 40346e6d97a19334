"""Fixtures of the tests of both implementations."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.interop.town import Town, town


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
