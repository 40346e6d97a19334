"""The second step at the desk: whoever has the password alone reaches nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pyotp
import pytest

from server.accounts import second_factor, users
from server.accounts.sessions import HALF_MS
from server.config import EnvError, load
from tests.server.builders import Installation, install
from tests.server.desk_client import Desk, heading, words
from tests.server.world import PASSWORD, World, build


@pytest.fixture
def login(world: World) -> str:
    """A supervisor of the test's own."""
    made = f"step.{world.services.random(4).hex()}"
    new = users.check(login=made, name="测试甲091", roles=("supervisor",), region="341502")
    world.users[made], _ = users.enlist(world.services, new, PASSWORD)
    return made


def code(installation: Installation, secret: str) -> str:
    """Return the next code, that of a step which nobody has used."""
    installation.clock.advance(seconds=second_factor.STEP_SECONDS)
    return pyotp.TOTP(secret.replace(" ", "")).at(installation.services.now_ms() // 1000)


def secret_on(answer) -> str:
    found = re.search(r'class="secret">([A-Z2-7 ]+)<', answer.text)
    assert found, answer.text
    return found[1]


def set_up(world: World, login: str) -> tuple[str, list[str]]:
    """Switch the factor on at the desk and return (secret, recovery codes)."""
    desk = Desk(world, login)
    desk.post("/account/second-factor")
    secret = secret_on(desk.get("/account/second-factor"))
    done = desk.post("/account/second-factor/confirm", code=code(world.installation, secret))
    assert heading(done) == "恢复码"
    return secret, re.findall(r"<li><code>([A-Z2-7-]{19})</code>", done.text)


def half(world: World, login: str) -> Desk:
    """Return a browser in which the password was right."""
    desk = Desk(world)
    answer = desk.post("/sign-in", username=login, password=PASSWORD, next="/evidence")
    assert (answer.status_code, answer.location) == (303, "/sign-in/code?next=/evidence")
    return desk


def test_a_factor_is_set_up_confirmed_and_asked_for(world: World, login: str):
    secret, codes = set_up(world, login)
    assert len(codes) == 10
    desk = half(world, login)
    assert heading(desk.get("/sign-in/code")) == "第二步验证"
    answer = desk.post("/sign-in/code", code=code(world.installation, secret), next="/evidence")
    assert (answer.status_code, answer.location) == (303, "/evidence")
    assert desk.get("/").status_code == 200
    assert "密码和验证码" in words(desk.get("/account"))


def test_a_wrong_first_code_switches_nothing_on(world: World, login: str):
    desk = Desk(world, login)
    desk.post("/account/second-factor")
    answer = desk.post("/account/second-factor/confirm", code="000000")
    assert answer.status_code == 422
    assert "验证码不正确" in words(answer)
    assert Desk(world, login).get("/").status_code == 200


def test_half_signed_in_reaches_nothing_else(world: World, login: str):
    set_up(world, login)
    desk = half(world, login)
    for path in ("/", "/account", "/evidence", "/account/second-factor"):
        assert desk.get(path).location.startswith("/sign-in?next="), path
    assert desk.get("/api/account").status_code == 401
    assert desk.get("/api/session").json["user"] is None
    assert desk.post("/account/second-factor/off", code="000000").status_code == 303


def test_a_replayed_code_is_refused(world: World, login: str):
    secret, _ = set_up(world, login)
    used = code(world.installation, secret)
    assert half(world, login).post("/sign-in/code", code=used).status_code == 303
    again = half(world, login).post("/sign-in/code", code=used)
    assert again.status_code == 403
    assert "已使用过" in words(again)


def test_a_recovery_code_signs_in_once(world: World, login: str):
    _, codes = set_up(world, login)
    assert half(world, login).post("/sign-in/code", code=codes[0]).status_code == 303
    assert half(world, login).post("/sign-in/code", code=codes[0]).status_code == 403


def test_without_the_password_there_is_no_second_step(world: World, login: str):
    secret, _ = set_up(world, login)
    nobody = Desk(world)
    assert nobody.get("/sign-in/code").location == "/sign-in"
    assert nobody.post("/sign-in/code", code=code(world.installation, secret)).location.startswith("/sign-in")
    assert nobody.get("/").status_code == 303


def test_the_second_step_waits_ten_minutes_and_no_longer(world: World, login: str):
    secret, _ = set_up(world, login)
    desk = half(world, login)
    world.installation.clock.advance(seconds=HALF_MS / 1000)
    assert desk.post("/sign-in/code", code=code(world.installation, secret)).location.startswith("/sign-in")
    assert desk.get("/").status_code == 303


def test_recovery_codes_are_renewed_by_a_code_alone(world: World, login: str):
    secret, codes = set_up(world, login)
    desk = half(world, login)
    desk.post("/sign-in/code", code=code(world.installation, secret))
    assert desk.post("/account/second-factor/codes", code="000000").status_code == 422
    fresh = desk.post("/account/second-factor/codes", code=code(world.installation, secret))
    assert heading(fresh) == "恢复码"
    assert not set(codes) & set(re.findall(r"<code>([A-Z2-7-]{19})</code>", fresh.text))


def test_the_factor_is_switched_off_by_a_code_alone(world: World, login: str):
    _, codes = set_up(world, login)
    desk = half(world, login)
    desk.post("/sign-in/code", code=codes[0])
    assert desk.post("/account/second-factor/off", code=codes[0]).status_code == 422
    assert desk.post("/account/second-factor/off", code=codes[1]).status_code == 303
    assert Desk(world, login).get("/").status_code == 200


def test_the_second_step_counts_against_the_address(world: World, login: str):
    set_up(world, login)
    desk = half(world, login)
    away = {"environ_base": {"REMOTE_ADDR": "203.0.113.9"}}
    form = {"csrf_token": desk.token(), "code": "000000"}
    answers = [desk.client.post("/sign-in/code", data=form, **away).status_code for _ in range(31)]
    assert answers[-1] == 429


@pytest.mark.installed
def test_a_role_that_asks_for_a_factor_leads_to_its_set_up(tmp_path: Path):
    url = f"sqlite:///{tmp_path / 'desk.sqlite'}"
    world = build(
        install(tmp_path / "home", url, WARDLEDGER_SECOND_FACTOR_ROLES="supervisor,admin"), photos=0
    )
    desk = Desk(world)
    answer = desk.post("/sign-in", username="supervisor", password=PASSWORD)
    assert (answer.status_code, answer.location) == (303, "/sign-in/second-factor")
    assert desk.get("/").status_code == 303
    secret = secret_on(desk.get("/sign-in/second-factor"))
    assert desk.post("/sign-in/second-factor", code="000000").status_code == 403
    done = desk.post("/sign-in/second-factor", code=code(world.installation, secret))
    assert heading(done) == "恢复码"
    page = desk.get("/account")
    assert "此处不能停用" in words(page)
    assert desk.post("/account/second-factor/off", code=code(world.installation, secret)).status_code == 400
    assert Desk(world, "auditor").get("/").status_code == 200
    refused = Desk(world).send("/api/session", {"login": "city", "password": PASSWORD})
    assert (refused.status_code, refused.json["code"]) == (403, "second_factor_missing")
    world.services.engine.dispose()


def test_a_role_that_there_is_not_stops_the_start(tmp_path: Path):
    given = {"WARDLEDGER_HOME": str(tmp_path), "WARDLEDGER_SECOND_FACTOR_ROLES": "supervisors"}
    with pytest.raises(EnvError, match="WARDLEDGER_SECOND_FACTOR_ROLES names supervisors"):
        load(given)
