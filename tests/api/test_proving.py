"""A session that was left open adds no key of somebody else's: whoever changes keys has just proven who he is."""

from __future__ import annotations

from typing import Any

import pyotp
import pytest

from server.accounts.cookie import PROVEN_MS
from tests.server.authenticator import Authenticator
from tests.server.desk_client import Desk, words
from tests.server.signing import keyed, supervisor
from tests.server.world import PASSWORD, World


@pytest.fixture
def login(world: World) -> str:
    return supervisor(world)


def left_open(world: World, login: str) -> Desk:
    """Return a session that nobody has proven anything in for ten minutes."""
    desk = Desk(world, login)
    world.installation.clock.advance(seconds=PROVEN_MS / 1000 + 1)
    return desk


def proven(desk: Desk, **given: Any) -> int:
    return desk.send("/api/session/confirm", given).status_code


@pytest.mark.parametrize(
    ("path", "method"),
    [
        ("/api/account/passkeys/options", "POST"),
        ("/api/account/passkeys", "POST"),
        ("/api/account/second-factor", "POST"),
        (f"/api/account/passkeys/{'0' * 64}", "DELETE"),
    ],
)
def test_a_session_that_was_left_open_changes_no_key(world: World, login: str, path: str, method: str):
    body = {"name": "x", "answer": {}} if path.endswith("passkeys") else {}
    answer = left_open(world, login).send(path, body, method)
    assert (answer.status_code, answer.json["code"]) == (403, "proof_wanted")


def test_whoever_proves_it_by_his_password_goes_on_for_ten_minutes(world: World, login: str):
    desk = left_open(world, login)
    assert proven(desk, password="not this one") == 401
    assert desk.send("/api/account/passkeys/options", {}).status_code == 403
    assert proven(desk, password=PASSWORD) == 204
    keyed(desk)
    world.installation.clock.advance(seconds=PROVEN_MS / 1000 + 1)
    assert desk.send("/api/account/second-factor", {}).status_code == 403


def test_a_passkey_proves_it_and_somebody_elses_does_not(world: World, login: str):
    made, other = keyed(Desk(world, login)), keyed(Desk(world, supervisor(world)))
    desk = left_open(world, login)

    def asked(signer: Authenticator) -> int:
        return proven(desk, answer=signer.sign(desk.send("/api/session/passkey/options", {}).json))

    assert asked(other) == 401
    assert desk.send("/api/account/second-factor", {}).status_code == 403
    assert asked(made) == 204
    assert desk.send("/api/account/second-factor", {}).status_code == 201


def test_where_there_is_a_second_factor_the_password_alone_proves_nothing(world: World, login: str):
    desk = Desk(world, login)
    secret = desk.send("/api/account/second-factor", {}).json["secret"]
    totp, clock = pyotp.TOTP(secret), world.installation.clock
    first = totp.at(world.services.now_ms() // 1000)
    assert desk.send("/api/account/second-factor/confirm", {"code": first}).status_code == 200
    clock.advance(seconds=PROVEN_MS / 1000 + 1)
    assert proven(desk, password=PASSWORD) == 401
    assert proven(desk, password=PASSWORD, code=totp.at(world.services.now_ms() // 1000)) == 204


def test_the_page_asks_first_and_shows_its_forms_then(world: World, login: str):
    desk = left_open(world, login)
    shown = desk.get("/account").text
    assert "验证身份" in shown
    assert "data-passkey-add" not in shown
    assert 'action="/account/second-factor"' not in shown
    assert desk.post("/account/second-factor").status_code == 403
    wrong = desk.post("/account/confirm", present="not this one")
    assert (wrong.status_code, "data-passkey-add" in wrong.text) == (422, False)
    assert desk.post("/account/confirm", present=PASSWORD).location == "/account"
    assert 'action="/account/second-factor"' in desk.get("/account").text
    assert "验证身份" not in words(desk.get("/account"))


def test_nobody_proves_anything_without_a_session(world: World):
    assert proven(Desk(world), password=PASSWORD) == 401
