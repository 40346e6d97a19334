"""A region lays its ladder down at the desk or by program; running cases follow the newest, and it is all history."""

from __future__ import annotations

from typing import Any

import pytest

from server.accounts import users
from server.casework import laying_down
from server.casework.laying_down import Wanted
from server.ledger.audit import audit
from server.reminders import standing_policies
from server.reminders.policies import DIGEST_LIMIT, RECTIFICATION
from server.reminders.schedule import tick
from tests.reminders.served_case import Bureau, served_case
from tests.server.desk_client import Desk, words
from tests.server.world import PASSWORD

RUNGS = [
    {"name": "T+2", "roles": ["supervisor"], "channels": ["email"], "task": "phone_call"},
    {"name": "served", "roles": ["institution_contact"], "channels": ["email"]},
    {"name": "T-9", "roles": ["institution_contact", "inspector"], "channels": ["email"]},
    {"name": "served+3", "roles": ["inspector"], "channels": ["email"], "task": "obtain_acknowledgement"},
]
BODY: dict[str, Any] = {"region": "341500", "rungs": RUNGS}
FORM: dict[str, Any] = {
    "region": "341500", "quiet_from": "19:00", "quiet_until": "09:00", "morning": "09:30", "words": "加密",
    "digest_limit": "8",
    **{f"name-{n}": one["name"] for n, one in enumerate(RUNGS)},
    **{f"role-{n}": one["roles"] for n, one in enumerate(RUNGS)},
    **{f"channel-{n}": one["channels"] for n, one in enumerate(RUNGS)},
    **{f"task-{n}": one.get("task", "") for n, one in enumerate(RUNGS)},
}  # fmt: skip


def desk(bureau: Bureau, login: str, role: str, region: str) -> Desk:
    users.enlist(
        bureau.services, users.check(login=login, name=f"测试{login}", roles=(role,), region=region), PASSWORD
    )
    return Desk(bureau, login)


@pytest.fixture
def chief(bureau: Bureau) -> Desk:
    return desk(bureau, "chief", "supervisor", "341500")


def counting(bureau: Bureau, region: str) -> list[str]:
    with bureau.services.database.reading() as connection:
        policy = standing_policies.standing(connection, bureau.services).of(region)
    return [rung.name for rung in policy.rungs]


SHIPPED = [rung.name for rung in RECTIFICATION.rungs]


def test_a_ladder_is_looked_at_laid_down_and_kept_with_its_history(bureau: Bureau, chief: Desk):
    assert counting(bureau, "341502") == SHIPPED
    looked = chief.post("/reminders/policies", look="1", **FORM)
    assert looked.status_code == 200
    assert "到期前9个工作日" in words(looked).replace(" ", "")
    assert counting(bureau, "341502") == SHIPPED, "looking lays nothing down"
    done = chief.post("/reminders/policies", **FORM)
    assert (done.status_code, done.location) == (303, "/reminders/policies")
    assert counting(bureau, "341502") == ["served", "served+3", "T-9", "T+2"]
    assert counting(bureau, "341600") == SHIPPED
    page = words(chief.get("/reminders/policies"))
    for word in ("加密", "测试chief", "六安市", "09:30", "超过8条"):
        assert word in page
    assert audit(bureau.services).ok


def test_the_nearest_region_s_newest_counts(bureau: Bureau, chief: Desk):
    county = {**BODY, "region": "341502", "rungs": RUNGS[1:2]}
    assert chief.send("/api/reminder-policies", county).status_code == 201
    assert chief.send("/api/reminder-policies", BODY).status_code == 201
    assert counting(bureau, "341502") == ["served"]
    assert counting(bureau, "341503") == ["served", "served+3", "T-9", "T+2"]
    bureau.installation.clock.advance(seconds=1)
    assert chief.send("/api/reminder-policies", {**county, "rungs": RUNGS[1:3]}).status_code == 201
    assert counting(bureau, "341502") == ["served", "T-9"]
    assert (
        chief.send("/api/reminder-policies", {**BODY, "region": "341503", "digest_limit": 2}).status_code
        == 201
    )
    assert chief.get("/api/reminder-policies", region="341503").json["digest_limit"] == 2
    assert chief.get("/api/reminder-policies", region="341500").json["digest_limit"] == DIGEST_LIMIT
    told = chief.get("/api/reminder-policies", region="341502").json
    assert ([one["name"] for one in told["rungs"]], told["origin"]) == (["served", "T-9"], "341502")
    assert [one["rung"] for one in told["sample"]] == ["served", "T-9"]


def test_a_running_case_follows_the_newest_ladder_and_nothing_goes_twice(bureau: Bureau):
    case = served_case(bureau)
    tick(bureau.services, bureau.now, {})
    bureau.installation.clock.advance(days=9)  # Thursday 26 November, 10:00: one working day before T-7
    tick(bureau.services, bureau.now, {})
    assert {row.key.rung for row in bureau.outbox(case)} == {"served"}
    laying_down.lay_down(bureau.services, bureau.supervisor, Wanted(region="341500", rungs=tuple(RUNGS)))
    tick(bureau.services, bureau.now, {})
    assert {row.key.rung for row in bureau.outbox(case)} == {"served", "T-9"}, "T-9 was on 25 November"
    before = len(bureau.outbox(case))
    tick(bureau.services, bureau.now, {})
    assert len(bureau.outbox(case)) == before


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"region": "12"}, "请填写行政区划代码"),
        ({"morning": "08:30"}, "发送时刻应在静默时段之外"),
        ({"digest_limit": "0"}, "请填写1至1000的数字"),
        ({"digest_limit": "many"}, "请填写1至1000的数字"),
        ({"quiet_from": "late"}, "时间请写成 08:30"),
        ({"name-1": "T"}, "首个节点为 served"),
        ({"name-0": "soon"}, "每个节点"),
        ({"name-0": "T-9"}, "每个节点"),
        ({"role-0": []}, "每个节点"),
        ({"channel-2": []}, "每个节点"),
    ],
)
def test_what_does_not_fit_is_said_and_lays_nothing_down(
    bureau: Bureau, chief: Desk, change: dict[str, Any], word: str
):
    answer = chief.post("/reminders/policies", **{**FORM, **change})
    assert (answer.status_code, word in words(answer)) == (422, True)
    assert counting(bureau, "341500") == SHIPPED


def test_who_may_not_lays_none_down(bureau: Bureau, chief: Desk):
    for who in (
        desk(bureau, "reader", "auditor", "341500"),
        desk(bureau, "keys", "admin", "341500"),
        desk(bureau, "far", "supervisor", "341600"),
    ):
        assert who.post("/reminders/policies", **FORM).status_code == 403
        assert who.send("/api/reminder-policies", BODY).status_code == 403
    assert counting(bureau, "341500") == SHIPPED
    boss = desk(bureau, "boss", "leader", "341500")
    assert boss.send("/api/reminder-policies", BODY).status_code == 201
    assert chief.send("/api/reminder-policies", {**BODY, "rungs": []}).status_code == 400
