"""Tasks: one's own and the region's, taken, called, done; a proposal to consider leads to its form, filled in."""

from __future__ import annotations

import pytest

from schemas.drafting import Draft
from server.commit.acts import new_id
from sync.errors import BadTransition, BadValue, NotAllowed
from tests.console.course_scene import begin, case_of, person, send, take, today
from tests.server.desk_client import Desk, words
from tests.server.world import World

NOUN = "tasks"


def given(world: World, kind: str = "phone_call", **more: object) -> str:
    """Let the machine give a task, as the ladder does."""
    case = case_of(world)
    values = {"about": case, "kind": kind, "for_role": "supervisor", "due_on": today(world), **more}
    made = new_id(world.services)
    world.act(Draft("create", "task", made, values))
    return made


def test_a_phone_call_is_done_once_a_call_is_recorded(world: World):
    made = given(world)
    take(world, NOUN, made, "take")
    with pytest.raises(BadTransition):
        take(world, NOUN, made, "finish", result="测试：已提醒")
    take(world, NOUN, made, "call", result="not_reached")
    take(world, NOUN, made, "call", result="promised", whom="测试医保办", words="测试：明日退费")
    take(world, NOUN, made, "finish", result="测试：已承诺")
    found = world.record(made)
    assert (found.stage, len(found.values["calls"])) == ("done", 2)
    assert all(call["at"] for call in found.values["calls"])


def test_a_call_that_was_not_made_yet_is_refused(world: World):
    made = given(world)
    with pytest.raises(BadValue):
        take(world, NOUN, made, "call", result="reached", at=world.services.now_ms() + 1)
    assert send(world, "supervisor", NOUN, made, "call").status_code == 400
    assert not world.record(made).values.get("calls")


def test_a_list_of_ones_own_leaves_out_what_is_anothers_or_done(world: World):
    person(world, "chief", "leader", region="341500")
    mine, leaders = given(world), given(world, "sanction_proposal", for_role="leader")
    others = given(world, assignee=world.users["city"])
    done = given(world, "report_check")
    take(world, NOUN, done, "finish", result="测试")
    desk = Desk(world, "supervisor")
    own, every = desk.get("/tasks", mine="yes").text, desk.get("/tasks").text
    assert mine in own
    for other in (leaders, others, done):
        assert other not in own
        assert other in every
    assert leaders in Desk(world, "chief").get("/tasks", mine="yes").text
    listed = [one["id"] for one in desk.get("/api/tasks", mine="yes").json["items"]]
    assert mine in listed
    assert leaders not in listed
    assert mine not in Desk(world, "neighbour").get("/tasks").text


def test_a_proposal_to_consider_leads_to_the_form_filled_in(world: World):
    made = given(world, "suspension_proposal")
    desk = Desk(world, "supervisor")
    page = desk.get(f"/tasks/{made}").text
    case = world.record(made).values["about"]
    assert (
        f"/sanctions/new?case={case}&amp;track=agreement&amp;level=2&amp;measures=settlement_suspension"
        in page
    )
    form = desk.get(
        "/sanctions/new", case=case, track="agreement", level="2", measures="settlement_suspension"
    )
    assert 'value="settlement_suspension" checked' in form.text
    assert '<option value="2" selected>' in form.text
    assert "/sanctions/new" not in desk.get(f"/tasks/{given(world)}").text


def test_a_task_is_given_back_dropped_and_given_by_hand(world: World):
    made = given(world)
    take(world, NOUN, made, "take")
    take(world, NOUN, made, "release")
    assert world.record(made).stage == "open"
    with pytest.raises(NotAllowed):
        take(world, NOUN, made, "drop", "lead", result="测试")
    take(world, NOUN, made, "drop", result="测试：已另行处理")
    wanted = {"kind": "phone_call", "for_role": "inspector", "due_on": today(world)}
    mine = begin(world, NOUN, about=case_of(world), **wanted)
    take(world, NOUN, mine, "take", "lead")
    assert world.record(mine).stage == "taken"
    with pytest.raises(BadValue):
        begin(world, NOUN, about=case_of(world), **wanted | {"due_on": "2026-11-01"})
    with pytest.raises(NotAllowed):
        begin(world, NOUN, "lead", about=case_of(world), **wanted)


def test_what_is_overdue_says_so_and_stands_first(world: World):
    late = given(world, due_on="2026-11-01")
    later = given(world, due_on="2026-12-31")
    page = Desk(world, "supervisor").get("/tasks")
    assert "已逾期" in words(page)
    assert page.text.index(late) < page.text.index(later)
    assert send(world, "neighbour", NOUN, late, "take").status_code == 404
    assert send(world, "auditor", NOUN, late, "take").status_code == 403
