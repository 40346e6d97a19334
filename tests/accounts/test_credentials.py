"""Passwords: the right one lets in, all else is refused alike; guessing ends after five failures."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from argon2 import PasswordHasher

from server.accounts import credentials
from server.accounts.credentials import (
    FAILURES_MAX,
    LOCKED_MS,
    WrongPassword,
    check_password,
    login_hash,
)
from server.accounts.users import check, disable, enlist
from server.storage import account_store
from server.storage.account_store import Credential
from server.wiring import Services
from sync.errors import RecordExists
from tests.server.builders import Installation

GOOD, WRONG = "correct horse battery", "wrong horse battery"


def somebody(services: Services, login: str = "inspector-01") -> str:
    new = check(login=login, name="测试甲001", roles=["inspector"], region="341502")
    return enlist(services, new, GOOD)[0]


def kept(services: Services, login: str = "inspector-01") -> Credential:
    key = login_hash(services.keyring.pepper, login)
    with services.database.reading() as connection:
        found = account_store.find(connection, services.ledger.id, key)
    assert found is not None
    return found


def refused(services: Services, password: str = WRONG, login: str = "inspector-01") -> str:
    with pytest.raises(WrongPassword) as caught:
        check_password(services, login, password)
    return f"{caught.value.code} {caught.value.detail} {caught.value.next}"


def test_the_right_password_gives_the_user(installation: Installation):
    user = somebody(installation.services)
    assert check_password(installation.services, "Inspector-01 ", GOOD) == user


def test_a_wrong_password_an_unknown_login_and_a_disabled_user_are_refused_alike(installation: Installation):
    services = installation.services
    somebody(services)
    somebody(services, "inspector-02")
    disable(services, "inspector-02")
    answers = {refused(services), refused(services, GOOD, "nobody"), refused(services, GOOD, "inspector-02")}
    assert len(answers) == 1


def test_a_login_stands_as_a_keyed_hash_and_a_password_as_argon2id(installation: Installation):
    somebody(installation.services)
    found = kept(installation.services)
    assert found.login == login_hash(installation.services.keyring.pepper, "inspector-01")
    assert found.login != login_hash(b"another pepper", "inspector-01")
    assert found.password.startswith("$argon2id$")


def test_after_five_failures_the_right_password_is_refused_for_fifteen_minutes(installation: Installation):
    services = installation.services
    user = somebody(services)
    for _ in range(FAILURES_MAX):
        refused(services)
    refused(services, GOOD)
    installation.clock.advance(seconds=LOCKED_MS / 1000 - 1)
    refused(services, GOOD)
    installation.clock.advance(seconds=1)
    assert check_password(services, "inspector-01", GOOD) == user


def test_after_its_rest_a_login_has_five_failures_again(installation: Installation):
    services = installation.services
    user = somebody(services)
    for _ in range(FAILURES_MAX):
        refused(services)
    installation.clock.advance(seconds=LOCKED_MS / 1000)
    for _ in range(FAILURES_MAX - 1):
        refused(services)
    assert check_password(services, "inspector-01", GOOD) == user
    assert kept(services).failures == 0


def test_four_failures_are_forgotten_with_the_next_sign_in(installation: Installation):
    services = installation.services
    somebody(services)
    for _ in range(2):
        for _ in range(FAILURES_MAX - 1):
            refused(services)
        check_password(services, "inspector-01", GOOD)


def test_guesses_made_side_by_side_do_not_outrun_the_counter(installation: Installation):
    services = installation.services
    somebody(services)
    assert services.ledger.demo
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: refused(services), range(12)))
    assert kept(services).failures == FAILURES_MAX
    refused(services, GOOD)


def test_a_hash_of_older_parameters_is_made_anew_at_sign_in(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
):
    services = installation.services
    with monkeypatch.context() as older:
        older.setattr(credentials, "HASHER", PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1))
        somebody(services)
    weak = kept(services).password
    check_password(services, "inspector-01", GOOD)
    assert kept(services).password != weak
    strong = kept(services).password
    check_password(services, "inspector-01", GOOD)
    assert kept(services).password == strong


def test_an_unknown_login_costs_the_same_hashing(installation: Installation, monkeypatch: pytest.MonkeyPatch):
    services = installation.services
    somebody(services)
    judged: list[str] = []
    verify = credentials.HASHER.verify

    class Watched(PasswordHasher):
        """The hasher, which tells what it was asked to judge."""

        def verify(self, hash: str | bytes, password: str | bytes) -> bool:  # noqa: A002 - the library's name
            judged.append(str(hash).rsplit("$", 2)[0])
            return bool(verify(hash, password))

    monkeypatch.setattr(credentials, "HASHER", Watched(2, 19 * 1024, 1))
    refused(services)
    refused(services, GOOD, "nobody")
    assert len(judged) == 2
    assert judged[0].rsplit("$", 1)[0] == judged[1].rsplit("$", 1)[0]


def test_a_login_that_is_taken_in_the_meantime_leaves_no_second_user(installation: Installation):
    services = installation.services
    new = check(login="inspector-01", name="测试甲001", roles=["inspector"], region="341502")

    def enlisted(_: int) -> bool:
        try:
            enlist(services, new, GOOD)
        except RecordExists:
            return False
        return True

    assert services.door
    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(enlisted, range(4))) == 1
    assert check_password(services, "inspector-01", GOOD)
