"""Passkeys: one signs its owner in alone, and a foreign site, a used challenge or a copy of it signs nobody in."""

from __future__ import annotations

from typing import Any

import pytest

from server.accounts import passkeys, second_factor, users
from server.accounts.passkeys import CHALLENGE_MS
from server.storage import access_store
from tests.server.authenticator import Authenticator
from tests.server.desk_client import Desk, words
from tests.server.world import PASSWORD, World


@pytest.fixture
def login(world: World) -> str:
    """A supervisor of the test's own."""
    made = f"key.{world.services.random(4).hex()}"
    new = users.check(login=made, name="测试甲094", roles=("supervisor",), region="341502")
    world.users[made], _ = users.enlist(world.services, new, PASSWORD)
    return made


def add(desk: Desk, made: Authenticator, name: str = "办公电脑"):
    options = desk.send("/api/account/passkeys/options", {}).json
    return desk.send("/api/account/passkeys", {"name": name, "answer": made.make(options)})


def registered(world: World, login: str, **given: Any) -> Authenticator:
    made = Authenticator(**given)
    answer = add(Desk(world, login), made)
    assert answer.status_code == 201, answer.text
    return made


def asked(desk: Desk) -> dict[str, Any]:
    return desk.send("/api/session/passkey/options", {}).json


def signed(desk: Desk, made: Authenticator, options: dict[str, Any] | None = None):
    return desk.send("/api/session/passkey", {"answer": made.sign(options or asked(desk))})


def refused(answer, code: str = "passkey_refused") -> bool:
    return answer.json.get("code") == code


def test_a_passkey_signs_its_owner_in_without_a_password(world: World, login: str):
    made = registered(world, login)
    nobody = Desk(world)
    answer = signed(nobody, made)
    assert (answer.status_code, answer.json["user"]["id"]) == (201, world.users[login])
    assert nobody.get("/").status_code == 200
    shown = nobody.get("/api/account").json
    assert [one["name"] for one in shown["passkeys"]] == ["办公电脑"]
    assert {one["means"] for one in shown["sessions"] if one["here"]} == {"passkey"}


def test_what_is_asked_wants_a_passkey_that_the_browser_finds_and_a_verified_user(world: World, login: str):
    options = Desk(world, login).send("/api/account/passkeys/options", {}).json
    wanted = options["authenticatorSelection"]
    assert (wanted["residentKey"], wanted["userVerification"]) == ("required", "required")
    assert options["rp"]["id"] == "wardledger.test"
    asks = asked(Desk(world))
    assert (asks["userVerification"], asks["rpId"]) == ("required", "wardledger.test")
    assert not asks.get("allowCredentials")


def test_a_challenge_is_good_once(world: World, login: str):
    made, nobody = registered(world, login), Desk(world)
    options = asked(nobody)
    answer = made.sign(options)
    assert nobody.send("/api/session/passkey", {"answer": answer}).status_code == 201
    other = Desk(world)
    asked(other)
    assert refused(other.send("/api/session/passkey", {"answer": answer}))
    assert refused(signed(nobody, made, options))


def test_a_challenge_of_another_browser_is_refused(world: World, login: str):
    made, victim = registered(world, login), Desk(world)
    options = asked(Desk(world))
    assert refused(signed(victim, made, options))


def test_a_challenge_is_good_for_five_minutes(world: World, login: str):
    made, nobody = registered(world, login), Desk(world)
    options = asked(nobody)
    world.installation.clock.advance(seconds=CHALLENGE_MS / 1000)
    assert refused(signed(nobody, made, options))


def test_a_challenge_that_registers_signs_nobody_in(world: World, login: str):
    made, desk = registered(world, login), Desk(world, login)
    options = desk.send("/api/account/passkeys/options", {}).json
    assert refused(signed(desk, made, {"rpId": "wardledger.test", "challenge": options["challenge"]}))


def test_what_another_site_made_signs_nobody_in(world: World, login: str):
    made = registered(world, login)
    made.origin = "http://wardledger.test.evil.example"
    assert refused(signed(Desk(world), made))
    made.origin = "http://wardledger.test"
    nobody = Desk(world)
    assert refused(signed(nobody, made, {**asked(nobody), "rpId": "evil.example"}))


def test_another_site_registers_no_passkey(world: World, login: str):
    assert refused(add(Desk(world, login), Authenticator(origin="https://evil.example")))
    assert Desk(world, login).get("/api/account").json["passkeys"] == []


def test_a_user_who_was_not_verified_neither_registers_nor_signs_in(world: World, login: str):
    assert refused(add(Desk(world, login), Authenticator(verified=False)))
    made = registered(world, login)
    made.verified = False
    assert refused(signed(Desk(world), made))


def test_a_counter_that_goes_back_is_refused_and_told(world: World, login: str):
    made = registered(world, login)
    assert signed(Desk(world), made).status_code == 201
    made.count = 1
    answer = signed(Desk(world), made)
    assert (answer.status_code, answer.json["code"]) == (403, "passkey_doubted")
    assert "计数倒退" in words(Desk(world, login).get("/account"))
    with world.services.database.reading() as connection:
        log = access_store.of_user(connection, world.services.ledger.id, world.users[login])
    assert "passkey_doubted" in [one.act for one in log]


def test_a_passkey_without_a_counter_signs_in_again_and_again(world: World, login: str):
    made = registered(world, login, count=None)
    assert [signed(Desk(world), made).status_code for _ in range(3)] == [201, 201, 201]


def test_a_signature_of_another_key_is_refused(world: World, login: str):
    made = registered(world, login)
    forged = Authenticator(credential=made.credential, user=made.user, count=9)
    assert refused(signed(Desk(world), forged))


def test_a_passkey_is_registered_once(world: World, login: str):
    made = registered(world, login)
    assert refused(add(Desk(world, "auditor"), made))


@pytest.mark.parametrize(
    "answer",
    [{}, {"id": "x"}, {"id": 1, "rawId": 2, "response": {}}, {"response": {"clientDataJSON": "é"}}],
)
def test_an_answer_that_is_none_is_refused(world: World, answer: dict[str, Any]):
    nobody = Desk(world)
    asked(nobody)
    assert refused(nobody.send("/api/session/passkey", {"answer": answer}))
    assert nobody.send("/api/session/passkey", {"answer": "x"}).json["code"] == "bad_value"


def test_a_removed_passkey_signs_nobody_in(world: World, login: str):
    made, desk = registered(world, login), Desk(world, login)
    (line,) = desk.get("/api/account").json["passkeys"]
    assert Desk(world, "auditor").post(f"/account/passkeys/{line['id']}/remove").status_code == 404
    assert desk.post(f"/account/passkeys/{line['id']}/remove").location == "/account"
    assert refused(signed(Desk(world), made))
    assert desk.send(f"/api/account/passkeys/{line['id']}", {}, "DELETE").status_code == 404


def test_a_disabled_users_passkey_signs_nobody_in(world: World, login: str):
    made = registered(world, login)
    users.disable(world.services, login)
    assert refused(signed(Desk(world), made))


def test_a_reset_of_the_second_factor_takes_passkeys_with_it(world: World, login: str):
    made, desk = registered(world, login), Desk(world, login)
    assert second_factor.reset(world.services, world.users[login]) is True
    assert desk.get("/").status_code == 303
    assert refused(signed(Desk(world), made))


def test_a_user_has_twenty_passkeys_at_most(world: World, login: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(passkeys, "PASSKEYS_MAX", 1)
    registered(world, login)
    asks = Desk(world, login).send("/api/account/passkeys/options", {})
    assert (asks.status_code, asks.json["code"]) == (400, "bad_transition")


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\nb"])
def test_a_passkey_without_a_fitting_name_is_not_kept(world: World, login: str, name: str):
    answer = add(Desk(world, login), Authenticator(), name)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_value")


def test_browsers_make_passkeys_for_names_and_https_alone(world: World):
    assert passkeys.are_possible(world.services) is False  # http://wardledger.test
    assert "data-passkey-sign-in" not in Desk(world).get("/sign-in").text
