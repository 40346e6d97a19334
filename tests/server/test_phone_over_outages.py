"""A phone that meets an outage in the middle of its sync keeps what it holds, and goes on by itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from mobile_stub.phone import Phone
from server.ledger.audit import audit
from server.storage import database
from tests.server.builders import Installation, install
from tests.server.phones import Visit, enrol, visit

DAY = 86_400


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    """An installation on SQLite that waits for a lock for a moment only."""
    monkeypatch.setattr(database, "LOCK_SECONDS", 0.1)
    made = install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.db'}")
    yield made
    made.services.engine.dispose()


@pytest.fixture
def there(installation: Installation) -> Visit:
    """An approved inspection."""
    return visit(installation.services)


@pytest.fixture
def phone(installation: Installation, there: Visit, tmp_path: Path) -> Iterator[Phone]:
    """The lead's phone, which has fetched its work; it does not wait between its attempts."""
    with enrol(installation, tmp_path / "phone", there.lead) as made:
        made.kit.transport.sleep = lambda seconds: None
        assert made.sync().clean
        yield made


@contextmanager
def locked(installation: Installation) -> Iterator[str]:
    """Let another process hold the database's lock."""
    with closing(sqlite3.connect(place(installation), isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield "busy"
        other.execute("ROLLBACK")


@contextmanager
def taken_away(installation: Installation) -> Iterator[str]:
    """Let the database's file lie elsewhere."""
    path = place(installation)
    path.rename(path.with_name("aside.db"))
    yield "database_down"
    path.with_name("aside.db").rename(path)


def place(installation: Installation) -> Path:
    """Return where the database lies."""
    return Path(str(installation.services.engine.url.database))


def waiting(phone: Phone) -> int:
    """Return how many changes have no receipt yet: of the outbox and of sets that were sealed."""
    status = phone.status()
    return int(status["outbox"]) + int(status["sets_unacknowledged"])


@pytest.mark.parametrize("outage", [locked, taken_away])
def test_what_a_phone_recorded_outlives_an_outage_and_arrives_once(
    installation: Installation, there: Visit, phone: Phone, outage: Callable[[Installation], object]
) -> None:
    phone.step(there.inspection, "on_site")
    with outage(installation) as code:  # type: ignore[attr-defined]
        report = phone.sync()
        assert code in {error.code for error in report.errors}
        assert all(error.next for error in report.errors)
        assert waiting(phone) == 1
    assert phone.sync().clean
    assert waiting(phone) == 0
    assert audit(installation.services).ok


def test_a_phone_whose_clock_is_right_works_on_with_a_server_a_day_behind(
    installation: Installation, there: Visit, phone: Phone
) -> None:
    phone.step(there.inspection, "on_site")
    installation.clock.advance(days=-1)
    right = installation.clock.now + DAY * 1000
    phone.kit.clock.now = lambda: right
    report = phone.sync()
    assert report.clean, [error.detail for error in report.errors]
    assert waiting(phone) == 0
    assert audit(installation.services).ok
