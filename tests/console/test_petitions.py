"""Petitions: registered with a last day in working days, assigned, answered, satisfied; the reporter masked."""

from __future__ import annotations

import pytest

from server.accounts import users
from sync.errors import BadValue, NotAllowed
from tests.console.course_scene import begin, person, send, take, today
from tests.server.desk_client import Desk, words
from tests.server.world import PASSWORD, World

NOUN = "petitions"


def register(world: World, by: str = "supervisor", **more: object) -> str:
    given = {"region": "341502", "kind": "tip_off", "channel": "phone", "words": "测试：反映挂床",
             "received_at": world.services.now_ms(), "name": "测试举报人", "phone": "13900001111"}  # fmt: skip
    return begin(world, NOUN, by, **{**given, **more})


@pytest.mark.parametrize(
    ("kind", "more", "due_on"),
    [
        ("inquiry", {}, "2026-11-18"),
        ("tip_off", {}, "2026-11-20"),
        ("complaint", {"working_days": 1}, "2026-11-18"),
        ("petition", {"working_days": 4}, "2026-11-23"),
    ],
)
def test_the_last_day_is_counted_in_working_days_from_the_day_after(
    world: World, kind: str, more: dict[str, int], due_on: str
):
    found = world.record(register(world, kind=kind, **more))
    assert (found.values["due_on"], found.stage) == (due_on, "received")
    assert found.values["number"].startswith("XF20261117-")


def test_what_cannot_have_come_yet_and_a_number_twice_are_refused(world: World):
    with pytest.raises(BadValue):
        register(world, received_at=world.services.now_ms() + 1)
    register(world, number="XF-1")
    answer = Desk(world, "supervisor").get("/api/petitions").json["items"]
    assert "XF-1" in [one["fields"]["number"] for one in answer]


def test_a_petition_is_assigned_handled_answered_and_satisfied(world: World):
    made = register(world)
    take(world, NOUN, made, "assign", owner=world.users["supervisor"])
    take(world, NOUN, made, "handle")
    take(world, NOUN, made, "answer", answer="测试：已核查", answered_on=today(world))
    with pytest.raises(BadValue):
        take(world, NOUN, made, "satisfy", satisfaction="dissatisfied")
    take(world, NOUN, made, "handle_again")
    take(world, NOUN, made, "answer", answer="测试：再次核查", answered_on=today(world))
    take(world, NOUN, made, "satisfy", satisfaction="satisfied")
    assert world.record(made).stage == "satisfied"


def test_a_leader_grants_the_reward_and_nothing_is_paid_before(world: World):
    chief = person(world, "chief", "leader", region="341500")
    made = register(world)
    take(world, NOUN, made, "assign", owner=world.users["supervisor"])
    take(world, NOUN, made, "handle")
    take(world, NOUN, made, "answer", answer="测试", answered_on=today(world))
    with pytest.raises(BadValue):
        take(world, NOUN, made, "pay_reward", reward_paid_on=today(world))
    with pytest.raises(NotAllowed):
        take(world, NOUN, made, "reward", reward_fen=50_000)
    take(world, NOUN, made, "reward", chief, reward_fen=50_000)
    take(world, NOUN, made, "pay_reward", reward_paid_on=today(world))
    assert world.record(made).values["reward_paid_on"] == today(world)


def test_the_reporter_is_masked_and_who_works_at_an_institution_sees_nothing(world: World):
    made = register(world)
    page = words(Desk(world, "supervisor").get(f"/petitions/{made}"))
    assert "测试举报人" not in page
    assert "13900001111" not in page
    assert "测*" in page
    audited = words(Desk(world, "auditor").get(f"/petitions/{made}"))
    assert "测试：反映挂床" not in audited
    if "clinic" not in world.users:
        new = users.check(
            login="clinic", name="测试甲clinic", roles=("institution_user",), region="341502",
            institution=world.hospital,
        )  # fmt: skip
        world.users["clinic"], _ = users.enlist(world.services, new, PASSWORD)
    clinic = Desk(world, "clinic")
    for path in ("/petitions", f"/petitions/{made}", f"/api/petitions/{made}", "/api/petitions"):
        answer = clinic.get(path)
        assert made not in answer.text.replace(f'"item":"{made}"', "") or answer.status_code in (403, 404)
        assert "测试：反映挂床" not in answer.text


def test_what_is_overdue_says_so(world: World):
    made = register(world, received_at=world.services.now_ms() - 20 * 86_400_000)
    desk = Desk(world, "supervisor")
    assert "已逾期" in words(desk.get(f"/petitions/{made}"))
    assert "已逾期" not in words(desk.get(f"/petitions/{register(world)}"))


def test_it_is_registered_at_the_desk_by_the_institutions_code_and_owned_by_a_login(world: World):
    desk = Desk(world, "supervisor")
    assert 'value="341502" selected' in desk.get("/petitions/new").text
    typed = {"region": "341502", "kind": "complaint", "channel": "letter", "received_at": "2026-11-17T09:00",
             "institution": "H34150290001", "words": "测试：收费"}  # fmt: skip
    answer = desk.post("/petitions/new", **typed)
    assert answer.status_code == 303, words(answer)
    made = answer.location.rpartition("/")[2]
    version = world.record(made).version
    assert desk.post(f"/petitions/{made}/assign", version=version, owner="supervisor").status_code == 303
    assert world.record(made).values["owner"] == world.users["supervisor"]
    assert desk.post("/petitions/new", **typed | {"words": ""}).status_code == 422
    assert Desk(world, "neighbour").get(answer.location).status_code == 404
    assert send(world, "neighbour", NOUN, made, "handle").status_code == 404
    assert send(world, "auditor", NOUN, made, "handle").status_code == 403
    with pytest.raises(NotAllowed):
        register(world, "neighbour")


def test_a_number_that_is_looked_for_leads_to_its_page(world: World):
    made = register(world, number="XF-2026-0077")
    found = Desk(world, "supervisor").get("/search", q="XF-2026-0077")
    assert f"/petitions/{made}" in found.text
    assert made not in Desk(world, "neighbour").get("/search", q="XF-2026-0077").text
