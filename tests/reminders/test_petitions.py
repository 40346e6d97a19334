"""Petitions run on the ladder's engine: asked for on their last day, the desk told when they are overdue."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from schemas.drafting import Draft
from server.casework import laying_down
from server.casework.laying_down import Wanted
from server.commit.acts import new_id
from server.ledger.audit import audit
from server.reminders import petitions, rung_tasks, standing_policies
from server.reminders.calendar import Calendar, last_day
from server.reminders.petition_messages import PetitionFacts, compose
from server.reminders.policies import RECTIFICATION
from server.reminders.schedule import tick
from sync.errors import BadValue
from tests.reminders.served_case import LEAD, SECRETS, SUPERVISOR, Bureau, FakeChannel
from tests.reminders.test_bulletins import of_type, to
from tests.reminders.test_laying_down import desk
from tests.server.desk_client import Desk, words

SHANGHAI = ZoneInfo("Asia/Shanghai")


def petition(bureau: Bureau, received: str, due_on: str, number: str = "XF-2026-1", **more: Any) -> str:
    made = new_id(bureau.services)
    at = datetime.fromisoformat(f"{received}+08:00")
    values: dict[str, Any] = {
        "number": number, "region": "341502", "kind": "tip_off", "channel": "phone", "words": "测试内容",
        "received_at": round(at.timestamp() * 1000), "working_days": 1, "due_on": due_on, **more,
    }  # fmt: skip
    bureau.decide(Draft("create", "petition", made, values))
    return made


def tasks(bureau: Bureau) -> list[tuple[str, str, str, str]]:
    return [
        (str(one.values["kind"]), str(one.values["for_role"]), str(one.values["cause"]), str(one.stage))
        for one in of_type(bureau, "task")
    ]


@pytest.mark.parametrize(
    ("received", "days", "last"),
    [
        ("2026-09-18T16:00", 1, date(2026, 9, 20)),  # a Friday before a Sunday that is worked
        ("2026-09-24T09:00", 1, date(2026, 9, 28)),  # the Mid-autumn Festival lies between
        ("2026-11-20T23:59", 3, date(2026, 11, 25)),
        ("2026-11-21T10:00", 1, date(2026, 11, 23)),
    ],
)
def test_its_last_day_is_counted_in_working_days_after_it_came(
    china: Calendar, received: str, days: int, last: date
):
    at = datetime.fromisoformat(f"{received}+08:00").astimezone(UTC)
    assert last_day(at, days, china, SHANGHAI) == last


def test_it_makes_its_tasks_once_each_on_their_mornings(bureau: Bureau):
    petition(bureau, "2026-11-17T09:00", "2026-11-18")
    for day, clock, count in (
        ("2026-11-17", "19:00", 0), ("2026-11-18", "08:29", 0), ("2026-11-18", "08:30", 1),
        ("2026-11-18", "23:00", 1), ("2026-11-19", "08:30", 2), ("2026-11-24", "08:30", 2),
    ):  # fmt: skip
        to(bureau, day, clock)
        petitions.sweep(bureau.services, bureau.now)
        assert len(tasks(bureau)) == count, (day, clock)
    assert tasks(bureau) == [
        ("petition_answer", "inspector", "before/0/v1", "open"),
        ("petition_answer", "supervisor", "overdue/1/v1", "open"),
    ]


def test_an_answered_petition_wants_nothing_and_its_task_is_dropped(bureau: Bureau):
    made = petition(bureau, "2026-11-17T09:00", "2026-11-18")
    to(bureau, "2026-11-18")
    petitions.sweep(bureau.services, bureau.now)
    for source, target in (("received", "assigned"), ("assigned", "handling"), ("handling", "answered")):
        bureau.decide(Draft("edit", "petition", made, {"stage": {"from": source, "to": target}}))
    assert rung_tasks.drop_over(bureau.services) == 1
    to(bureau, "2026-11-20")
    assert petitions.sweep(bureau.services, bureau.now) == {}
    assert [stage for *_, stage in tasks(bureau)] == ["dropped"]


# -- messages ---------------------------------------------------------------------------------------------


def assigned(bureau: Bureau, number: str = "XF-2026-1") -> str:
    """Register a petition about the institution and hand it to the inspector; due on Wednesday 18 November."""
    made = petition(
        bureau, "2026-11-17T09:00", "2026-11-18", number, institution=bureau.institution,
        reporter={"name": SECRETS[1], "phone": SECRETS[5]}, words=SECRETS[2],
    )  # fmt: skip
    step = {"stage": {"from": "received", "to": "assigned"}, "owner": bureau.lead}
    bureau.decide(Draft("edit", "petition", made, step))
    return made


def ticked(bureau: Bureau, mail: FakeChannel) -> dict[str, int]:
    return dict(tick(bureau.services, bureau.now, {"email": mail}))


def test_whoever_has_it_and_the_desk_are_told_on_the_last_day_and_the_desk_when_it_is_overdue(
    bureau: Bureau, mail: FakeChannel
):
    made = assigned(bureau)
    to(bureau, "2026-11-18", "08:29")
    assert ticked(bureau, mail) == {}
    to(bureau, "2026-11-18", "08:30")
    ticked(bureau, mail)
    assert sorted(mail.addresses) == sorted([LEAD, SUPERVISOR])
    ticked(bureau, mail)
    assert len(mail.kept) == 2, "each once"
    to(bureau, "2026-11-19", "08:30")
    ticked(bureau, mail)
    assert mail.addresses[2:] == [SUPERVISOR]
    told = bureau.reminders()
    assert [(one["case"], one["rung"], one["result"]) for one in told] == [
        (made, "T", "sent"), (made, "T", "sent"), (made, "T+1", "sent"),
    ]  # fmt: skip
    assert audit(bureau.services).ok


def test_a_message_of_a_petition_tells_number_day_and_what_to_do_and_nobody(
    bureau: Bureau, mail: FakeChannel
):
    made = assigned(bureau)
    to(bureau, "2026-11-18")
    ticked(bureau, mail)
    text = "".join(message.subject + message.body for _, message, _ in mail.kept)
    for word in ("【信访办理】XF-2026-1：今日到期", "2026年11月18日", "请按期答复信访", f"/petitions/{made}"):
        assert word in text
    assert not [secret for secret in (*SECRETS, "测试第001医院", "H341502") if secret in text]


def test_an_answered_petition_sends_nothing_and_what_waits_is_superseded(bureau: Bureau, mail: FakeChannel):
    made = assigned(bureau)
    to(bureau, "2026-11-18")
    tick(bureau.services, bureau.now, {})
    for source, target in (("assigned", "handling"), ("handling", "answered")):
        bureau.decide(Draft("edit", "petition", made, {"stage": {"from": source, "to": target}}))
    ticked(bureau, mail)
    to(bureau, "2026-11-19")
    ticked(bureau, mail)
    assert mail.kept == []
    assert {(row.state, row.error) for row in bureau.outbox(made)} == {("superseded", "closed")}


def test_a_region_lays_down_its_own_ladder_for_petitions(bureau: Bureau, mail: FakeChannel):
    rungs = ({"name": "T-1", "roles": ["inspector"], "channels": ["email"], "task": "answer_petition"},)
    wanted = Wanted(region="341500", rungs=rungs, case_type="petition")
    laying_down.lay_down(bureau.services, bureau.supervisor, wanted)
    made = petition(bureau, "2026-11-17T09:00", "2026-11-20", working_days=3, owner=bureau.lead)
    to(bureau, "2026-11-19", "08:29")
    assert ticked(bureau, mail) == {}
    to(bureau, "2026-11-19")
    ticked(bureau, mail)
    assert mail.addresses == [LEAD]
    assert {row.key.rung for row in bureau.outbox(made)} == {"T-1"}
    with bureau.services.database.reading() as connection:
        standing = standing_policies.standing(connection, bureau.services)
    assert standing.of("341502") is RECTIFICATION, "the ladder of cases is another one"


@pytest.mark.parametrize(
    "rung",
    [
        {"name": "served", "roles": ["inspector"], "channels": ["email"]},
        {"name": "T", "roles": ["institution_contact"], "channels": ["email"]},
        {"name": "T", "roles": ["inspector"], "channels": ["email"], "task": "interview"},
    ],
)
def test_what_does_not_fit_a_petition_is_refused(bureau: Bureau, rung: dict[str, Any]):
    with pytest.raises(BadValue):
        laying_down.checked(Wanted(region="341500", rungs=(rung,), case_type="petition"))
    with pytest.raises(BadValue):
        laying_down.checked(Wanted(region="341500", rungs=(rung,), case_type="no_such_type"))


def test_it_stands_in_preview_and_log_without_what_it_is_about(bureau: Bureau, mail: FakeChannel):
    made = assigned(bureau)
    chief = desk(bureau, "chief", "supervisor", "341500")
    coming = chief.get("/api/reminders/coming").json["coming"][0]["rows"][0]
    assert (coming["about"], coming["case"], coming["rung"], coming["institution"]) == (
        "petition",
        made,
        "T",
        None,
    )
    assert "信访 XF-2026-1" in words(chief.get("/reminders"))
    to(bureau, "2026-11-18")
    ticked(bureau, mail)
    chief = Desk(bureau, "chief")
    page = words(chief.get("/reminders/log"))
    assert "信访 XF-2026-1" in page
    assert "测试第001医院" not in page
    row = next(each for each in bureau.outbox(made) if each.key.channel == "email")
    told = chief.get(f"/api/reminders/log/{row.id}").json
    assert (told["intact"], told["row"]["about"]) == (True, "petition")
    assert chief.get(f"/reminders/log/{row.id}").status_code == 200
    far = desk(bureau, "far", "supervisor", "341600")
    assert far.get(f"/reminders/log/{row.id}").status_code == 404
    assert "XF-2026-1" not in words(far.get("/reminders/log"))


def test_the_desk_shows_the_ladder_of_petitions(bureau: Bureau):
    chief = desk(bureau, "chief", "supervisor", "341500")
    page = words(chief.get("/reminders/policies", case_type="petition"))
    assert "答复信访" in page
    assert "拟暂停结算" not in page.partition("历史")[0]
    told = chief.get("/api/reminder-policies", case_type="petition").json
    assert ([one["name"] for one in told["rungs"]], told["case_type"]) == (["T", "T+1"], "petition")
    assert chief.get("/api/reminder-policies", case_type="other").status_code == 400


def test_a_message_in_english():
    facts = PetitionFacts(
        bureau="Bureau", office="Office", phone="0564-1", number="XF-1", kind={"zh_CN": "举报", "en": "Tip-off"},
        due_on=date(2026, 11, 18), today=date(2026, 11, 20), working_days_left=-2, provisional=False, link="https://x",
    )  # fmt: skip
    message = compose(facts, "answer_overdue_petition", "en")
    assert message.subject == "[Petition] XF-1: 2 working days overdue"
    assert "The tip-off with the number XF-1" in message.body
    assert "Please see that it is answered." in message.body
