"""The log of messages: each as it was seen, by whoever may see its case; what failed is mended with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import update

from schemas.drafting import Draft
from server.reminders.delivery import Delivery
from server.reminders.dispatch import LEASE_SECONDS
from server.reminders.in_app import InApp
from server.reminders.schedule import tick
from server.storage import outbox_store
from tests.api.shape_checker import Checker, answer_schema
from tests.console.cases_made import opened
from tests.reminders.served_case import CONTACT, FakeChannel
from tests.server.desk_client import Desk, words
from tests.server.world import World

LOG = "/api/reminders/log"
REFUSED = Delivery("permanent", "550 5.1.1")


@pytest.fixture(scope="module", autouse=True)
def contact(world: World) -> None:
    """The hospital has somebody to write to."""
    world.act(Draft("edit", "institution", world.hospital, {"contact_email": CONTACT}))


def ticked(world: World, answer: Delivery | None = None, **raising: BaseException) -> FakeChannel:
    """Let the scheduler look once, with a mail server that answers so."""
    mail = FakeChannel(answer or Delivery("sent", "250"), **raising)
    tick(world.services, world.services.now(), {"email": mail})
    return mail


def failed(world: World, answer: Delivery = REFUSED) -> tuple[str, str]:
    """Return a case, and its message of service which the mail server answered so."""
    case = opened(world)
    ticked(world, answer)
    return case, told(Desk(world, "supervisor"), case=case)[0]["id"]


def told(desk: Desk, **query: str) -> list[dict[str, Any]]:
    answer = desk.get(LOG, **query)
    assert answer.status_code == 200, answer.text
    return list(answer.json["items"])


def mend(desk: Desk, message: str, act: str, reason: str = "已电话核实") -> Any:
    return desk.send(f"{LOG}/{message}/mend", {"act": act, "reason": reason})


def test_a_message_is_shown_as_it_was_seen_with_its_digest_compared(world: World):
    case = opened(world)
    mail = ticked(world)
    desk = Desk(world, "supervisor")
    (row,) = told(desk, case=case)
    assert (row["state"], row["channel"], row["recipient"]) == ("sent", "email", "institution_contact")
    shown = desk.get(f"{LOG}/{row['id']}").json
    _, sent, _ = mail.kept[-1]
    assert shown["text"] == f"{sent.subject}\n\n{sent.body}"
    assert shown["intact"] is True
    page = words(desk.get(f"/reminders/log/{row['id']}"))
    assert "与账本中的摘要逐字一致" in page
    assert CONTACT not in page + str(shown), "no address is shown"


def test_the_link_by_which_an_institution_acknowledges_is_shown_to_nobody_at_the_desk(world: World):
    case = opened(world)
    values = {"number": "LA-2026-77", "type": "rectification", "case": case, "working_days": 15}
    notice = world.make("notice", {"institution": world.hospital, **values}, by="supervisor")
    world.move("notice", notice, "draft", "signed_off", "issued", "served", by="supervisor")
    _, sent, _ = ticked(world).kept[-1]
    token = sent.body.partition("/ack#")[2].split()[0]
    assert len(token) > 20
    (row,) = told(Desk(world, "supervisor"), case=case)
    shown = Desk(world, "supervisor").get(f"{LOG}/{row['id']}")
    assert token not in shown.text
    assert shown.json["intact"] is True, "what is compared is the whole text"
    assert "/ack#…" in words(Desk(world, "supervisor").get(f"/reminders/log/{row['id']}"))


def test_a_text_that_was_altered_is_told(world: World):
    case = opened(world)
    ticked(world)
    (row,) = told(Desk(world, "supervisor"), case=case)
    with world.services.database.writing(world.services.ledger.id) as connection:
        vault = world.services.vault.session(connection, world.services.ledger.id)
        other = vault.seal(world.record(case).root, outbox_store.PURPOSE, "另一段话".encode())
        where = outbox_store.TABLE.c.id == row["id"]
        connection.execute(update(outbox_store.TABLE).where(where).values(words=other))
    assert Desk(world, "supervisor").get(f"{LOG}/{row['id']}").json["intact"] is False
    assert "与账本中的摘要不一致" in words(Desk(world, "supervisor").get(f"/reminders/log/{row['id']}"))


def test_what_a_provider_refuses_says_what_is_wrong_and_waits_on_the_to_do_list(world: World):
    case, message = failed(world)
    desk = Desk(world, "supervisor")
    shown = desk.get(f"{LOG}/{message}").json
    assert (shown["wrong"], shown["row"]["failure"], shown["mendings"]) == (
        "refused_address", "550 5.1.1", ["resent", "given_up"],
    )  # fmt: skip
    assert message in {row["id"] for row in told(desk, state="dead")}
    queues = {queue["name"]: queue["count"] for queue in desk.get("/api/to-do").json["queues"]}
    assert queues["messages"] == len(told(desk, state="dead"))
    assert "地址不存在或拒收" in words(desk.get(f"/reminders/log/{message}"))
    assert f"/reminders/log/{message}" in desk.get(f"/cases/{case}").text, "the case's timeline leads to it"


def test_after_the_address_is_corrected_it_is_sent_again_with_a_reason_in_the_ledger(world: World):
    _, message = failed(world)
    desk = Desk(world, "supervisor")
    assert mend(desk, message, "resent", "邮箱已更正").json["row"]["state"] == "queued"
    assert message not in {row["id"] for row in told(desk, state="dead")}
    mail = ticked(world)
    assert mail.addresses == [CONTACT]
    shown = desk.get(f"{LOG}/{message}").json
    assert shown["row"]["state"] == "sent"
    assert [(each["result"], each["mending"], each["reason"]) for each in shown["entries"]] == [
        ("failed", "resent", "邮箱已更正"),
        ("sent", "", ""),
    ]
    assert ticked(world).kept == []


def test_of_what_nobody_knows_a_person_says_that_it_arrived_and_it_is_not_sent_again(world: World):
    _, message = failed(world, Delivery("unknown", "ReadTimeout"))
    desk = Desk(world, "supervisor")
    assert desk.get(f"{LOG}/{message}").json["wrong"] == "silent"
    assert mend(desk, message, "arrived").json["row"]["state"] == "delivered"
    assert ticked(world).kept == []
    again = mend(desk, message, "resent")
    assert (again.status_code, again.json["code"]) == (400, "bad_transition")


def test_what_a_dead_scheduler_held_is_shown_as_unknown_and_may_be_sent_again_by_a_person(world: World):
    class PowerCut(BaseException):
        pass

    case = opened(world)
    with pytest.raises(PowerCut):
        ticked(world, raising=PowerCut())
    world.installation.clock.advance(seconds=LEASE_SECONDS + 1)
    assert ticked(world).kept == [], "never by itself"
    desk = Desk(world, "supervisor")
    (row,) = told(desk, case=case)
    assert (row["state"], desk.get(f"{LOG}/{row['id']}").json["wrong"]) == ("unknown", "interrupted")
    assert mend(desk, row["id"], "resent", "对方未收到").status_code == 200
    assert len(ticked(world).kept) == 1


def test_given_up_it_stays_failed_and_leaves_the_list(world: World):
    _, message = failed(world)
    desk = Desk(world, "supervisor")
    answer = desk.post(f"/reminders/log/{message}/mend", act="given_up", reason="已当面送达")
    assert answer.status_code == 303
    row = desk.get(f"{LOG}/{message}").json["row"]
    assert (row["state"], row["mended"]) == ("failed", "given_up")
    assert message not in {row["id"] for row in told(desk, state="dead")}
    assert "已当面送达" in words(desk.get(f"/reminders/log/{message}"))


def test_without_a_reason_nothing_is_done_and_the_page_says_so(world: World):
    _, message = failed(world)
    desk = Desk(world, "supervisor")
    answer = desk.post(f"/reminders/log/{message}/mend", act="resent", reason=" ")
    assert answer.status_code == 400
    assert "请填写理由" in words(answer)
    assert desk.get(f"{LOG}/{message}").json["row"]["state"] == "failed"


def test_what_the_provider_refused_cannot_have_arrived(world: World):
    _, message = failed(world)
    answer = mend(Desk(world, "supervisor"), message, "arrived")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_transition")


def test_a_message_that_a_later_one_has_overtaken_is_not_sent_again(world: World):
    case, message = failed(world)
    version = world.record(case).values["due_version"] + 1
    changed = {"due_on": "2026-12-15", "due_version": version}
    world.act(Draft("edit", "rectification_case", case, changed), by="supervisor")
    answer = mend(Desk(world, "supervisor"), message, "resent")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_transition")


def test_another_county_sees_no_message_and_mends_none(world: World):
    case, message = failed(world)
    for login in ("neighbour",):
        desk = Desk(world, login)
        assert case not in {row["case"] for row in told(desk)}
        assert desk.get(f"{LOG}/{message}").status_code == 404
        assert desk.get(f"/reminders/log/{message}").status_code == 404
        assert mend(desk, message, "given_up").status_code == 404
        assert desk.post(f"/reminders/log/{message}/mend", act="given_up", reason="不").status_code == 404
    for login in ("auditor", "lead"):
        desk = Desk(world, login)
        shown = desk.get(f"{LOG}/{message}")
        assert (shown.status_code, shown.json["mendings"]) == (200, [])
        assert mend(desk, message, "given_up").status_code == 403
    assert Desk(world).get("/reminders/log").status_code == 303
    assert told(Desk(world, "supervisor"), case=case)[0]["state"] == "failed"


def test_the_log_is_narrowed_and_read_on_by_cursor(world: World):
    for _ in range(3):
        opened(world)
    ticked(world)
    desk = Desk(world, "supervisor")
    every = told(desk)
    first = desk.get(LOG, limit="2").json
    second = desk.get(LOG, limit="2", after=first["next"]).json
    assert [row["id"] for row in (*first["items"], *second["items"])] == [row["id"] for row in every[:4]]
    assert told(desk, channel="sms") == []
    assert {row["state"] for row in told(desk, state="sent")} == {"sent"}
    assert told(desk, region="341503") == []
    for wrong in ({"state": "lost"}, {"channel": "pigeon"}, {"after": "x"}):
        assert desk.get(LOG, **wrong).status_code == 400, wrong


def test_the_answers_are_as_described(world: World):
    _, message = failed(world)
    desk = Desk(world, "supervisor")
    described = desk.get("/api/openapi.json").json
    for path, at in ((LOG, LOG), (f"{LOG}/{{item}}", f"{LOG}/{message}")):
        schema = answer_schema(described, "get", path, 200)
        assert Checker(described).faults(desk.get(at).json, schema) == []


def overdue(world: World) -> str:
    """Return a case of which its owner, who has no address of e-mail, is reminded in the application."""
    case = opened(world, due_on=world.services.today().isoformat())
    world.installation.clock.advance(days=1)
    tick(world.services, world.services.now(), {"email": FakeChannel(), "in_app": InApp()})
    return case


def my(world: World, login: str, case: str, **query: str) -> list[dict[str, Any]]:
    answer = Desk(world, login).get("/api/reminders/mine", **query)
    assert answer.status_code == 200, answer.text
    return [row for row in answer.json["items"] if row["case"] == case]


def test_who_is_reminded_in_the_application_reads_it_there_with_its_count(world: World):
    case = overdue(world)
    (row,) = my(world, "supervisor", case)
    assert (row["rung"], row["channel"], row["state"]) == ("T+1", "in_app", "sent")
    desk = Desk(world, "supervisor")
    queues = {queue["name"]: queue["count"] for queue in desk.get("/api/to-do").json["queues"]}
    assert queues["notices"] == len(desk.get("/api/reminders/mine").json["items"]) >= 1
    page = words(desk.get("/reminders/mine"))
    assert "发给我的通知" in page
    assert "标为已读" in page


def test_read_it_leaves_the_list_and_is_an_entry(world: World):
    case = overdue(world)
    (row,) = my(world, "supervisor", case)
    desk = Desk(world, "supervisor")
    assert desk.post(f"/reminders/mine/{row['id']}/read").status_code == 303
    assert my(world, "supervisor", case) == []
    assert [each["state"] for each in my(world, "supervisor", case, state="all")] == ["acknowledged"]
    (entry,) = desk.get(f"{LOG}/{row['id']}").json["entries"]
    assert entry["acknowledged_at"] is not None
    again = desk.send(f"/api/reminders/mine/{row['id']}/read", None)
    assert again.status_code == 200
    assert again.json["entries"] == [entry], "read twice is read once"


def test_nobody_marks_a_message_to_another_as_read(world: World):
    case = overdue(world)
    (row,) = my(world, "supervisor", case)
    for login in ("city", "auditor", "neighbour"):
        desk = Desk(world, login)
        assert my(world, login, case) == [], "each has his own"
        assert desk.post(f"/reminders/mine/{row['id']}/read").status_code == 404
        assert desk.send(f"/api/reminders/mine/{row['id']}/read", None).status_code == 404
    assert my(world, "supervisor", case)[0]["state"] == "sent"
    assert Desk(world, "supervisor").get("/api/reminders/mine", state="lost").status_code == 400


def test_what_waited_while_a_backup_was_restored_is_in_doubt_and_is_seen_to_by_a_person(world: World):
    case = opened(world)
    tick(world.services, world.services.now(), {})
    with world.services.database.writing(world.services.ledger.id) as connection:
        outbox_store.may_have_left(connection, world.services.ledger.id, world.services.now_ms())
    desk = Desk(world, "supervisor")
    (row,) = told(desk, case=case)
    shown = desk.get(f"{LOG}/{row['id']}").json
    assert (row["state"], shown["wrong"], shown["text"], shown["entries"]) == ("unknown", "restored", "", [])
    assert mend(desk, row["id"], "resent", "对方未收到").json["row"]["state"] == "queued"
    assert len(ticked(world).kept) == 1
    assert [each["result"] for each in desk.get(f"{LOG}/{row['id']}").json["entries"]] == ["unknown", "sent"]
