"""What becomes of a message after it was sent: an acknowledged notice marks the message of its service."""

from __future__ import annotations

import pytest

from schemas.drafting import Draft
from server.commit.acts import new_id
from server.reminders import following
from server.reminders.delivery import Delivery
from server.reminders.schedule import tick
from tests.reminders.served_case import Bureau, FakeChannel, served_case


def notice(bureau: Bureau, case: str, *, acknowledged: bool = True) -> str:
    """Serve a notice of a case, by another supervisor than who signs it off; return its id."""
    made = new_id(bureau.services)
    values = {
        "institution": bureau.institution,
        "number": f"LA-2026-{made[-4:]}",
        "type": "rectification",
        "case": case,
        "working_days": 15,
    }
    bureau.decide(Draft("create", "notice", made, values))
    steps = [("draft", "signed_off"), ("signed_off", "issued"), ("issued", "served")]
    for source, target in steps:
        bureau.edit("notice", made, stage={"from": source, "to": target})
    if acknowledged:
        at = bureau.services.now_ms()
        bureau.edit("notice", made, acknowledged_at=at, stage={"from": "served", "to": "acknowledged"})
    return made


def ticked(bureau: Bureau, mail: FakeChannel) -> dict[str, int]:
    return dict(tick(bureau.services, bureau.now, {"email": mail}))


def test_the_acknowledgement_of_a_notice_marks_the_message_of_its_service(bureau, mail):
    case = served_case(bureau)
    ticked(bureau, mail)
    bureau.installation.clock.advance(seconds=3600)
    made = notice(bureau, case)
    assert ticked(bureau, mail) == {"acknowledged": 1}
    (row,) = bureau.outbox(case)
    (reminder,) = bureau.reminders()
    assert row.state == "acknowledged"
    assert (reminder["result"], reminder["acknowledged_at"]) == (
        "acknowledged",
        bureau.record(made).values["acknowledged_at"],
    )
    assert [entry["by"] for entry in bureau.entries()] == ["machine", "machine"], "each is an entry"
    assert ticked(bureau, mail) == {}


def test_what_nobody_knew_to_have_arrived_has_arrived_once_it_is_acknowledged(bureau, mail):
    case = served_case(bureau)
    mail.answer = Delivery("unknown", "ReadTimeout")
    ticked(bureau, mail)
    notice(bureau, case)
    assert ticked(bureau, mail) == {"acknowledged": 1}
    assert bureau.outbox(case)[0].state == "acknowledged"


def test_a_notice_that_is_not_acknowledged_marks_nothing(bureau, mail):
    case = served_case(bureau)
    ticked(bureau, mail)
    notice(bureau, case, acknowledged=False)
    assert ticked(bureau, mail) == {}
    assert bureau.outbox(case)[0].state == "sent"


def test_the_acknowledgement_of_another_case_marks_nothing_here(bureau, mail):
    case, other = served_case(bureau), served_case(bureau)
    ticked(bureau, mail)
    notice(bureau, other)
    assert ticked(bureau, mail) == {"acknowledged": 1}
    assert [bureau.outbox(each)[0].state for each in (case, other)] == ["sent", "acknowledged"]


def test_more_notices_than_one_look_takes_are_all_followed(bureau, mail, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(following, "NOTICES_MAX", 2)
    cases = [served_case(bureau) for _ in range(5)]
    ticked(bureau, mail)
    for case in cases:
        notice(bureau, case)
    marked = [ticked(bureau, mail).get("acknowledged", 0) for _ in range(8)]
    assert sum(marked) == 5
    assert {bureau.outbox(case)[0].state for case in cases} == {"acknowledged"}
