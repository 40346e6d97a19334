"""Many reminders to one recipient at once go as one digest: each of them once, each with its own state and its part."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date

import pytest

from server.accounts import users
from server.casework import laying_down
from server.casework.laying_down import Wanted
from server.ledger.audit import audit
from server.reminders import digests, scan
from server.reminders.delivery import Delivery
from server.reminders.digests import Around, DigestLine
from server.reminders.dispatch import LEASE_SECONDS, dispatch
from server.reminders.policies import DIGEST_LIMIT
from server.reminders.robots import WECOM_BYTES_MAX, holds, markdown
from server.reminders.schedule import tick
from server.storage import pace_store
from server.storage.outbox_store import Posted
from tests.reminders.served_case import LEAD, SECRETS, Bureau, FakeChannel, served_case, shipped_rungs
from tests.server.desk_client import Desk, words
from tests.server.world import PASSWORD


class PowerCut(BaseException):
    """Ends the process of a test without any of its cleaning up."""


def on_t_minus_7(bureau: Bureau, cases: int) -> list[str]:
    """Serve so many cases and let their T-7 come, of which the inspector and the contact hear by mail."""
    made = [served_case(bureau, number=f"LA-2026-{n}") for n in range(cases)]
    bureau.installation.clock.advance(days=10)
    return made


def rows(bureau: Bureau, cases: list[str], recipient: str, channel: str = "email") -> list[Posted]:
    return [
        row
        for case in cases
        for row in bureau.outbox(case)
        if (row.key.recipient, row.key.channel) == (recipient, channel)
    ]


def ticked(bureau: Bureau, mail: FakeChannel) -> Counter[str]:
    return tick(bureau.services, bureau.now, {"email": mail})


def test_more_than_the_limit_go_as_one_message_and_each_is_in_the_ledger(bureau: Bureau, mail: FakeChannel):
    cases = on_t_minus_7(bureau, DIGEST_LIMIT + 1)
    assert ticked(bureau, mail)["sent"] == 2 * len(cases)
    (message,) = [message for address, message, _ in mail.kept if address == LEAD]
    assert f"{len(cases)}件提醒" in message.subject
    for n in range(len(cases)):
        assert message.body.count(f"LA-2026-{n}）") == 1
    assert "2026年12月8日" in message.body
    assert not [secret for secret in SECRETS if secret in message.subject + message.body]
    told = [one for one in bureau.reminders() if one["recipient"] == bureau.lead]
    assert {one["case"] for one in told} == set(cases)
    assert len(told) == len(cases), "each of them once"
    assert {(one["joined"], one["result"]) for one in told} == {(len(cases), "sent")}
    assert len({one["joined_in"] for one in told}) == 1, "they name the one message"
    assert audit(bureau.services).ok
    assert ticked(bureau, mail) == {}


def test_as_many_as_the_limit_go_one_by_one(bureau: Bureau, mail: FakeChannel):
    cases = on_t_minus_7(bureau, DIGEST_LIMIT)
    assert ticked(bureau, mail)["sent"] == 2 * len(cases)
    assert len(mail.kept) == 2 * len(cases)
    assert not [one for one in bureau.reminders() if "joined" in one]


def test_a_service_always_goes_alone(bureau: Bureau, mail: FakeChannel):
    for n in range(DIGEST_LIMIT + 1):
        served_case(bureau, number=f"LA-2026-{n}")
    ticked(bureau, mail)
    assert len(mail.kept) == DIGEST_LIMIT + 1
    assert not [one for one in bureau.reminders() if "joined" in one]


def test_a_regions_own_limit_counts(bureau: Bureau, mail: FakeChannel):
    wanted = Wanted(region="341500", rungs=shipped_rungs(), digest_limit=2)
    laying_down.lay_down(bureau.services, bureau.supervisor, wanted)
    on_t_minus_7(bureau, 3)
    ticked(bureau, mail)
    assert mail.addresses.count(LEAD) == 1


def test_a_regions_higher_limit_lets_them_go_one_by_one(bureau: Bureau, mail: FakeChannel):
    wanted = Wanted(region="341500", rungs=shipped_rungs(), digest_limit=20)
    laying_down.lay_down(bureau.services, bureau.supervisor, wanted)
    on_t_minus_7(bureau, DIGEST_LIMIT + 1)
    ticked(bureau, mail)
    assert mail.addresses.count(LEAD) == DIGEST_LIMIT + 1


def test_what_a_full_robot_has_no_room_for_is_joined(bureau: Bureau):
    robot = [{"region": "341500", "url": "https://x.example"}]
    bureau.services.config.channels_file.write_text(json.dumps({"wecom": robot}), "utf-8")
    cases = on_t_minus_7(bureau, 3)
    scan.scan(bureau.services, bureau.now)
    ledger, office, channel = bureau.services.ledger.id, "office/341500", FakeChannel()
    with bureau.services.database.engine.execution_options(immediate=True).begin() as connection:
        for _ in range(pace_store.BURST - 1):
            pace_store.take(connection, ledger, "wecom", office, bureau.services.now_ms())
    dispatch(bureau.services, {"wecom": channel}, bureau.now)
    assert len(channel.kept) == 1, "three are fewer than the limit, and there was room for one"
    assert {(row.state, row.joined) for row in rows(bureau, cases, office, "wecom")} == {("sent", 3)}
    assert dispatch(bureau.services, {"wecom": channel}, bureau.now) == {}


def test_a_digest_that_is_interrupted_is_unknown_whole_and_never_sent_again(
    bureau: Bureau, mail: FakeChannel
):
    cases = on_t_minus_7(bureau, DIGEST_LIMIT + 1)
    mail.raising = PowerCut()
    scan.scan(bureau.services, bureau.now)
    while not [row for row in rows(bureau, cases, bureau.lead) if row.state == "sending"]:
        with pytest.raises(PowerCut):
            dispatch(bureau.services, {"email": mail}, bureau.now)
    mail.raising = None
    bureau.installation.clock.advance(seconds=LEASE_SECONDS + 1)
    ticked(bureau, mail)
    assert mail.addresses.count(LEAD) == 1
    assert {row.state for row in rows(bureau, cases, bureau.lead)} == {"unknown"}
    told = [one for one in bureau.reminders() if one["recipient"] == bureau.lead]
    assert [(one["result"], one["joined"]) for one in told] == [("unknown", len(cases))] * len(cases)


def test_a_digest_that_is_refused_for_now_goes_again_whole(bureau: Bureau, mail: FakeChannel):
    cases = on_t_minus_7(bureau, DIGEST_LIMIT + 1)
    mail.answer = Delivery("temporary", "451")
    while {row.attempts for row in rows(bureau, cases, bureau.lead)} != {1}:
        ticked(bureau, mail)
        bureau.installation.clock.advance(seconds=1)
    mail.answer, before = Delivery("sent", "250"), mail.addresses.count(LEAD)
    bureau.installation.clock.advance(seconds=3600)
    ticked(bureau, mail)
    assert mail.addresses.count(LEAD) == before + 1 == 2
    assert {(row.state, row.attempts) for row in rows(bureau, cases, bureau.lead)} == {("sent", 2)}


def test_a_case_that_is_closed_meanwhile_is_left_out_of_the_digest(bureau: Bureau, mail: FakeChannel):
    cases = on_t_minus_7(bureau, DIGEST_LIMIT + 2)
    scan.scan(bureau.services, bureau.now)
    for source, target in (
        ("rectifying", "report_submitted"), ("report_submitted", "verifying"), ("verifying", "closed"),
    ):  # fmt: skip
        user = bureau.other_supervisor() if target == "closed" else None
        bureau.edit("rectification_case", cases[0], user=user, stage={"from": source, "to": target})
    ticked(bureau, mail)
    (message,) = [message for address, message, _ in mail.kept if address == LEAD]
    assert f"{DIGEST_LIMIT + 1}件提醒" in message.subject
    assert "LA-2026-0）" not in message.body
    assert [row.state for row in rows(bureau, cases[:1], bureau.lead)] == ["superseded"]


def test_the_log_shows_the_digest_and_of_other_cases_nothing(bureau: Bureau, mail: FakeChannel):

    cases = on_t_minus_7(bureau, DIGEST_LIMIT + 1)
    ticked(bureau, mail)
    users.enlist(
        bureau.services,
        users.check(login="chief", name="测试chief", roles=("supervisor",), region="341500"),
        PASSWORD,
    )
    desk = Desk(bureau, "chief")
    (row,) = rows(bureau, cases[:1], bureau.lead)
    told = desk.get(f"/api/reminders/log/{row.id}").json
    assert (told["row"]["joined"], told["intact"]) == (len(cases), True)
    assert "LA-2026-0" in told["text"]
    assert "LA-2026-1" not in told["text"], "the digest's other lines belong to other cases"
    page = words(desk.get(f"/reminders/log/{row.id}"))
    assert f"合并为一条消息发送，共{len(cases)}条" in page
    assert f"合并发送，共{len(cases)}条" in words(desk.get("/reminders/log"))


def test_the_preview_says_what_will_go_within_a_digest(bureau: Bureau, mail: FakeChannel):
    cases = on_t_minus_7(bureau, DIGEST_LIMIT + 1)
    now = bureau.now
    foreseen = scan.coming(bureau.services, now, now.replace(day=now.day + 1))
    joined = scan.joined(foreseen)
    assert {(key.recipient, count) for key, count in joined.items()} == {
        (bureau.lead, len(cases)), (bureau.institution, len(cases)),
    }  # fmt: skip
    ticked(bureau, mail)
    went = {row.key: row.joined for case in cases for row in bureau.outbox(case)}
    assert {key: count for key, count in went.items() if count} == joined


# -- pure -------------------------------------------------------------------------------------------------

LINE = DigestLine("六安市测试第001医院", "六医保改〔2026〕12号", date(2026, 12, 8), date(2026, 12, 3), 3)
AROUND = Around("bureau", "六安市医疗保障局", "基金监管部门", "0564-1234567", "https://desk.example/cases")


def test_a_digest_holds_as_many_lines_as_its_channel_shows_whole():
    lines = [
        replace(LINE, number=f"六医保改〔2026〕{n}号", task="phone_call")
        for n in range(digests.JOINED_MAX + 9)
    ]
    for channel, most in (("wecom", WECOM_BYTES_MAX), ("dingtalk", 20_000)):
        fit = digests.fitting(
            lines, lambda message, channel=channel: holds(channel, message), AROUND, "zh_CN"
        )
        assert 2 <= fit <= digests.JOINED_MAX
        text = markdown(digests.compose(lines[:fit], AROUND, "zh_CN"), most)
        assert f"〔2026〕{fit - 1}号" in text
        assert not text.endswith("…")
    assert digests.fitting(lines, lambda message: True, AROUND, "zh_CN") == digests.JOINED_MAX


@pytest.mark.parametrize(
    ("count", "limit", "room", "joined"),
    [
        (6, 5, None, True),
        (5, 5, None, False),
        (2, 5, 1, True),
        (2, 5, 2, False),
        (1, 1, None, False),
        (2, 1, None, True),
    ],
)
def test_what_goes_as_one(count: int, limit: int, room: int | None, joined: bool):
    assert digests.wanted(count, limit, room) is joined


def test_in_english_too():
    message = digests.compose(
        [LINE, replace(LINE, due_on=date(2026, 12, 1), working_days_left=-2)], AROUND, "en"
    )
    assert message.subject == "[Rectification] 2 reminders: 1 overdue, 0 due today, 1 due later"
    assert "due on 1 December 2026, 2 working days overdue" in message.body
