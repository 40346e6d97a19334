"""User administration at the desk: who may, what it writes, and that an administrator sees no case."""

from __future__ import annotations

import re

import pytest

from schemas.drafting import Draft
from server.accounts import users
from server.commit.acts import act
from sync.errors import OwnWork
from tests.api.people import let_in
from tests.server.desk_client import Desk, words
from tests.server.world import PASSWORD, World

NEWS = "new inspector password 7"


@pytest.fixture(scope="module", autouse=True)
def administrators(world: World) -> None:
    """An administrator of the county, one of the city, and the others."""
    let_in(world)
    new = users.check(login="cityadmin", name="测试甲070", roles=("admin",), region="341500")
    world.users["cityadmin"], _ = users.enlist(world.services, new, PASSWORD)


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's administrator, signed in."""
    return Desk(world, "admin")


def invited(desk: Desk, login: str, **more: object) -> tuple[str, str]:
    """Invite somebody and return (his id, the code)."""
    form = {"login": login, "name": "测试甲080", "roles": "inspector", "region": "341502", **more}
    answer = desk.post("/users/new", **form)
    assert answer.status_code == 200, words(answer)
    code = re.search(r"big-code\">([A-Z2-7-]{19})<", answer.text)
    found = re.search(r'action="/users/([0-9a-f-]{36})"', answer.text)
    assert code
    assert found
    return found[1], code[1]


def joined(world: World, desk: Desk, login: str) -> str:
    """Invite somebody who then chooses a password."""
    from server.accounts import invitations

    user, code = invited(desk, login)
    world.users[login] = invitations.redeem(world.services, code, NEWS)
    return user


def change(desk: Desk, world: World, user: str, **typed: object):
    known = world.record(user)
    form = {
        "version": known.version,
        "name": known.values["display_name"],
        "roles": list(known.values["roles"]),
        "region": known.values["region"],
    }
    return desk.post(f"/users/{user}", **{**form, **typed})


def test_an_administrator_finds_users_by_role_region_stage_and_name(desk: Desk):
    everybody = words(desk.get("/users"))
    assert "测试甲001" in everybody
    assert "auditor" not in re.findall(r"<code[^>]*>([a-z]+)</code>", desk.get("/users").text), (
        "another region's"
    )
    only = desk.get("/users", role="lead_inspector").text
    assert re.findall(r"<code[^>]*>([a-z]+)</code>", only) == ["lead"]
    assert "lead" not in re.findall(r"<code[^>]*>([a-z]+)</code>", desk.get("/users", stage="disabled").text)
    found = desk.post("/users", words="member").text
    assert re.findall(r"<code[^>]*>([a-z]+)</code>", found) == ["member"]
    assert "没有符合" in words(desk.post("/users", words="谁也不是"))


def test_a_search_by_name_leaves_no_address_behind(desk: Desk):
    page = desk.post("/users", words="测试甲006").text
    assert "测试甲006" in page
    assert "%E6%B5%8B" not in "".join(re.findall(r'href="([^"]*)"', page))


@pytest.mark.parametrize("path", ["/users", "/users/new", "/users/deputies"])
@pytest.mark.parametrize("login", ["supervisor", "auditor", "member", "portal"])
def test_nobody_else_opens_the_administration(world: World, login: str, path: str):
    assert Desk(world, login).get(path).status_code == 403
    assert Desk(world, login).send("/api/users", {}).status_code in (400, 403)


def test_who_is_invited_chooses_a_password_and_the_ledger_tells_who_let_him_in(world: World, desk: Desk):
    user = joined(world, desk, "fresh.one")
    assert world.record(user).created_by == world.users["admin"]
    fresh = Desk(world)
    assert fresh.post("/sign-in", username="fresh.one", password=NEWS).status_code == 303
    assert "测试甲" in words(desk.get(f"/users/{user}"))


def test_a_login_that_is_taken_is_refused_in_words_and_what_was_typed_stays(desk: Desk):
    answer = desk.post("/users/new", login="member", name="测试甲081", roles="inspector", region="341502")
    assert answer.status_code == 422
    assert "用户名已被占用" in words(answer)
    assert "测试甲081" in answer.text


def test_nobody_is_let_in_beyond_the_administrators_own_region(desk: Desk):
    answer = desk.post("/users/new", login="abroad", name="测试甲082", roles="inspector", region="341503")
    assert (answer.status_code, "本辖区" in words(answer)) == (422, True)
    body = {"login": "abroad", "name": "测试甲082", "roles": ["inspector"], "region": "341503"}
    assert desk.send("/api/users", body).json["code"] == "not_allowed"


def test_roles_that_are_changed_count_from_that_entry_on(world: World, desk: Desk):
    user = joined(world, desk, "promoted")
    theirs = Desk(world)
    theirs.post("/sign-in", username="promoted", password=NEWS)
    assert theirs.get(f"/evidence/{world.evidence[0]}").status_code == 404
    assert change(desk, world, user, roles=["supervisor", "inspector"]).status_code == 303
    assert theirs.get(f"/evidence/{world.evidence[0]}").status_code == 200
    assert change(desk, world, user, roles=["inspector"], email="promoted@bureau.example").status_code == 303
    assert theirs.get(f"/evidence/{world.evidence[0]}").status_code == 404
    assert world.record(user).values["email"] == "promoted@bureau.example"


def test_a_change_of_a_version_that_is_past_is_refused(world: World, desk: Desk):
    user, _ = invited(desk, "moved.on")
    known = world.record(user).version
    assert change(desk, world, user, certificate="34150001").status_code == 303
    assert change(desk, world, user, version=known, certificate="34150002").status_code == 409
    assert world.record(user).values["certificate"] == "34150001"


def test_a_disabled_user_is_out_at_once_and_comes_back_with_the_same_roles(world: World, desk: Desk):
    user = joined(world, desk, "comes.back")
    theirs = Desk(world)
    theirs.post("/sign-in", username="comes.back", password=NEWS)
    assert theirs.get("/").status_code == 200
    assert desk.post(f"/users/{user}/disable").status_code == 303
    assert theirs.get("/").status_code == 303
    assert desk.post(f"/users/{user}/disable").status_code == 400
    assert desk.post(f"/users/{user}/enable").status_code == 303
    assert theirs.get("/").status_code == 303, "the session of before stays ended"
    assert Desk(world).post("/sign-in", username="comes.back", password=NEWS).status_code == 303


def test_sessions_are_ended_and_a_password_is_reset(world: World, desk: Desk):
    user = joined(world, desk, "lost.laptop")
    theirs = Desk(world)
    theirs.post("/sign-in", username="lost.laptop", password=NEWS)
    assert desk.post(f"/users/{user}/sign-out").status_code == 303
    assert theirs.get("/").status_code == 303
    assert "big-code" in desk.post(f"/users/{user}/reset").text
    assert theirs.post("/sign-in", username="lost.laptop", password=NEWS).status_code == 403


def test_an_administrator_changes_nothing_of_his_own_rights(world: World, desk: Desk):
    own = world.users["admin"]
    assert desk.post(f"/users/{own}/disable").status_code == 403
    assert change(desk, world, own, roles=["admin", "supervisor"]).status_code == 403
    with pytest.raises(OwnWork):
        act(world.services, [Draft("edit", "user", own, add={"roles": ["supervisor"]})], user=own)
    assert change(desk, world, own, email="admin@bureau.example").status_code == 303


def test_another_regions_users_are_not_there_for_him(world: World, desk: Desk):
    for path in (f"/users/{world.users['neighbour']}", f"/users/{world.users['auditor']}"):
        assert desk.get(path).status_code == 404
        assert desk.post(f"{path}/disable").status_code == 404
    assert Desk(world, "cityadmin").get(f"/users/{world.users['neighbour']}").status_code == 200


def test_an_administrator_reads_no_case(world: World, desk: Desk):
    for path in (
        f"/evidence/{world.evidence[0]}",
        f"/findings/{world.finding}",
        f"/rounds/{world.ward_round}",
    ):
        assert desk.get(path).status_code == 404


def test_a_deputy_is_appointed_and_the_deputation_ended(world: World, desk: Desk):
    typed = {"absent": "supervisor", "deputy": "member", "first": "2026-11-17", "last": "2026-11-20"}
    assert desk.post("/users/deputies", **typed).status_code == 303
    page = desk.get("/users/deputies")
    assert "测试甲001" in words(page)
    ends = re.findall(r'action="(/users/deputies/[^"]+/end)"', page.text)
    assert desk.post(ends[0]).status_code == 303
    assert "/end" not in desk.get("/users/deputies").text


def test_a_deputy_for_himself_or_until_yesterday_is_refused_in_words(desk: Desk):
    typed = {"absent": "supervisor", "deputy": "supervisor", "first": "2026-11-17", "last": "2026-11-20"}
    answer = desk.post("/users/deputies", **typed)
    assert (answer.status_code, "另一名" in words(answer)) == (422, True)
    answer = desk.post("/users/deputies", **{**typed, "deputy": "member", "last": "2026-11-16"})
    assert (answer.status_code, "截止日期" in words(answer)) == (422, True)


def test_the_api_does_what_the_pages_do(world: World, desk: Desk):
    made = desk.send(
        "/api/users", {"login": "by.api", "name": "测试甲090", "roles": ["inspector"], "region": "341502"}
    )
    assert made.status_code == 201
    user = made.json["user"]
    listed = desk.get("/api/users", role="inspector").json
    assert user in [one["id"] for one in listed["items"]]
    assert desk.get("/api/users", nonsense=1).json["code"] == "unknown_filter"
    one = desk.get(f"/api/users/{user}").json
    body = {"version": one["version"], "roles": ["inspector", "lead_inspector"]}
    assert desk.send(f"/api/users/{user}", body).json["user"]["roles"] == ["inspector", "lead_inspector"]
    assert desk.send(f"/api/users/{user}", body).json["code"] == "version_changed"
    assert desk.send(f"/api/users/{user}/invite", {}).json["purpose"] == "invite"
    assert desk.send(f"/api/users/{user}/sign-out", {}).json == {"ended": 0}
    assert desk.send(f"/api/users/{user}/disable", {}).json["user"]["stage"] == "disabled"
    assert desk.send(f"/api/users/{user}/enable", {}).json["user"]["stage"] == "active"
    away = {"absent": world.users["supervisor"], "deputy": user, "last": "2026-11-19"}
    appointed = desk.send("/api/deputations", away)
    assert appointed.status_code == 201, appointed.json
    assert [one["id"] for one in desk.get("/api/deputations").json["items"]] == [appointed.json["id"]]
    assert desk.send(f"/api/deputations/{appointed.json['id']}", {}, "DELETE").status_code == 204
