"""Somebody who decides by passkey: he asks, signs what he is asked for, and sends it again."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from server.accounts import users
from tests.server.authenticator import Authenticator
from tests.server.desk_client import Desk
from tests.server.world import PASSWORD, World


def supervisor(world: World, *roles: str, region: str = "341502") -> str:
    """Return the login of a fresh supervisor, or of somebody with other roles."""
    login = f"signs.{world.services.random(4).hex()}"
    new = users.check(login=login, name="测试甲095", roles=roles or ("supervisor",), region=region)
    world.users[login], _ = users.enlist(world.services, new, PASSWORD)
    return login


def keyed(desk: Desk, **given: Any) -> Authenticator:
    """Give whoever sits at a desk a passkey."""
    made = Authenticator(**given)
    proven = desk.send("/api/session/confirm", {"password": PASSWORD})
    assert proven.status_code in (204, 404), proven.text
    options = desk.send("/api/account/passkeys/options", {}).json
    answer = desk.send("/api/account/passkeys", {"name": "办公电脑", "answer": made.make(options)})
    assert answer.status_code == 201, answer.text
    return made


def asked(desk: Desk, path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Return what is to be signed for a decision."""
    answer = desk.send(path, body)
    assert (answer.status_code, answer.json["code"]) == (428, "assertion_wanted"), answer.text
    return dict(answer.json["options"])


def decided(desk: Desk, made: Authenticator, path: str, body: dict[str, Any]) -> TestResponse:
    """Decide by passkey, as a program does."""
    return desk.send(path, {**body, "assertion": made.sign(asked(desk, path, body))})
