"""What every test may ask for: databases, a mail server, a browser.

A service starts when the first test asks for it and ends with the run (the browser: with
its module). A missing program fails the test with what to install; nothing is skipped.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.services.mail import MailServer
from tests.services.postgres import PostgresServer

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# One server and therefore one worker for all tests on PostgreSQL.
ON_POSTGRES = (pytest.mark.postgres, pytest.mark.xdist_group("postgres"))
BACKENDS = ["sqlite", pytest.param("postgres", marks=ON_POSTGRES)]


SMOKE = "tests/server/test_straight_way.py"
"""Of the tests that make an installation, those that `make check` runs all the same."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what makes an installation or a phone of its own: each takes about a second, hundreds take minutes."""
    for item in items:
        fixtures = set(getattr(item, "fixturenames", ()))
        place = item.path.as_posix()
        heavy = fixtures & {"database_url", "new_database", "home", "bench", "world", "installation"}
        heavy = heavy or "/mobile_stub/" in place or "[sqlite" in item.name
        if heavy and not place.endswith(SMOKE):
            item.add_marker(pytest.mark.installed)


@pytest.fixture(autouse=True)
def no_settings_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the settings of an installation at hand from reaching a test."""
    for name in list(os.environ):
        if name.startswith("WARDLEDGER_"):
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """A PostgreSQL server for this worker's tests."""
    with PostgresServer() as server:
        yield server


@pytest.fixture(params=BACKENDS)
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[], str]]:
    """A function that returns the URL of another empty database at every call: once per backend."""
    if request.param == "sqlite":
        numbers = iter(range(1, 1000))
        yield lambda: f"sqlite:///{tmp_path / f'ledger-{next(numbers)}.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    urls: list[str] = []

    def create() -> str:
        urls.append(server.create_database())
        return urls[-1]

    yield create
    for url in urls:
        server.drop_database(url)


@pytest.fixture
def database_url(new_database: Callable[[], str]) -> str:
    """The URL of an empty database; the test runs on SQLite and on PostgreSQL."""
    return new_database()


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """The URL of an empty PostgreSQL database, for what SQLite cannot show; mark such a test `postgres`."""
    url = postgres_server.create_database()
    yield url
    postgres_server.drop_database(url)


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    """An SMTP server that keeps what it receives."""
    with MailServer() as server:
        yield server


# Playwright keeps an event loop in its thread, in which asyncio.run() then fails; hence per module.
@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    from tests.services.browser import running_browser

    with running_browser() as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A fresh page on a desk's screen."""
    from tests.services.browser import DESK, fresh_page

    with fresh_page(browser, DESK) as fresh:
        yield fresh


@pytest.fixture
def phone_page(browser: Browser) -> Iterator[Page]:
    """A fresh page on a phone's screen, with touch, position and camera."""
    from tests.services.browser import PHONE, fresh_page

    with fresh_page(browser, PHONE) as fresh:
        yield fresh
