"""My account: the own password and the own sessions, and a password chosen with a code."""

from __future__ import annotations

import re

import pytest

from server.accounts import invitations, sessions, users
from server.accounts.browsers import device_words, place_of
from server.commit.acts import MACHINE
from sync.errors import NotAllowed, NotFound
from tests.server.desk_client import Desk, heading, words
from tests.server.world import PASSWORD, World

OTHER = "eight brown umbrellas"
FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"


@pytest.fixture
def login(world: World) -> str:
    """A supervisor of the test's own."""
    made = f"own.{world.services.random(4).hex()}"
    new = users.check(login=made, name="测试甲092", roles=("supervisor",), region="341502")
    world.users[made], _ = users.enlist(world.services, new, PASSWORD)
    return made


def change(desk: Desk, present: str = PASSWORD, password: str = OTHER, again: str = OTHER):
    return desk.post("/account/password", present=present, password=password, again=again)


def test_the_name_above_leads_to_ones_own_account(world: World, login: str):
    desk = Desk(world, login)
    assert 'href="/account"' in desk.get("/").text
    assert heading(desk.get("/account")) == "我的账户"


def test_a_changed_password_signs_in_and_every_other_browser_is_out(world: World, login: str):
    desk, other = Desk(world, login), Desk(world, login)
    assert change(desk).location == "/account"
    assert desk.get("/").status_code == 200
    assert other.get("/").status_code == 303
    assert Desk(world).post("/sign-in", username=login, password=PASSWORD).status_code == 403
    assert Desk(world).post("/sign-in", username=login, password=OTHER).status_code == 303


def test_a_wrong_present_password_changes_nothing(world: World, login: str):
    answer = change(Desk(world, login), present="wrong horse 2026")
    assert (answer.status_code, "当前密码不正确" in words(answer)) == (422, True)
    Desk(world, login)


@pytest.mark.parametrize(
    ("password", "again", "told"),
    [
        ("short", "short", "密码太短"),
        ("password1234", "password1234", "最容易被猜到"),
        (OTHER, OTHER + "x", "两次输入的密码不一致"),
    ],
)
def test_a_password_that_does_not_fit_is_told_and_changes_nothing(
    world: World, login: str, password: str, again: str, told: str
):
    answer = change(Desk(world, login), password=password, again=again)
    assert (answer.status_code, told in words(answer)) == (422, True)
    Desk(world, login)


def test_sessions_are_listed_by_browser_and_place_and_no_address_is_kept(world: World, login: str):
    desk = Desk(world, login)
    away = world.installation.app.test_client()
    token = away.get("/api/session").json["csrf_token"]
    away.post(
        "/sign-in",
        data={"csrf_token": token, "username": login, "password": PASSWORD},
        headers={"User-Agent": FIREFOX},
        environ_base={"REMOTE_ADDR": "8.8.8.8"},
    )
    page = desk.get("/account")
    assert "Firefox · Windows" in page.text
    assert "外部网络" in words(page)
    assert "8.8.8.8" not in page.text


def ends(desk: Desk) -> list[str]:
    return re.findall(r"/account/sessions/([0-9a-f]{16})/end", desk.get("/account").text)


def test_one_session_ends_and_the_others_stay(world: World, login: str):
    desk, lost = Desk(world, login), Desk(world, login)
    (handle,) = ends(desk)
    assert desk.post(f"/account/sessions/{handle}/end").location == "/account"
    assert lost.get("/").status_code == 303
    assert desk.get("/").status_code == 200


def test_nobody_ends_a_session_of_somebody_else(world: World, login: str):
    desk, lost = Desk(world, login), Desk(world, login)
    (handle,) = ends(desk)
    assert Desk(world, "auditor").post(f"/account/sessions/{handle}/end").status_code == 404
    assert lost.get("/").status_code == 200


def test_all_others_end_and_this_one_stays(world: World, login: str):
    desk, one, two = (Desk(world, login) for _ in range(3))
    assert desk.post("/account/sessions/end-others").location == "/account"
    assert [each.get("/").status_code for each in (desk, one, two)] == [200, 303, 303]


def test_an_administrator_ends_all_sessions_of_a_user_and_nobody_else_does(world: World, login: str):
    desk = Desk(world, login)
    with pytest.raises(NotAllowed):
        sessions.revoke(world.services, world.users[login], by=world.users["auditor"])
    assert desk.get("/").status_code == 200
    assert sessions.revoke(world.services, world.users[login], by=MACHINE) == 1
    assert desk.get("/").status_code == 303
    with pytest.raises(NotFound):
        sessions.end_one(world.services, world.users[login], "0" * 16)


def test_an_invited_user_chooses_a_password_at_the_page_and_signs_in(world: World, login: str):
    made = invitations.reset(world.services, users.find(world.services, login))
    nobody = Desk(world)
    assert heading(nobody.get("/join")) == "设置密码"
    answer = nobody.post("/join", code=made.code, password=OTHER, again=OTHER)
    assert answer.location == "/sign-in"
    assert nobody.post("/sign-in", username=login, password=OTHER).status_code == 303


def test_a_code_that_is_unknown_sets_no_password(world: World, login: str):
    answer = Desk(world).post("/join", code="AAAA-AAAA-AAAA-AAAA", password=OTHER, again=OTHER)
    assert (answer.status_code, "代码不存在" in words(answer)) == (404, True)
    Desk(world, login)


def test_passwords_that_differ_leave_the_code_good(world: World, login: str):
    made = invitations.reset(world.services, users.find(world.services, login))
    nobody = Desk(world)
    assert nobody.post("/join", code=made.code, password=OTHER, again="x").status_code == 422
    assert nobody.post("/join", code=made.code, password=OTHER, again=OTHER).status_code == 303


@pytest.mark.parametrize(
    ("agent", "told"),
    [
        (FIREFOX, "Firefox · Windows"),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge · Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari · iPhone",
        ),
        ("curl/8.5.0", "curl"),
        ("", ""),
    ],
)
def test_a_browser_is_told_in_words(agent: str, told: str):
    assert device_words(agent) == told


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("127.0.0.1", "here"),
        ("10.1.2.3", "inside"),
        ("2001:4860::1", "outside"),
        ("8.8.8.8", "outside"),
        ("", "outside"),
    ],
)
def test_a_place_is_a_class_of_addresses(address: str, place: str):
    assert place_of(address) == place
