"""Single sign-on against a real provider: who is linked gets in, and nobody else, however the answer is bent."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet, OctKey, RSAKey

from server.accounts import single_sign_on, users
from server.accounts.single_sign_on import SignOnRefused, verified
from server.config import load
from server.wiring import Services
from tests.server.builders import Installation, install
from tests.server.desk_client import Desk, words
from tests.server.world import PASSWORD
from tests.services.provider import CLIENT, SECRET, Provider

BACK = "http://wardledger.test/sign-in/oidc/back"
SUBJECT = "zhang.san"


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    """A provider at which whoever types a name is that person."""
    with Provider(BACK) as running:
        yield running


@dataclass
class Bureau:
    """An installation with a supervisor and an administrator, by login."""

    installation: Installation
    users: dict[str, str]

    @property
    def services(self) -> Services:
        return self.installation.services

    def turn_on(self, issuer: str) -> None:
        """Set single sign-on up."""
        given = {"oidc_issuer": issuer, "oidc_client_id": CLIENT, "oidc_client_secret": SECRET}
        self.services.config = replace(self.services.config, **given)


@pytest.fixture
def bureau(tmp_path: Path, database_url: str) -> Iterator[Bureau]:
    """A bureau at the present hour, since the provider's tokens are of now."""
    made = Bureau(install(tmp_path / "home", database_url), {})
    made.installation.clock.now = int(time.time() * 1000)
    for number, (login, role) in enumerate(
        (("boss", "admin"), ("zhang", "supervisor"), ("li", "supervisor"))
    ):
        new = users.check(login=login, name=f"测试甲{number:03d}", roles=(role,), region="341502")
        made.users[login], _ = users.enlist(made.services, new, PASSWORD)
    yield made
    made.services.engine.dispose()


def linked(bureau: Bureau, provider: Provider, login: str = "zhang") -> None:
    bureau.turn_on(provider.issuer)
    path = f"/users/{bureau.users[login]}/link"
    assert Desk(bureau, "boss").post(path, subject=SUBJECT).status_code == 303


def at_the_provider(address: str, name: str = SUBJECT) -> str:
    """Type a name and agree at the provider; return the address to which it then sends the browser."""
    with httpx.Client(trust_env=False) as browser:
        answer = browser.get(address)
        for _ in range(12):
            while answer.is_redirect:
                target = str(answer.next_request.url) if answer.next_request else ""
                if target.startswith(BACK):
                    return target
                answer = browser.get(target)
            action = re.search(r'<form[^>]*action="([^"]+)"', answer.text)
            assert action, answer.text
            fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', answer.text))
            form = {**fields, "login": name, "password": "any"} if "login" in fields.values() else fields
            answer = browser.post(str(answer.url.join(html.unescape(action[1]))), data=form)
    raise AssertionError("the provider never sent anybody back")


def sent_back(bureau: Bureau, desk: Desk, name: str = SUBJECT, **bent: str):
    """Sign on through the provider and come back; bent: words of the way back that are other than it said."""
    begun = desk.get("/sign-in/oidc", next="/rounds")
    assert begun.status_code == 303, words(begun)
    back = urlsplit(at_the_provider(begun.location, name))
    return desk.get(back.path, **{**dict(parse_qsl(back.query)), **bent})


def test_somebody_who_is_linked_signs_in_and_gets_to_his_page(bureau: Bureau, provider: Provider):
    linked(bureau, provider)
    desk = Desk(bureau)
    assert provider.issuer not in desk.get("/sign-in").text
    assert "/sign-in/oidc" in desk.get("/sign-in").text
    answer = sent_back(bureau, desk)
    assert (answer.status_code, answer.location) == (303, "/rounds")
    assert desk.get("/api/session").json["user"]["id"] == bureau.users["zhang"]


def test_an_answer_with_another_state_or_twice_or_elsewhere_signs_nobody_in(
    bureau: Bureau, provider: Provider
):
    linked(bureau, provider)
    assert sent_back(bureau, Desk(bureau), state="another").status_code == 403
    assert sent_back(bureau, Desk(bureau), iss="https://elsewhere.example").status_code == 403
    desk = Desk(bureau)
    back = urlsplit(at_the_provider(desk.get("/sign-in/oidc").location))
    query = dict(parse_qsl(back.query))
    assert Desk(bureau).get(back.path, **query).status_code == 403
    assert desk.get(back.path, **query).status_code == 303
    assert Desk(bureau).get(back.path, **query).status_code == 403


def test_an_answer_that_nobody_asked_for_signs_nobody_in(bureau: Bureau, provider: Provider):
    linked(bureau, provider)
    desk = Desk(bureau)
    for query in ({}, {"code": "guessed", "state": ""}, {"error": "access_denied"}):
        answer = desk.get("/sign-in/oidc/back", **query)
        assert (answer.status_code, "没有证明" in words(answer)) == (403, True)
    assert desk.get("/api/session").json["user"] is None


def test_a_nonce_that_was_another_browsers_signs_nobody_in(bureau: Bureau, provider: Provider):
    linked(bureau, provider)
    desk = Desk(bureau)
    back = urlsplit(at_the_provider(desk.get("/sign-in/oidc").location))
    with desk.client.session_transaction() as kept:
        kept["oidc"] = {**kept["oidc"], "nonce": "another"}
    assert desk.get(back.path, **dict(parse_qsl(back.query))).status_code == 403


def test_a_person_whom_nobody_linked_is_told_his_identifier_and_no_account_comes_into_being(
    bureau: Bureau, provider: Provider
):
    linked(bureau, provider)
    before = len(users.everybody(bureau.services))
    answer = sent_back(bureau, Desk(bureau), "stranger")
    assert (answer.status_code, "stranger" in words(answer)) == (403, True)
    assert len(users.everybody(bureau.services)) == before


def test_a_disabled_user_and_one_whose_link_was_taken_away_stay_out(bureau: Bureau, provider: Provider):
    linked(bureau, provider)
    assert Desk(bureau, "boss").post(f"/users/{bureau.users['zhang']}/link", subject="").status_code == 303
    assert sent_back(bureau, Desk(bureau)).status_code == 403
    linked(bureau, provider)
    users.disable(bureau.services, "zhang")
    assert sent_back(bureau, Desk(bureau)).status_code == 403


def test_only_an_administrator_links_and_a_person_is_linked_once(bureau: Bureau, provider: Provider):
    linked(bureau, provider)
    mine = f"/users/{bureau.users['li']}/link"
    assert Desk(bureau, "li").post(mine, subject="li.si").status_code == 403
    boss = Desk(bureau, "boss")
    assert boss.send(f"/api{mine}", {"subject": SUBJECT}).json["code"] == "record_exists"
    assert boss.send(f"/api{mine}", {"subject": "li.si"}).status_code == 200


def test_only_an_administrator_links(bureau: Bureau, provider: Provider):
    bureau.turn_on(provider.issuer)
    answer = Desk(bureau, "zhang").send(f"/api/users/{bureau.users['zhang']}/link", {"subject": "me"})
    assert answer.json["code"] == "not_allowed"


def test_a_provider_that_is_down_leaves_the_password_open(bureau: Bureau):
    with Provider(BACK) as gone:
        bureau.turn_on(gone.issuer)
    desk = Desk(bureau)
    answer = desk.get("/sign-in/oidc")
    assert (answer.status_code, "没有应答" in words(answer)) == (503, True)
    assert desk.post("/sign-in", username="zhang", password=PASSWORD).status_code == 303


def test_a_provider_that_goes_by_another_name_is_not_believed(bureau: Bureau, provider: Provider):
    bureau.turn_on(provider.issuer.replace("127.0.0.1", "localhost"))
    assert Desk(bureau).get("/sign-in/oidc").status_code == 503


def test_without_a_provider_there_is_neither_button_nor_address(bureau: Bureau):
    desk = Desk(bureau)
    assert "/sign-in/oidc" not in desk.get("/sign-in").text
    assert [desk.get(path).status_code for path in ("/sign-in/oidc", "/sign-in/oidc/back")] == [404, 404]


ISSUER = "https://sso.example"
CONFIG = load(
    {
        "WARDLEDGER_HOME": "/nowhere",
        "WARDLEDGER_OIDC_ISSUER": ISSUER,
        "WARDLEDGER_OIDC_CLIENT_ID": CLIENT,
    }
)
NOW = 1_794_880_800
CLAIMS = {
    "iss": "https://sso.example", "aud": CLIENT, "sub": SUBJECT, "nonce": "n", "iat": NOW, "exp": NOW + 300,
}  # fmt: skip
BENT = {
    "issuer": {"iss": "https://sso.example.evil"},
    "audience": {"aud": "another"},
    "nonce": {"nonce": "another"},
    "expired": {"exp": NOW - 61},
    "from the future": {"iat": NOW + 3600},
    "without a subject": {"sub": None},
    "given to another": {"aud": [CLIENT, "another"], "azp": "another"},
    "for several, to nobody": {"aud": [CLIENT, "another"]},
}


@pytest.fixture(scope="module")
def key() -> RSAKey:
    """A provider's key."""
    return RSAKey.generate_key(2048, {"kid": "1"})


def signed(key: RSAKey | OctKey, algorithm: str = "RS256", **more: object) -> str:
    claims = {name: value for name, value in {**CLAIMS, **more}.items() if value is not None}
    return jwt.encode({"alg": algorithm, "kid": "1"}, claims, key, algorithms=[algorithm])


def test_a_token_that_is_right_in_all_names_its_subject(key: RSAKey):
    assert verified(CONFIG, KeySet([key]), signed(key), nonce="n", now=NOW) == SUBJECT
    several = signed(key, aud=[CLIENT, "another"], azp=CLIENT)
    assert verified(CONFIG, KeySet([key]), several, nonce="n", now=NOW) == SUBJECT


@pytest.mark.parametrize("bent", BENT.values(), ids=BENT.keys())
def test_a_token_that_is_wrong_in_one_thing_proves_nobody(key: RSAKey, bent: dict[str, object]):
    with pytest.raises(SignOnRefused):
        verified(CONFIG, KeySet([key]), signed(key, **bent), nonce="n", now=NOW)


def test_a_token_of_another_key_or_of_none_proves_nobody(key: RSAKey):
    other = RSAKey.generate_key(2048, {"kid": "1"})
    secret = OctKey.import_key(SECRET)
    unsigned = "eyJhbGciOiJub25lIn0." + signed(key).split(".")[1] + "."
    for token in (signed(other), signed(secret, "HS256"), unsigned, "", "a.b.c"):
        with pytest.raises(SignOnRefused):
            verified(CONFIG, KeySet([key]), token, nonce="n", now=NOW)


def test_a_subject_of_another_provider_opens_nothing():
    elsewhere = replace(CONFIG, oidc_issuer="https://other.example")
    assert single_sign_on.identity(CONFIG, SUBJECT) != single_sign_on.identity(elsewhere, SUBJECT)
