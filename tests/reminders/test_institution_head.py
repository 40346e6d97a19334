"""The head of an institution hears of its last days too: by his own address, as the register of persons names him."""

from __future__ import annotations

from typing import Any

from schemas.drafting import Draft
from server.reminders.facts import HEAD
from server.reminders.schedule import tick
from server.storage import ledger_store
from tests.reminders.served_case import CONTACT, LEAD, Bureau, FakeChannel, served_case
from tests.reminders.test_laying_down import desk
from tests.server.desk_client import words

BOSS = "head@hospital.example"
NAME = "测试负责人己006"


def with_head(bureau: Bureau, **person: Any) -> None:
    """Enter a person of the institution."""
    values = {"name": NAME, "post": "head", "email": BOSS, **person}
    values = {name: value for name, value in values.items() if value}
    with bureau.services.database.reading() as connection:
        head = ledger_store.head(connection, bureau.services.ledger.id)
    base = (head.epoch, bureau.record(bureau.institution).version)
    bureau.decide(Draft("edit", "institution", bureau.institution, {}, base=base, add={"contacts": [values]}))


def on_the_day_before(bureau: Bureau, mail: FakeChannel) -> str:
    case = served_case(bureau)
    bureau.installation.clock.advance(days=20)  # Monday 7 December: T-1
    tick(bureau.services, bureau.now, {"email": mail})
    return case


def test_the_head_is_told_the_day_before_and_led_to_the_portal(bureau: Bureau, mail: FakeChannel):
    with_head(bureau)
    case = on_the_day_before(bureau, mail)
    assert sorted(mail.addresses) == sorted([CONTACT, LEAD, BOSS])
    (message,) = [message for address, message, _ in mail.kept if address == BOSS]
    assert f"/portal/cases/{case}" in message.body
    assert "贵单位" in message.body
    assert NAME not in message.subject + message.body
    recipients = {one["recipient"] for one in bureau.reminders()}
    assert bureau.institution + HEAD in recipients
    assert not [one for one in recipients if BOSS in one]


def test_other_persons_and_a_head_without_an_address_are_not_told(bureau: Bureau, mail: FakeChannel):
    with_head(bureau, post="finance")
    with_head(bureau, email="")
    on_the_day_before(bureau, mail)
    assert sorted(mail.addresses) == sorted([CONTACT, LEAD])


def test_a_head_who_is_the_contact_hears_of_it_once(bureau: Bureau, mail: FakeChannel):
    with_head(bureau, email=CONTACT)
    on_the_day_before(bureau, mail)
    assert sorted(mail.addresses) == sorted([CONTACT, LEAD])


def test_the_log_names_the_head_by_the_post_alone(bureau: Bureau, mail: FakeChannel):
    with_head(bureau)
    case = on_the_day_before(bureau, mail)
    chief = desk(bureau, "chief", "supervisor", "341500")
    page = words(chief.get("/reminders/log"))
    assert "机构负责人" in page
    assert NAME not in page
    (row,) = [row for row in bureau.outbox(case) if row.key.recipient.endswith(HEAD)]
    assert chief.get(f"/reminders/log/{row.id}").status_code == 200
