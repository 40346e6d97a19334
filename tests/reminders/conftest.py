"""What the tests of the reminders build on: the published calendar and an open deadline."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from server.reminders import calendar as working_days
from server.reminders.calendar import Calendar
from server.reminders.ladder import Deadline, Recipient
from server.reminders.policies import RECTIFICATION
from tests.reminders.served_case import Bureau, FakeChannel
from tests.reminders.served_case import bureau as make_bureau
from tests.server.builders import install
from tests.services.mail import MailServer

CHINA_JSON = Path(working_days.__file__).parent / "calendars" / "CN.json"
SHANGHAI = ZoneInfo("Asia/Shanghai")
ROLES = (
    *("institution_contact", "institution_head", "inspector", "supervisor"),
    *("county_supervisor", "city_supervisor", "leader"),
)


@pytest.fixture(scope="session")
def china_json() -> str:
    return CHINA_JSON.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def china(china_json: str) -> Calendar:
    return working_days.load(china_json)


@pytest.fixture(scope="session")
def open_deadline(china: Calendar) -> Callable[..., Deadline]:
    """Build a deadline of 15 working days, served on Friday 18 September 2026 at 10:00, due on 15 October."""

    def build(**changes: object) -> Deadline:
        one_each = {role: (Recipient(role, frozenset({"email"})),) for role in ROLES}
        fields: dict[str, object] = {
            "case": "case-1",
            "due_on": date(2026, 10, 15),
            "due_version": 1,
            "served_at": datetime(2026, 9, 18, 2, tzinfo=UTC),
            "zone": SHANGHAI,
            "calendar": china,
            "policy": RECTIFICATION,
            "recipients": one_each,
        }
        return Deadline(**{**fields, **changes})  # type: ignore[arg-type]

    return build


@pytest.fixture(scope="session")
def shanghai() -> Callable[..., datetime]:
    """Turn a wall clock of 2026 in Shanghai, `month, day, hour, minute`, into an aware UTC datetime."""

    def at(month: int, day: int, hour: int = 8, minute: int = 30, *, year: int = 2026) -> datetime:
        return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI).astimezone(UTC)

    return at


@pytest.fixture
def bureau(tmp_path: Path, database_url: str, mail_server: MailServer) -> Iterator[Bureau]:
    """A bureau whose installation, on SQLite and on PostgreSQL, mails to `mail_server`; no case yet."""
    made = install(tmp_path / "home", database_url, WARDLEDGER_SMTP_URL=mail_server.url)
    yield make_bureau(made)
    made.services.engine.dispose()


@pytest.fixture
def mail() -> FakeChannel:
    """A channel that keeps what it is given."""
    return FakeChannel()
