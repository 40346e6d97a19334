"""What every test may ask for: databases, a mail server, a browser.

A service starts when the first test asks for it and ends with the run (the browser: with
its module). A missing program fails the test with what to install; nothing is skipped.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.privacy import watching
from tests.services.mail import MailServer
from tests.services.postgres import PostgresServer
from tests.tiers import makes_installation

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

# One server and therefore one worker for all tests on PostgreSQL.
ON_POSTGRES = (pytest.mark.postgres, pytest.mark.xdist_group("postgres"))
BACKENDS = ["sqlite", pytest.param("postgres", marks=ON_POSTGRES)]


watching.install()


@pytest.fixture(autouse=True)
def nobody_is_named_where_everybody_reads() -> Iterator[None]:
    """Fail a test during which a log line, an address, a message, a leaf or a public answer named a person or a key."""
    yield
    found = watching.WATCH.take()
    assert not found, "personal data or a file's key left by:\n" + "\n".join(found)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what makes an installation or a phone of its own: each takes half a second, hundreds take minutes."""
    for item in items:
        if makes_installation(item):
            item.add_marker(pytest.mark.installed)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect without looking for garbage: there is none among the modules and tests, only time lost."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


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
    yield from _databases(request.getfixturevalue("postgres_server"))


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database for an installation; the test runs on SQLite and on PostgreSQL, where tables are there."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger-1.db'}"
        return
    from tests.server.builders import lay_tables

    server: PostgresServer = request.getfixturevalue("postgres_server")
    server.make_template("tables", lay_tables)
    url = server.create_database(template="tables")
    yield url
    server.drop_database(url)


def _databases(server: PostgresServer) -> Iterator[Callable[[], str]]:
    urls: list[str] = []

    def create() -> str:
        urls.append(server.create_database())
        return urls[-1]

    yield create
    for url in urls:
        server.drop_database(url)


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
