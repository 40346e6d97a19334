"""The OWASP API Security Top 10 of 2023, tried as an attacker would: one part for each of its headings."""

from __future__ import annotations

import ast
import re
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from itsdangerous import URLSafeTimedSerializer

from tests.house.rooms import ROOT, sources
from tests.security.access import asked, rules
from tests.security.access.people import let_in
from tests.server.builders import install
from tests.server.desk_client import Desk
from tests.server.world import PASSWORD, World, build

GUESSES = 5
BIG = 2 * 1024 * 1024 + 1
CALLS_OUT = {
    "server/cli/serve.py": "the port that it listens on",
    "server/demo": "the demo's own machines on loopback",
    "server/outside/asking.py": "authorities and witnesses, by the operator's settings",
    "server/reminders/channels.py": "the mail server of the settings",
    "server/reminders/delivery.py": "the mail server of the settings",
    "server/reminders/sms.py": "the SMS gateway of the settings",
    "server/accounts/single_sign_on.py": "the identity provider of the settings",
}
"""Who in the server opens connections, and where to; nothing of a request is in the address."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A county with people of every role."""
    home = tmp_path_factory.mktemp("attacked")
    made = build(install(home, f"sqlite:///{home / 'attacked.sqlite'}"))
    let_in(made)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


@pytest.fixture
def item(world: World) -> str:
    """Evidence that waits for review."""
    return world.photograph(world.services.now_ms() % 90_000, bed_check=world.checks[0])


def described(desk: Desk) -> dict[str, Any]:
    found: dict[str, Any] = desk.get("/api/openapi.json").json
    return found


# API1: broken object level authorization


def test_another_county_s_records_are_not_there_at_any_address(world: World):
    """Every address that names a record is asked with each id of the neighbour's place."""
    stranger = Desk(world, "neighbour")
    ids = (world.finding, world.evidence[0], world.ward_round, world.checks[0], world.inspection)
    tried = 0
    for path, methods in described(stranger)["paths"].items():
        for record in ids if "{record}" in path and "get" in methods else ():
            for kind in ("finding", "evidence", "ward_round", "inspection") if "{type}" in path else ("",):
                answer = stranger.get(
                    path.format(record=record, type=kind, name="x", kind=kind or "x", page=1, digest="0" * 64)
                )
                assert answer.status_code in (400, 403, 404), f"{path} {record}: {answer.status_code}"
                tried += 1
    assert tried > 20


def test_an_id_of_another_type_opens_nothing(world: World, desk: Desk):
    assert desk.get(f"/api/findings/{world.evidence[0]}").status_code == 404
    assert desk.get(f"/api/records/institution/{world.users['admin']}").status_code == 404


# API2: broken authentication


@pytest.mark.parametrize("cookie", ["", "x", "eyJfdXNlcl9pZCI6ImEifQ.aaaa.bbbb"])
def test_a_cookie_that_somebody_made_up_is_no_session(world: World, cookie: str):
    nobody = Desk(world)
    nobody.client.set_cookie("wardledger", cookie)
    assert nobody.get("/api/findings").status_code == 401


def test_a_cookie_under_another_key_is_no_session(world: World, desk: Desk):
    token = desk.client.get("/api/session").json["user"]["id"]
    forged = URLSafeTimedSerializer("guess", salt="cookie-session").dumps({"_user_id": token})
    nobody = Desk(world)
    nobody.client.set_cookie("wardledger", str(forged))
    assert nobody.get("/api/findings").status_code == 401


def test_a_cookie_that_was_copied_is_worth_nothing_after_signing_out(world: World, desk: Desk):
    thief = Desk(world)
    thief.client.set_cookie("wardledger", desk.cookie())
    assert thief.get("/api/findings").status_code == 200
    desk.send("/api/session", None, method="DELETE")
    assert thief.get("/api/findings").status_code == 401


def test_guessing_stops_after_five_even_with_the_right_one(world: World):
    guesser = Desk(world)
    for _ in range(GUESSES):
        assert guesser.send("/api/session", {"login": "legal", "password": "wrong horse"}).status_code == 401
    answer = guesser.send("/api/session", {"login": "legal", "password": PASSWORD})
    assert answer.status_code in (401, 429)
    assert Desk(world, "second").get("/api/findings").status_code == 200, "nobody else is shut out"


def test_another_site_s_form_does_nothing(world: World, desk: Desk, item: str):
    body = {"act": "approve", "version": world.record(item).version}
    for heads in ({}, {"X-CSRFToken": "guess"}, {"X-CSRFToken": Desk(world, "city").token()}):
        assert desk.client.post(f"/api/evidence/{item}/review", json=body, headers=heads).status_code == 400
    assert world.record(item).stage == "pending_review"


# API3: broken object property level authorization


@pytest.mark.parametrize("name", ["stage", "created_by", "file_state", "root"])
def test_a_member_that_is_not_described_changes_nothing(world: World, desk: Desk, item: str, name: str):
    before = world.record(item)
    body = {"act": "approve", "version": before.version, name: "approved"}
    answer = desk.send(f"/api/evidence/{item}/review", body)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_value")
    assert world.record(item) == before


def test_no_answer_holds_the_key_of_a_file_or_a_password(world: World, desk: Desk):
    key = world.record(world.evidence[0]).values["file_key"]
    for path in (f"/api/evidence/{world.evidence[0]}", f"/api/records/evidence/{world.evidence[0]}",
                 f"/api/records/evidence/{world.evidence[0]}/history", "/api/evidence"):  # fmt: skip
        answer = desk.get(path)
        assert answer.status_code == 200
        assert str(key) not in answer.text
        assert "argon2" not in answer.text


# API4: unrestricted resource consumption


@pytest.mark.parametrize("limit", ["201", "999999999", "-1", "1e9", "٣"])
def test_nobody_gets_more_than_a_page_at_once(desk: Desk, limit: str):
    assert desk.get("/api/findings", limit=limit).status_code == 400


def test_a_body_beyond_the_limit_is_refused(desk: Desk, item: str):
    heads = {"X-CSRFToken": desk.token(), "Content-Type": "application/json"}
    answer = desk.client.post(f"/api/evidence/{item}/review", data=b" " * BIG, headers=heads)
    assert answer.status_code in (400, 413)


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a":' * 700 + b"1" + b"}" * 700,
        b'{"version": ' + b"9" * 100_000 + b"}",
        b"\xff\xfe",
    ],
)
def test_a_body_that_is_made_to_exhaust_a_reader_is_refused(desk: Desk, item: str, body: bytes):
    heads = {"X-CSRFToken": desk.token(), "Content-Type": "application/json"}
    answer = desk.client.post(f"/api/evidence/{item}/review", data=body, headers=heads)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_value")


@pytest.mark.parametrize("word", ["a\x00b", "\x00"])
def test_a_nul_in_a_body_is_refused(world: World, desk: Desk, item: str, word: str):
    version = world.record(item).version
    body = {"act": "return", "version": version, "reason": "other", "note": word}
    answer = desk.send(f"/api/evidence/{item}/review", body)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_value"), answer.text


# API5: broken function level authorization


@pytest.mark.parametrize("login", ["member", "idle", "portal", "auditor"])
def test_who_has_no_office_reaches_no_function_of_one(world: World, login: str):
    """Whatever takes a change is asked with the session of somebody who may decide on nothing."""
    who = Desk(world, login)
    own = ("/api/session", "/api/account", "/api/join")
    tried = 0
    for path, methods in described(who)["paths"].items():
        for method in methods.keys() - {"get"}:
            if path.startswith(own):
                continue
            address = re.sub(r"\{\w+\}", world.finding, path.replace("{type}", "finding"))
            answer = who.send(address, {}, method=method.upper())
            assert 400 <= answer.status_code < 500, f"{method} {path}: {answer.status_code}"
            tried += 1
    assert tried > 2


# API6: unrestricted access to sensitive business flows


def test_two_who_decide_at_the_same_moment_decide_once(world: World, item: str):
    version, answers = world.record(item).version, []
    desks = [Desk(world, login) for login in ("supervisor", "city")]
    begin = threading.Barrier(2)

    def decide(desk: Desk) -> None:
        token = desk.token()
        begin.wait(30)
        body = {"act": "approve", "version": version}
        answers.append(
            desk.client.post(
                f"/api/evidence/{item}/review", json=body, headers={"X-CSRFToken": token}
            ).status_code
        )

    threads = [threading.Thread(target=decide, args=(desk,)) for desk in desks]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(answers) == [200, 409]


# API7: server side request forgery


def test_nothing_that_is_sent_names_an_address_to_call(desk: Desk):
    told = described(desk)
    names = {name for shape in bodies(told) for name in shape.get("properties", {})}
    assert not [
        name for name in names if any(word in name for word in ("url", "uri", "host", "callback", "webhook"))
    ]


def bodies(told: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the schema of each body that a description names."""
    for methods in told["paths"].values():
        for operation in methods.values():
            if sent := operation.get("requestBody", {}).get("content", {}).get("application/json"):
                name = sent["schema"].get("$ref", "").rpartition("/")[2]
                yield told["components"]["schemas"].get(name, sent["schema"])


def test_only_those_open_connections_whose_addresses_are_settings():
    reaching = set()
    for path in sources(".py", rooms=("server",)):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [str(node.module)] if isinstance(node, ast.ImportFrom) else []
            if {name.partition(".")[0] for name in names} & {"httpx", "smtplib", "socket", "requests"} or (
                "urllib.request" in names
            ):
                reaching.add(path.relative_to(ROOT).as_posix())
    assert reaching
    assert [path for path in reaching if not path.startswith(tuple(CALLS_OUT))] == []


# API8: security misconfiguration


def test_every_kind_of_answer_carries_the_headers(world: World, desk: Desk):
    for answer in (desk.get("/"), desk.get("/api/findings"), desk.get("/api/x"), Desk(world).get("/api/findings"),
                   desk.get("/no-such-page"), desk.get("/static/desk/desk.css")):  # fmt: skip
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "X-Powered-By" not in answer.headers


def test_no_other_origin_is_let_in(desk: Desk):
    answer = desk.client.options("/api/findings", headers={"Origin": "https://evil.example",
                                 "Access-Control-Request-Method": "GET"})  # fmt: skip
    assert not [name for name, _ in answer.headers if name.lower().startswith("access-control")]


@pytest.mark.parametrize("method", ["TRACE", "PUT", "PATCH", "CONNECT", "PROPFIND"])
def test_no_method_works_that_is_not_described(desk: Desk, method: str):
    answer = desk.client.open("/api/findings", method=method, headers={"X-CSRFToken": desk.token()})
    assert answer.status_code == 405


def test_a_fault_of_the_server_tells_nothing_of_its_inside(
    world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    def broken(**_: Any) -> None:
        raise RuntimeError("a secret inside")

    app = world.installation.app
    monkeypatch.setitem(app.view_functions, "api.list_findings", broken)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    answer = desk.get("/api/findings")
    assert answer.status_code == 500
    assert "a secret inside" not in answer.text
    assert "Traceback" not in answer.text


# API9: improper inventory management


def test_every_address_is_known_and_none_is_left_from_development(world: World, desk: Desk):
    assert set(asked(world.installation.app)) == set(rules())
    for path in ("/api/v1/findings", "/api/debug", "/debug", "/console", "/admin", "/.git/config", "/.env",
                 "/api/swagger", "/static/../server/config.py", "/static/%2e%2e/config.py"):  # fmt: skip
        assert desk.get(path).status_code in (308, 404), path


# API10: unsafe consumption of APIs


def test_what_others_answer_is_bounded_and_never_followed_elsewhere():
    """The one place that asks others; tests/outside shows what it makes of floods, garbage and silence."""
    text = (ROOT / "server/outside/asking.py").read_text("utf-8")
    assert "follow_redirects=False" in text
    assert "bytes_max" in text
    assert "verify=False" not in text
