"""A supervisor plans, has officers drawn, approves, sends others; the evening's plan is on the phone in the morning."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.drafting import Draft
from server.accounts import users
from server.rounds import censuses
from server.storage import ledger_store, record_store
from sync import draw
from tests.server.builders import install
from tests.server.desk_client import Desk, heading, words
from tests.server.phones import enrol
from tests.server.world import PASSWORD, World, build

DAY = "2026-11-18"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world of one test's own, whose inspectors have certificates; a third one stands by."""
    made = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"), photos=0, checked=1)
    for number, login in enumerate(("lead", "member", "third", "other_lead")):
        if login not in made.users:
            role = "lead_inspector" if "lead" in login else "inspector"
            new = users.check(login=login, name=f"测试{login}", roles=(role,), region="341502")
            made.users[login], _ = users.enlist(made.services, new, PASSWORD)
        values = {"certificate": f"N{number:06d}", "certificate_until": "2027-01-31"}
        made.act(Draft("edit", "user", made.users[login], values), kind="setting")
    yield made
    made.services.engine.dispose()


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


def size(world: World) -> int:
    with world.services.database.reading() as connection:
        return ledger_store.head(connection, world.services.ledger.id).size


def form(world: World, **more: Any) -> dict[str, Any]:
    """Return the form of a plan, filled in."""
    given = {
        "institution": [world.hospital],
        "planned_on": DAY,
        "kind": "routine_check",
        "mode": "open",
        "lead": world.users["lead"],
        "member": [world.users["member"]],
        "way": "named",
    }
    return given | more


def plan(desk: Desk, world: World, **more: Any) -> str:
    """Plan an inspection by the form and return its id."""
    answer = desk.post("/inspections/new", **form(world, **more))
    assert answer.status_code == 303, words(answer)
    return str(answer.location).rpartition("/")[2]


def approve(desk: Desk, world: World, made: str) -> int:
    return desk.post(f"/inspections/{made}/approve", version=world.record(made).version).status_code


def certify(world: World, login: str, until: str) -> None:
    world.act(Draft("edit", "user", world.users[login], {"certificate_until": until}), kind="setting")


# -- planning ----------------------------------------------------------------------------------------


def test_a_plan_is_made_and_approved(world: World, desk: Desk):
    assert "N000001" in words(desk.get("/inspections/new", institution=world.hospital, day=DAY))
    made = plan(desk, world, note="测试说明")
    known = world.record(made)
    assert (known.stage, known.values["planned_on"], known.values["lead"]) == (
        "draft",
        DAY,
        world.users["lead"],
    )
    assert list(known.values["members"]) == [world.users["member"]]
    assert approve(desk, world, made) == 303
    assert world.record(made).stage == "approved"
    assert "已批准" in words(desk.get(f"/inspections/{made}"))


def test_an_institution_is_found_by_its_name_or_the_beginning_of_its_code(world: World, desk: Desk):
    for word, there in (("第001", True), ("h3415029", True), ("别处", False), ("H3416", False)):
        assert (world.hospital in desk.get("/inspections/new", find=word).text) == there, word
    assert "没有此名称或编码的机构" in words(desk.get("/inspections/new", find="别处"))


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"institution": []}, "请选择 1 至 200 家机构"),
        ({"planned_on": "2026-11-16"}, "请选择今天起 400 天以内的日期"),
        ({"planned_on": "soon"}, "请选择今天起 400 天以内的日期"),
        ({"kind": "moon"}, "请选择检查类型"),
        ({"mode": "moon"}, "请选择公开或暗访"),
        ({"lead": ""}, "不在您的辖区"),
        ({"member": []}, "至少两人参加"),
        ({"way": "drawn", "draw_size": "9"}, "可派人员不足"),
        ({"way": "drawn", "draw_size": "x"}, "可派人员不足"),
        ({"per_day": "0"}, "每日次数为 1 至 50"),
        ({"note": "长" * 2001}, "备注过长"),
        ({"planned_on": "2027-02-01"}, "执法证届时已过期"),
    ],
)
def test_what_does_not_fit_is_named_and_plans_nothing(
    world: World, desk: Desk, more: dict[str, Any], word: str
):
    before = size(world)
    answer = desk.post("/inspections/new", **form(world, **more))
    assert answer.status_code == 422
    if "institution" not in more:
        assert word in words(answer)
    assert size(world) == before


def test_nobody_without_a_certificate_or_of_another_region_is_sent(world: World, desk: Desk):
    bare = users.check(login="bare", name="测试bare", roles=("inspector",), region="341502")
    world.users["bare"], _ = users.enlist(world.services, bare, PASSWORD)
    far = users.check(login="far", name="测试far", roles=("inspector",), region="341503")
    world.users["far"], _ = users.enlist(world.services, far, PASSWORD)
    for login, word in (
        ("bare", "没有执法证"),
        ("far", "不在您的辖区"),
        ("supervisor", "不是在用的稽核人员"),
    ):
        answer = desk.post("/inspections/new", **form(world, member=[world.users[login]]))
        assert (answer.status_code, word in words(answer)) == (422, True), login


def test_an_inspector_leads_no_inspection(world: World, desk: Desk):
    answer = desk.post("/inspections/new", **form(world, lead=world.users["third"]))
    assert (answer.status_code, "请选择可派的稽核组长" in words(answer)) == (422, True)


def test_many_institutions_are_spread_over_working_days(world: World, desk: Desk):
    shops = [
        world.make(
            "institution",
            {
                "fixmedins_code": f"P34150280{n:03d}",
                "name": f"测试药店{n}",
                "kind": "pharmacy",
                "region": "341502",
            },
        )
        for n in range(5)
    ]
    answer = desk.post(
        "/inspections/new", **form(world, institution=shops, planned_on="2026-11-19", per_day="2")
    )
    assert answer.status_code == 303
    days = sorted(
        found.values["planned_on"]
        for found in (world.record(one) for one in _made(world))
        if found.values["institution"] in shops
    )
    assert days == ["2026-11-19"] * 2 + ["2026-11-20"] * 2 + ["2026-11-23"], "the weekend is left out"


def _made(world: World) -> list[str]:
    with world.services.database.reading() as connection:
        statement = record_store.selected(world.services.ledger.id, "inspection")
        return [row.id for row in connection.execute(statement)]


# -- the draw ----------------------------------------------------------------------------------------


def test_officers_are_drawn_and_anybody_can_draw_them_again(world: World, desk: Desk):
    made = plan(desk, world, way="drawn", draw_size="1", member=[])
    known = world.record(made)
    pool = sorted(world.users[login] for login in ("member", "third", "other_lead"))
    assert sorted(known.values["draw_from"]) == pool
    index = known.acts[0].index
    with world.services.database.reading() as connection:
        ledger = world.services.ledger.id
        seed = draw.seed_of(
            censuses.root_at(connection, ledger, index + 1), censuses.change_at(connection, ledger, index), 1
        )
    assert known.values["draw_seed"] == seed
    assert tuple(known.values["members"]) == draw.draw(seed, pool, 1) == tuple(known.values["drawn"])
    assert "抽中" in words(desk.get(f"/inspections/{made}"))
    before = size(world)
    desk.post(f"/inspections/{made}/draw")
    assert size(world) == before, "what is drawn is not drawn again"


def test_a_plan_whose_officers_are_not_drawn_is_not_approved(world: World, desk: Desk):
    values = {"kind": "routine_check", "mode": "open", "institution": world.hospital, "lead": world.users["lead"],
              "planned_on": DAY, "draw_size": 1}  # fmt: skip
    made = world.make(
        "inspection", values, by="supervisor", draw_from=[world.users["member"], world.users["third"]]
    )
    assert "人员尚未抽取" in words(desk.get(f"/inspections/{made}"))
    assert approve(desk, world, made) == 400
    assert desk.post(f"/inspections/{made}/draw").status_code == 303
    assert approve(desk, world, made) == 303


# -- approval ----------------------------------------------------------------------------------------


def test_a_supervisor_who_goes_himself_does_not_approve(world: World, desk: Desk):
    made = plan(desk, world)
    world.act(Draft("edit", "inspection", made, {}, add={"members": [world.users["supervisor"]]}), by="city")
    assert approve(desk, world, made) == 403
    assert "须由其他主管批准" in words(desk.get(f"/inspections/{made}"))


def test_a_certificate_that_ended_meanwhile_stops_the_approval(world: World, desk: Desk):
    made = plan(desk, world)
    certify(world, "member", "2026-11-17")
    assert approve(desk, world, made) == 400
    assert world.record(made).stage == "draft"


def test_a_plan_that_changed_meanwhile_is_not_approved(world: World, desk: Desk):
    made = plan(desk, world)
    version = world.record(made).version
    world.act(Draft("edit", "inspection", made, {"note": "测试"}), by="city")
    answer = desk.post(f"/inspections/{made}/approve", version=version)
    assert (answer.status_code, heading(answer)) == (409, "您查看期间，本件已有新版本")


@pytest.mark.parametrize(("login", "status"), [("auditor", 403), ("lead", 403), ("neighbour", 404)])
def test_who_may_not_plans_and_approves_nothing(world: World, desk: Desk, login: str, status: int):
    made = plan(desk, world)
    other = Desk(world, login)
    before = size(world)
    assert other.post("/inspections/new", **form(world)).status_code in (403, 404, 422)
    assert approve(other, world, made) in (status, 403, 404)
    assert other.post("/inspections/bulk", act="approve", inspection=[made]).status_code in (303, 403, 404)
    assert size(world) == before


# -- sending another ---------------------------------------------------------------------------------


def test_all_that_somebody_was_to_do_goes_to_another_at_once(world: World, desk: Desk):
    first, second = plan(desk, world), plan(desk, world, planned_on="2026-11-19")
    member, third = world.users["member"], world.users["third"]
    page = desk.get("/inspections", officer=member)
    assert first in page.text
    assert second in page.text
    answer = desk.post(
        "/inspections/bulk", act="reassign", inspection=[first, second], giver=member, taker=third
    )
    assert answer.status_code == 303
    assert "已改派 2 次检查" in words(desk.get(answer.location))
    assert [list(world.record(one).values["members"]) for one in (first, second)] == [[third]] * 2


def test_a_lead_is_followed_by_one_who_may_lead(world: World, desk: Desk):
    made, lead = plan(desk, world), world.users["lead"]
    desk.post("/inspections/bulk", act="reassign", inspection=[made], giver=lead, taker=world.users["third"])
    assert world.record(made).values["lead"] == lead
    desk.post(
        "/inspections/bulk", act="reassign", inspection=[made], giver=lead, taker=world.users["other_lead"]
    )
    assert world.record(made).values["lead"] == world.users["other_lead"]
    assert set(world.record(made).values["members"]) == {world.users["member"], world.users["other_lead"]}


def test_of_several_one_that_cannot_be_changed_changes_none(world: World, desk: Desk):
    made = plan(desk, world)
    before = size(world)
    for more in (
        {"inspection": [made, world.inspection]},
        {"inspection": [made], "taker": world.users["supervisor"]},
        {"inspection": [made], "taker": ""},
        {"inspection": [made], "giver": world.users["other_lead"]},
        {"inspection": [made], "taker": world.users["lead"]},
        {"inspection": []},
    ):
        given = {"act": "reassign", "giver": world.users["member"], "taker": world.users["third"], **more}
        answer = desk.post("/inspections/bulk", **given)
        assert answer.status_code == 303
        assert "未作任何更改" in words(desk.get(answer.location)), more
    assert size(world) == before


# -- covert ------------------------------------------------------------------------------------------


def test_a_covert_visit_is_seen_by_its_team_and_supervisors_alone_until_its_record_is_signed(
    world: World, desk: Desk
):
    made = plan(desk, world, mode="covert")
    readers = {login: Desk(world, login) for login in ("auditor", "city", "supervisor", "lead", "third")}

    def seen() -> dict[str, bool]:
        found = {}
        for login, reader in readers.items():
            found[login] = reader.get(f"/inspections/{made}").status_code == 200
            assert (made in reader.get("/inspections").text) == found[login], login
            assert reader.get(f"/records/inspection/{made}").status_code == (200 if found[login] else 404)
        return found

    assert seen() == {"auditor": False, "city": True, "supervisor": True, "lead": True, "third": False}
    assert approve(desk, world, made) == 303
    world.move("inspection", made, "approved", "on_site", "record_signed", by="lead")
    assert seen()["auditor"]


# -- programs ----------------------------------------------------------------------------------------


def test_a_program_plans_approves_and_reassigns(world: World, desk: Desk):
    body = {"institutions": [world.hospital], "planned_on": DAY, "lead": world.users["lead"],
            "members": [world.users["member"]]}  # fmt: skip
    answer = desk.send("/api/inspections", body)
    assert answer.status_code == 201
    (made,) = answer.json["inspections"]
    drawn = desk.send("/api/inspections", {**body, "members": [], "draw_size": 2}).json["inspections"][0]
    assert len(world.record(drawn).values["drawn"]) == 2
    others = {"inspections": [made], "giver": world.users["member"], "taker": world.users["third"]}
    assert desk.send("/api/inspections/reassign", others).json == {"inspections": [made]}
    assert desk.send("/api/inspections/approve", {"inspections": [made, drawn]}).status_code == 200
    assert [world.record(one).stage for one in (made, drawn)] == ["approved"] * 2
    assert desk.get(f"/api/inspections/{made}").json["row"]["stage"] == "approved"
    listed = desk.get("/api/inspections", state="approved", since=DAY).json["items"]
    assert {one["id"] for one in listed} == {made, drawn}
    officers = desk.get("/api/inspections/officers", on=DAY, institution=world.hospital).json["items"]
    assert {one["id"]: one["busy"] for one in officers}[world.users["lead"]] == 2
    assert desk.get("/api/inspections/coverage").json["total"] == 1


def test_a_program_is_told_by_code_what_does_not_fit(world: World, desk: Desk):
    body = {"institutions": [world.hospital], "planned_on": "2027-02-01", "lead": world.users["lead"],
            "members": [world.users["member"]]}  # fmt: skip
    before = size(world)
    answer = desk.send("/api/inspections", body)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (
        400,
        "officer_unfit",
        "expired",
    )
    again = desk.send("/api/inspections/approve", {"inspections": [world.inspection]})
    assert (again.status_code, again.json["code"]) == (400, "bad_transition")
    assert desk.get("/api/inspections/officers", on="soon").status_code == 400
    assert size(world) == before


# -- the phone ---------------------------------------------------------------------------------------


def test_what_is_approved_in_the_evening_is_on_the_phone_at_its_next_sync(
    world: World, desk: Desk, tmp_path: Path
):
    phone = enrol(world.installation, tmp_path / "phone", world.users["third"])
    assert phone.sync().clean
    made = plan(desk, world, member=[world.users["third"]])
    assert approve(desk, world, made) == 303
    assert phone.sync().clean
    held = phone.show(made)
    assert (held.values["planned_on"], held.values["stage"]) == (DAY, "approved")
    world.installation.clock.advance(seconds=3600)
    desk.post("/inspections/bulk", act="reassign", inspection=[made], giver=world.users["third"],
              taker=world.users["member"])  # fmt: skip
    phone.sync()
    assert made not in phone.kit.journal.copy_ids(), "who was taken off it has it no more"
