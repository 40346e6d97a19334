"""One's own account for programs: what the page does, by codes."""

from __future__ import annotations

import pyotp
import pytest

from server.accounts import invitations, second_factor, users
from tests.server.desk_client import Desk
from tests.server.world import PASSWORD, World

OTHER = "eight brown umbrellas"


@pytest.fixture
def login(world: World) -> str:
    """A supervisor of the test's own."""
    made = f"api.{world.services.random(4).hex()}"
    new = users.check(login=made, name="测试甲093", roles=("supervisor",), region="341502")
    world.users[made], _ = users.enlist(world.services, new, PASSWORD)
    return made


def code(world: World, secret: str) -> str:
    world.installation.clock.advance(seconds=second_factor.STEP_SECONDS)
    return pyotp.TOTP(secret).at(world.services.now_ms() // 1000)


def test_a_program_switches_a_factor_on_and_signs_in_with_it(world: World, login: str):
    desk = Desk(world, login)
    made = desk.send("/api/account/second-factor", {})
    secret = made.json["secret"]
    done = desk.send("/api/account/second-factor/confirm", {"code": code(world, secret)})
    assert (made.status_code, done.status_code, len(done.json["codes"])) == (201, 200, 10)
    shown = desk.get("/api/account").json
    assert shown["second_factor"]["codes_left"] == 10
    given = {"login": login, "password": PASSWORD}
    refused = Desk(world).send("/api/session", given)
    assert (refused.status_code, refused.json["code"]) == (401, "second_step_required")
    let_in = Desk(world).send("/api/session", {**given, "code": code(world, secret)})
    assert (let_in.status_code, let_in.json["user"]["id"]) == (201, world.users[login])


def test_a_wrong_code_is_told_by_its_code(world: World, login: str):
    desk = Desk(world, login)
    secret = desk.send("/api/account/second-factor", {}).json["secret"]
    refused = desk.send("/api/account/second-factor/confirm", {"code": "000000"})
    assert (refused.status_code, refused.json["code"]) == (401, "wrong_code")
    codes = desk.send("/api/account/second-factor/confirm", {"code": code(world, secret)}).json["codes"]
    for act in ("codes", "off"):
        refused = desk.send(f"/api/account/second-factor/{act}", {"code": "000000"})
        assert (refused.status_code, refused.json["code"]) == (401, "wrong_code")
    fresh = desk.send("/api/account/second-factor/codes", {"code": codes[0]}).json["codes"]
    assert desk.send("/api/account/second-factor/off", {"code": fresh[0]}).status_code == 204
    Desk(world, login)


def test_a_password_is_changed_by_who_knows_the_present_one(world: World, login: str):
    desk = Desk(world, login)
    refused = desk.send("/api/account/password", {"present": "wrong horse 2026", "password": OTHER})
    assert (refused.status_code, refused.json["code"]) == (401, "wrong_password")
    refused = desk.send("/api/account/password", {"present": PASSWORD, "password": "password1234"})
    assert (refused.status_code, refused.json["code"]) == (400, "weak_password")
    assert desk.send("/api/account/password", {"present": PASSWORD, "password": OTHER}).status_code == 204
    assert desk.get("/api/account").status_code == 200
    assert Desk(world).send("/api/session", {"login": login, "password": OTHER}).status_code == 201


def test_sessions_are_listed_and_all_others_end(world: World, login: str):
    desk, other = Desk(world, login), Desk(world, login)
    listed = desk.get("/api/account").json["sessions"]
    assert sorted(one["here"] for one in listed) == [False, True]
    assert desk.send("/api/account/sessions", {}, "DELETE").json["ended"] == 1
    assert other.get("/api/account").status_code == 401


def test_a_session_of_somebody_else_is_not_found(world: World, login: str):
    desk = Desk(world, login)
    (own,) = desk.get("/api/account").json["sessions"]
    refused = Desk(world, "auditor").send(f"/api/account/sessions/{own['handle']}", {}, "DELETE")
    assert (refused.status_code, refused.json["code"]) == (404, "not_found")
    assert desk.send(f"/api/account/sessions/{own['handle']}", {}, "DELETE").status_code == 204
    assert desk.get("/api/account").status_code == 401


def test_half_a_character_fits_nothing_and_is_refused_like_any_other(world: World, login: str):
    half = "\ud800 half a character"
    for given in ({"login": login, "password": half}, {"login": half, "password": PASSWORD}):
        assert Desk(world).send("/api/session", given).json["code"] == "wrong_password"
    desk = Desk(world, login)
    refused = desk.send("/api/account/password", {"present": PASSWORD, "password": half})
    assert (refused.status_code, refused.json["code"]) == (400, "bad_value")
    desk.send("/api/account/second-factor", {})
    refused = desk.send("/api/account/second-factor/confirm", {"code": half[:6]})
    assert (refused.status_code, refused.json["code"]) == (401, "wrong_code")


def test_a_password_is_chosen_with_a_code_once(world: World, login: str):
    made = invitations.reset(world.services, users.find(world.services, login))
    given = {"code": made.code, "password": OTHER}
    assert Desk(world).send("/api/join", given).status_code == 204
    again = Desk(world).send("/api/join", given)
    assert (again.status_code, again.json["code"]) == (404, "invitation_unknown")
