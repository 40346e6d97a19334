"""An administrator takes the second factor of a lost phone away: of his own region's users alone."""

from __future__ import annotations

import pyotp
import pytest

from server.accounts import second_factor, users
from server.wiring import Services
from tests.server.desk_client import Desk, words
from tests.server.world import PASSWORD, World


def somebody(world: World, role: str, region: str = "341502") -> str:
    """Let a user of the test's own in and return his login."""
    login = f"lost.{world.services.random(4).hex()}"
    new = users.check(login=login, name="测试甲095", roles=(role,), region=region)
    world.users[login], _ = users.enlist(world.services, new, PASSWORD)
    return login


def switch_on(services: Services, user: str) -> None:
    made = second_factor.begin(services, users.load(services, user))
    second_factor.confirm(services, user, pyotp.TOTP(made.secret).at(services.now_ms() // 1000))


@pytest.mark.parametrize("program", [False, True])
def test_an_administrator_resets_the_factor_and_every_session_ends(world: World, program: bool):
    login = somebody(world, "supervisor")
    desk, admin = Desk(world, login), Desk(world, somebody(world, "admin"))
    page = f"/users/{world.users[login]}"
    assert "重置第二因素" not in words(admin.get(page))
    switch_on(world.services, world.users[login])
    desk = Desk(world)
    desk.post("/sign-in", username=login, password=PASSWORD)
    assert desk.get("/").status_code == 303
    assert "重置第二因素" in words(admin.get(page))
    done = admin.send(f"/api{page}/reset-factor", {}) if program else admin.post(f"{page}/reset-factor")
    assert done.status_code == (204 if program else 303)
    assert Desk(world, login).get("/").status_code == 200


@pytest.mark.parametrize(("role", "region"), [("admin", "341503"), ("supervisor", "341502")])
def test_nobody_else_resets_it(world: World, role: str, region: str):
    login, other = somebody(world, "supervisor"), somebody(world, role, region)
    switch_on(world.services, world.users[login])
    address = f"/users/{world.users[login]}/reset-factor"
    assert Desk(world, other).post(address).status_code in (403, 404)
    assert Desk(world, other).send(f"/api{address}", {}).status_code in (403, 404)
    assert second_factor.standing(world.services, world.users[login]).on
