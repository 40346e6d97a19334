"""Interviews: planned, invited, held with record and commitments, signed by both sides; missed ones invited again."""

from __future__ import annotations

import pytest

from sync.errors import BadTransition, BadValue
from tests.console.course_scene import begin, case_of, send, take
from tests.server.desk_client import Desk, words
from tests.server.world import World

NOUN = "interviews"
HOUR_MS = 3_600_000


def plan(world: World, **more: object) -> str:
    given = {"case": case_of(world), "kind": "interview", "trigger": "overdue", "place": "测试会议室",
             "scheduled_at": world.services.now_ms() + HOUR_MS}  # fmt: skip
    return begin(world, NOUN, **{**given, **more})


def held(world: World) -> str:
    made = plan(world)
    take(world, NOUN, made, "invite")
    now = world.services.now_ms()
    said = {
        "name": "测试负责人",
        "post": "head",
        "record": "测试：说明逾期原因",
        "commitments": "测试：三日内退费",
    }
    take(world, NOUN, made, "hold", started_at=now - HOUR_MS, ended_at=now, **said)
    return made


def sign(world: World, interview: str, signer: str, outcome: str = "signed", **more: object) -> None:
    take(world, NOUN, interview, "sign", signer=signer, name="测试甲", outcome=outcome, **more)


def test_an_interview_is_held_and_its_record_closed_once_both_sides_signed(world: World):
    made = held(world)
    with pytest.raises(BadTransition):
        take(world, NOUN, made, "close")
    sign(world, made, "officer")
    with pytest.raises(BadTransition):
        take(world, NOUN, made, "close")
    sign(world, made, "party", "refused", reason="测试：不同意", witness="测试见证人")
    take(world, NOUN, made, "close")
    found = world.record(made)
    assert (found.stage, found.values["commitments"]) == ("signed", "测试：三日内退费")


def test_a_refusal_to_sign_names_a_witness(world: World):
    made = held(world)
    with pytest.raises(BadValue):
        sign(world, made, "party", "refused", reason="测试")
    assert not world.record(made).values.get("signatures")


def test_a_joint_interview_names_the_other_authorities(world: World):
    with pytest.raises(BadValue) as refused:
        plan(world, kind="joint_interview")
    assert refused.value.field == "joint_with"
    made = plan(world, kind="joint_interview", joint_with=["discipline", "health"])
    page = words(Desk(world, "supervisor").get(f"/interviews/{made}"))
    assert "纪检监察" in page
    assert "双约谈" in page


def test_who_did_not_come_is_invited_again_to_a_later_time(world: World):
    made = plan(world)
    take(world, NOUN, made, "invite")
    take(world, NOUN, made, "miss")
    with pytest.raises(BadValue):
        take(world, NOUN, made, "invite_again", scheduled_at=world.services.now_ms() - 1)
    take(world, NOUN, made, "invite_again", scheduled_at=world.services.now_ms() + HOUR_MS)
    assert world.record(made).stage == "invited"
    take(world, NOUN, made, "cancel")
    assert world.record(made).stage == "cancelled"


def test_nothing_is_planned_in_the_past_and_nothing_recorded_before_it_happened(world: World):
    with pytest.raises(BadValue):
        plan(world, scheduled_at=world.services.now_ms())
    made = plan(world)
    take(world, NOUN, made, "invite")
    said = {"name": "测试负责人", "post": "head", "record": "测试", "commitments": "测试"}
    now = world.services.now_ms()
    for times in ({"started_at": now + 1}, {"started_at": now, "ended_at": now - 1}):
        with pytest.raises(BadValue):
            take(world, NOUN, made, "hold", **times, **said)


def test_it_is_planned_at_the_desk_in_the_regions_time(world: World):
    desk, case = Desk(world, "supervisor"), case_of(world)
    typed = {"case": case, "kind": "interview", "trigger": "overdue", "scheduled_at": "2027-03-01T09:30"}
    answer = desk.post("/interviews/new", **typed)
    assert answer.status_code == 303, words(answer)
    assert "2027年3月1日 09:30" in words(desk.get(answer.location))
    assert answer.location in desk.get(f"/cases/{case}").text
    assert desk.post("/interviews/new", **typed | {"scheduled_at": "tomorrow"}).status_code == 422
    made = answer.location.rpartition("/")[2]
    assert Desk(world, "neighbour").get(answer.location).status_code == 404
    assert send(world, "neighbour", NOUN, made, "invite").status_code == 404
    assert send(world, "auditor", NOUN, made, "invite").status_code == 403
