"""Accounts of an institution: let in and out by the supervisor over it, with its role alone, and by nobody else."""

from __future__ import annotations

import re
from typing import Any

import pytest

from schemas.drafting import Draft
from server.accounts import invitations, users
from server.commit.acts import act, new_id
from sync.errors import NotAllowed, OwnWork
from tests.api.people import let_in
from tests.server.desk_client import Desk, words
from tests.server.world import PASSWORD, World

CHOSEN = "ward office password 7"


@pytest.fixture(scope="module", autouse=True)
def others(world: World) -> None:
    """The others, and a supervisor of the next county."""
    let_in(world)
    if "neighbour" not in world.users:
        new = users.check(login="neighbour", name="测试甲070", roles=("supervisor",), region="341503")
        world.users["neighbour"], _ = users.enlist(world.services, new, PASSWORD)


@pytest.fixture
def desk(world: World) -> Desk:
    """The supervisor of the institution's county."""
    return Desk(world, "supervisor")


def place(world: World) -> str:
    return f"/institutions/{world.hospital}/users"


def made(world: World, desk: Desk, login: str) -> dict[str, Any]:
    """Invite somebody as a program; return the answer."""
    answer = desk.send(f"/api{place(world)}", {"login": login, "name": "测试甲081"})
    assert answer.status_code == 201, answer.text
    return dict(answer.json)


def test_who_is_invited_chooses_a_password_and_sees_the_portal_alone(world: World, desk: Desk):
    answer = desk.post(place(world), login="ward.office", name="测试甲081", email="ward@hospital.example")
    assert answer.status_code == 200, words(answer)
    code = re.search(r"big-code\">([A-Z2-7-]{19})<", answer.text)
    assert code
    user = invitations.redeem(world.services, code[1], CHOSEN)
    record = world.record(user)
    assert (record.values["roles"], record.values["institution"]) == (["institution_user"], world.hospital)
    assert record.created_by == world.users["supervisor"]
    theirs = Desk(world)
    assert theirs.post("/sign-in", username="ward.office", password=CHOSEN).status_code == 303
    assert theirs.get("/portal").status_code == 200
    assert theirs.get(place(world)).status_code == 403
    assert "ward.office" in desk.get(place(world)).text
    assert "ward.office" in desk.get(f"/institutions/{world.hospital}").text


def test_a_code_that_was_lost_is_given_anew_and_the_one_before_ends(world: World, desk: Desk):
    first = made(world, desk, "lost.code")
    path = f"{place(world)}/{first['user']}/invite"
    assert "big-code" in desk.post(path).text
    second = desk.send(f"/api{path}", None).json
    with pytest.raises(invitations.InvitationUnknown):
        invitations.redeem(world.services, first["code"], CHOSEN)
    assert invitations.redeem(world.services, second["code"], CHOSEN) == first["user"]
    assert desk.send(f"/api{path}", None).json["code"] == "not_allowed", "he has a password now"


def test_a_disabled_account_is_out_at_once(world: World, desk: Desk):
    user = made(world, desk, "leaving")
    invitations.redeem(world.services, user["code"], CHOSEN)
    theirs = Desk(world)
    assert theirs.post("/sign-in", username="leaving", password=CHOSEN).status_code == 303
    assert desk.post(f"{place(world)}/{user['user']}/disable").status_code == 303
    assert theirs.get("/portal").status_code in (302, 303, 401)
    assert world.record(user["user"]).stage == "disabled"
    again = desk.send(f"/api{place(world)}/{user['user']}/disable", None)
    assert again.json["code"] == "bad_transition"
    listed = desk.get(f"/api{place(world)}").json["items"]
    assert {one["login"]: one["stage"] for one in listed}["leaving"] == "disabled"


def test_a_login_that_is_taken_is_told_at_the_form_and_what_was_typed_stays(world: World, desk: Desk):
    refused = desk.post(place(world), login="member", name="测试甲083")
    assert refused.status_code == 422
    assert "用户名已被占用" in words(refused)
    assert "测试甲083" in refused.text
    assert desk.send(f"/api{place(world)}", {"login": "member", "name": "测试甲083"}).json["field"] == "login"


@pytest.mark.parametrize("login", ["neighbour", "member", "auditor", "admin", "portal", "idle"])
def test_nobody_but_a_supervisor_over_it_lets_anybody_in_or_out(world: World, desk: Desk, login: str):
    user = world.users["portal"]
    theirs, body = Desk(world, login), {"login": f"by.{login}", "name": "测试甲084"}
    for room in ("", "/api"):
        path = f"{room}{place(world)}"
        assert theirs.get(path).status_code in (403, 404), path
    assert theirs.post(place(world), **body).status_code in (403, 404)
    assert theirs.send(f"/api{place(world)}", body).status_code in (403, 404)
    for name in ("disable", "invite"):
        assert theirs.post(f"{place(world)}/{user}/{name}").status_code in (403, 404)
        assert theirs.send(f"/api{place(world)}/{user}/{name}", None).status_code in (403, 404)
    assert world.record(user).stage == "active"


def test_only_the_institutions_own_accounts_are_reached_by_its_page(world: World, desk: Desk):
    for login in ("member", "supervisor", "admin"):
        for name in ("disable", "invite"):
            path = f"{place(world)}/{world.users[login]}/{name}"
            assert desk.post(path).status_code == 404
            assert desk.send(f"/api{path}", None).status_code == 404
        assert world.record(world.users[login]).stage == "active"
    assert desk.post(f"{place(world)}/{world.users['portal']}/enable").status_code == 404


@pytest.mark.parametrize(
    ("other", "roles"),
    [
        ({}, ["inspector"]),
        ({}, ["admin"]),
        ({"institution": "own"}, ["institution_user", "supervisor"]),
        ({"institution": "own", "region": "341503"}, ["institution_user"]),
        ({}, ["institution_user"]),
    ],
)
def test_the_door_takes_no_other_account_from_a_supervisor(
    world: World, other: dict[str, str], roles: list[str]
):
    values = {"login": "by.the.door", "display_name": "测试甲085", "region": "341502", **other}
    if "institution" in values:
        values["institution"] = world.hospital
    draft = Draft("create", "user", new_id(world.services), values, add={"roles": roles})
    with pytest.raises(NotAllowed):
        act(world.services, [draft], user=world.users["supervisor"], kind="setting")


def test_the_door_lets_a_supervisor_disable_and_nothing_else(world: World):
    user, by = world.users["portal"], world.users["supervisor"]
    for draft in (
        Draft("edit", "user", user, add={"roles": ["supervisor"]}),
        Draft("edit", "user", user, {"email": "other@hospital.example"}),
        Draft("edit", "user", user, {"region": "341500"}),
        Draft("edit", "user", world.users["member"], {"stage": {"from": "active", "to": "disabled"}}),
        Draft("edit", "user", by, add={"roles": ["admin"]}),
    ):
        with pytest.raises((NotAllowed, OwnWork)):
            act(world.services, [draft], user=by, kind="setting")
    assert world.record(user).stage == "active"
