"""The system's own clock, moved from outside: nothing goes out before it is due, and then once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import time_machine

from server.reminders.schedule import tick
from tests.reminders.served_case import CONTACT, Bureau, served_case
from tests.reminders.served_case import bureau as make_bureau
from tests.server.builders import install
from tests.services.mail import MailServer

SHANGHAI = ZoneInfo("Asia/Shanghai")
SERVED_AT = datetime(2026, 11, 17, 10, 0, tzinfo=SHANGHAI)
BEFORE = datetime(2026, 11, 27, 8, 29, tzinfo=SHANGHAI)
SEVEN_DAYS_LEFT = datetime(2026, 11, 27, 8, 31, tzinfo=SHANGHAI)
"""The case of fifteen working days is due on 2026-12-08, a Tuesday; T-7 is the Friday seven working days before."""


@pytest.fixture
def traveller() -> Iterator[time_machine.Coordinates]:
    """The system clock, standing at the moment of service until it is moved."""
    with time_machine.travel(SERVED_AT, tick=False) as moved:
        yield moved


@pytest.fixture
def travelling(
    tmp_path: Path, traveller: time_machine.Coordinates, mail_server: MailServer
) -> Iterator[Bureau]:
    """A bureau on the system's clock, with a real mail server."""
    made = install(
        tmp_path / "home",
        f"sqlite:///{tmp_path / 'ledger.db'}",
        real_time=True,
        WARDLEDGER_SMTP_URL=mail_server.url,
    )
    yield make_bureau(made)
    made.services.engine.dispose()


def looked(bureau: Bureau) -> int:
    """Let two schedulers look, and return how many reminders the ledger holds."""
    for _ in range(2):
        tick(bureau.services, bureau.now)
    return len(bureau.reminders())


def test_no_reminder_goes_out_before_it_is_due_and_then_it_goes_once(travelling, traveller, mail_server):
    case = served_case(travelling)
    assert looked(travelling) == 1
    traveller.move_to(BEFORE)
    assert looked(travelling) == 1
    traveller.move_to(SEVEN_DAYS_LEFT)
    after = looked(travelling)
    assert after > 1
    assert {r["rung"] for r in travelling.reminders()} == {"served", "T-7"}
    assert looked(travelling) == after == len(mail_server.messages)
    to_contact = [m for m in mail_server.messages if m["To"] == CONTACT]
    assert len(to_contact) == 2
    assert travelling.outbox(case)
