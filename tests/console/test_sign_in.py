"""Signing in, staying in, and being let out for good."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from server.accounts import sessions, users
from server.storage import access_store
from server.storage.account_models import SessionRow
from tests.server.builders import install
from tests.server.desk_client import Desk, heading, words
from tests.server.world import PASSWORD, World

MINUTE = 60


@pytest.fixture
def desk(world: World) -> Desk:
    """A supervisor who is signed in."""
    return Desk(world, "supervisor")


def test_whoever_is_not_signed_in_is_sent_to_the_sign_in_page_and_back(world: World):
    nobody = Desk(world)
    answer = nobody.get("/evidence", state="returned")
    assert answer.status_code == 303
    assert answer.location == "/sign-in?next=/evidence?state%3Dreturned"
    answer = nobody.post(
        "/sign-in", username="supervisor", password=PASSWORD, next="/evidence?state=returned"
    )
    assert (answer.status_code, answer.location) == (303, "/evidence?state=returned")
    assert nobody.get("/").status_code == 200


def test_a_wrong_password_signs_nobody_in_and_keeps_the_name(world: World):
    nobody = Desk(world)
    answer = nobody.post("/sign-in", username="supervisor", password="wrong horse 2026")
    assert answer.status_code == 403
    assert "用户名或密码不正确" in words(answer)
    assert 'value="supervisor"' in answer.text
    assert nobody.get("/").status_code == 303
    Desk(world, "supervisor")


@pytest.mark.parametrize(
    "address", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)",
                "/\t/elsewhere.example", "evidence", ""]
)  # fmt: skip
def test_signing_in_leads_nowhere_but_to_this_site(world: World, address: str):
    answer = Desk(world).post("/sign-in", username="auditor", password=PASSWORD, next=address)
    assert (answer.status_code, answer.location) == (303, "/")


def test_a_cookie_that_was_fixed_before_signing_in_is_no_session(world: World):
    victim = Desk(world)
    victim.get("/sign-in")
    fixed = victim.cookie()
    victim.post("/sign-in", username="auditor", password=PASSWORD)
    other = Desk(world)
    other.client.set_cookie("wardledger", fixed)
    assert victim.get("/").status_code == 200
    assert other.get("/").status_code == 303


def test_signing_out_ends_the_session_on_the_server_too(desk: Desk):
    stolen = desk.cookie()
    assert desk.post("/sign-out").location == "/sign-in"
    desk.client.set_cookie("wardledger", stolen)
    answer = desk.get("/")
    assert answer.location == "/sign-in?next=/"
    assert "登录已失效" in words(desk.get("/sign-in"))


def test_another_browser_stays_signed_in_when_one_signs_out(world: World, desk: Desk):
    other = Desk(world, "supervisor")
    desk.post("/sign-out")
    assert other.get("/").status_code == 200


def test_a_session_ends_after_two_idle_hours(world: World, desk: Desk):
    world.installation.clock.advance(seconds=sessions.IDLE_MS / 1000 - MINUTE)
    assert desk.get("/").status_code == 200
    world.installation.clock.advance(seconds=sessions.IDLE_MS / 1000 + MINUTE)
    assert desk.get("/").status_code == 303


def test_a_session_ends_with_the_day_however_busy(world: World, desk: Desk):
    for _ in range(11):
        world.installation.clock.advance(seconds=60 * MINUTE)
        assert desk.get("/").status_code == 200
    world.installation.clock.advance(seconds=61 * MINUTE)
    assert desk.get("/").status_code == 303


def test_a_disabled_user_is_out_at_once(world: World):
    new = users.check(login="leaver", name="测试甲090", roles=("supervisor",), region="341502")
    users.enlist(world.services, new, PASSWORD)
    leaver = Desk(world, "leaver")
    assert leaver.get("/").status_code == 200
    users.disable(world.services, "leaver")
    assert leaver.get("/").status_code == 303


def test_the_table_of_sessions_holds_no_token(world: World, desk: Desk):
    token = sessions.begin(world.services, world.users["auditor"])
    with world.services.database.reading() as connection:
        kept = connection.execute(select(SessionRow.__table__.c.token)).scalars().all()
    assert token not in kept
    assert sessions.find(world.services, token) is not None
    assert all(sessions.find(world.services, stored) is None for stored in kept)


def test_signing_in_and_out_is_in_the_access_log(world: World):
    def log() -> list[str]:
        with world.services.database.reading() as connection:
            user = world.users["city"]
            return [each.act for each in access_store.of_user(connection, world.services.ledger.id, user)]

    Desk(world).post("/sign-in", username="city", password="wrong horse 2026")
    assert log() == []
    city = Desk(world, "city")
    world.installation.clock.advance(seconds=1)
    city.post("/sign-out")
    assert log() == ["sign_in", "sign_out"]


def test_a_form_without_its_token_is_refused_and_does_nothing(desk: Desk):
    answer = desk.client.post("/sign-out")
    assert answer.status_code == 400
    assert heading(answer) == "该页面属于另一次登录"
    assert desk.get("/").status_code == 200


def test_the_language_is_chosen_and_outlives_signing_out(desk: Desk):
    assert heading(desk.get("/")) == "待办"
    assert desk.post("/language", language="en", next="/rounds").location == "/rounds"
    assert heading(desk.get("/")) == "To do"
    desk.post("/sign-out")
    assert heading(desk.get("/sign-in")) == "Sign in to the desk"


def test_a_language_that_there_is_not_is_refused(desk: Desk):
    assert desk.post("/language", language="tlh").status_code == 400
    assert heading(desk.get("/")) == "待办"


def test_the_cookie_is_kept_from_scripts_and_other_sites(world: World):
    cookie = Desk(world).get("/sign-in").headers["Set-Cookie"]
    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Secure" not in cookie


def test_behind_https_the_cookie_and_the_browser_stay_there(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'desk.sqlite'}"
    made = install(tmp_path / "home", url, WARDLEDGER_URL="https://wardledger.test")
    answer = made.app.test_client().get("/sign-in", base_url="https://wardledger.test")
    assert answer.headers["Set-Cookie"].startswith("__Host-wardledger=")
    assert "Secure" in answer.headers["Set-Cookie"].split("; ")
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    made.services.engine.dispose()
