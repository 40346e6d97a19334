"""The API: the same lists and acts as the pages, by the same session, refused in the words of programs."""

from __future__ import annotations

import pytest

from server.storage import ledger_store
from tests.server.desk_client import Desk
from tests.server.world import PASSWORD, World, photo

PROBLEM = "application/problem+json"
LISTS = ("/api/ward-rounds", "/api/evidence", "/api/findings", "/api/cases")


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


@pytest.fixture
def item(world: World) -> str:
    """A fresh photo that waits for review."""
    world.evidence.append(world.photograph(200 + len(world.evidence), bed_check=world.checks[0]))
    return world.evidence[-1]


def items(world: World) -> list[str]:
    """Return the address of every item."""
    return [
        f"/api/ward-rounds/{world.ward_round}",
        f"/api/evidence/{world.evidence[0]}",
        f"/api/evidence/{world.evidence[0]}/file",
        f"/api/findings/{world.finding}",
    ]


def size(world: World) -> int:
    """Return how many entries the ledger has."""
    with world.services.database.reading() as connection:
        return ledger_store.head(connection, world.services.ledger.id).size


# The session


def test_a_program_signs_in_by_the_api_and_out_again(world: World):
    program = Desk(world)
    assert program.get("/api/session").json["user"] is None
    answer = program.send("/api/session", {"login": "supervisor", "password": PASSWORD})
    assert answer.status_code == 201
    assert answer.json["user"] == {
        "id": world.users["supervisor"],
        "name": "测试甲001",
        "role": "supervisor",
        "region": "341502",
    }
    assert program.get("/api/evidence").status_code == 200
    assert program.send("/api/session", None, "DELETE").status_code == 204
    assert program.get("/api/evidence").status_code == 401


def test_a_wrong_password_is_a_problem_and_no_session(world: World):
    program = Desk(world)
    answer = program.send("/api/session", {"login": "supervisor", "password": "wrong horse 2026"})
    assert (answer.status_code, answer.mimetype) == (401, PROBLEM)
    assert answer.json["code"] == "wrong_password"
    assert program.get("/api/session").json["user"] is None


@pytest.mark.parametrize(
    "body",
    [None, [], {}, {"login": "x"}, {"login": 1, "password": "x"}, {"login": "x", "password": "y", "more": 1}],
)
def test_a_sign_in_that_does_not_fit_is_refused_by_its_field(world: World, body: object):
    answer = Desk(world).send("/api/session", body)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_value")


def test_without_a_session_every_address_answers_401_as_a_problem(world: World):
    nobody = Desk(world)
    for path in (*LISTS, *items(world)):
        answer = nobody.get(path)
        assert (answer.status_code, answer.mimetype) == (401, PROBLEM), path
        assert answer.json["code"] == "sign_in_required"


def test_an_act_without_the_token_is_refused(world: World, desk: Desk, item: str):
    body = {"act": "approve", "version": world.record(item).version}
    answer = desk.client.post(f"/api/evidence/{item}/review", json=body)
    assert (answer.status_code, answer.mimetype, answer.json["code"]) == (400, PROBLEM, "form_expired")
    assert world.record(item).stage == "pending_review"


def test_a_phone_s_request_needs_no_token_but_its_proof(world: World):
    answer = world.installation.app.test_client().post("/v1/change-sets", data=b"x")
    assert answer.status_code == 401
    assert answer.json["code"] != "form_expired"


# Lists and items


def test_every_list_and_item_is_given_to_the_supervisor_of_the_county(world: World, desk: Desk):
    for path in LISTS:
        answer = desk.get(path)
        assert answer.status_code == 200, path
        assert set(answer.json) == {"items", "next"}
    for path in items(world):
        assert desk.get(path).status_code == 200, path
    assert desk.get("/api/ward-rounds").json["items"][0]["presence"] == {"in_bed": 3, "absent": 1}
    assert desk.get(items(world)[2]).data == photo(0)


def test_another_county_s_supervisor_is_given_nothing(world: World):
    neighbour = Desk(world, "neighbour")
    for path in LISTS:
        assert neighbour.get(path).json == {"items": [], "next": None}, path
    for path in items(world):
        answer = neighbour.get(path)
        assert (answer.status_code, answer.json["code"]) == (404, "not_found"), path


def test_a_list_is_read_a_page_at_a_time_and_misses_nothing(world: World, desk: Desk):
    for number in range(5):
        world.photograph(300 + number, sent=False)
    seen: list[str] = []
    after = None
    while True:
        answer = desk.get("/api/evidence", limit="2", **({"after": after} if after else {})).json
        assert len(answer["items"]) <= 2
        seen += [each["id"] for each in answer["items"]]
        after = answer["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen))
    assert set(seen) == {each["id"] for each in desk.get("/api/evidence", limit="200").json["items"]}


@pytest.mark.parametrize(
    "query", [{"limit": "0"}, {"limit": "201"}, {"limit": "x"}, {"after": "x"}, {"after": "1."}]
)
def test_a_page_that_cannot_be_is_refused(desk: Desk, query: dict[str, str]):
    answer = desk.get("/api/evidence", **query)
    assert (answer.status_code, answer.json["code"]) == (400, "bad_value")


def test_a_list_can_be_asked_for_in_one_stage(world: World, desk: Desk, item: str):
    world.photograph(400, sent=False)
    stages = {each["state"] for each in desk.get("/api/evidence", stage="pending_review").json["items"]}
    assert stages == {"pending_review"}
    assert desk.get("/api/evidence", stage="superseded").json["items"] == []


# Acts


def test_an_approval_names_the_version_it_saw(world: World, desk: Desk, item: str):
    shown = desk.get(f"/api/evidence/{item}").json
    assert (shown["proof"]["verdict"], shown["blocked"]) == ("ok", None)
    answer = desk.send(f"/api/evidence/{item}/review", {"act": "approve", "version": shown["version"]})
    assert (answer.status_code, answer.json["stage"]) == (200, "approved")
    assert answer.json["version"] == world.record(item).version
    again = desk.send(f"/api/evidence/{item}/review", {"act": "approve", "version": shown["version"]})
    assert (again.status_code, again.json["code"]) == (409, "version_changed")
    assert desk.get(f"/api/evidence/{item}").json["reviews"][0]["decision"] == "approve"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"act": "approve"}, "version"),
        ({"act": "burn", "version": 1}, "act"),
        ({"act": "approve", "version": "1"}, "version"),
        ({"act": "approve", "version": True}, "version"),
        ({"act": "return", "version": 1, "reason": "x"}, "reason"),
        ({"act": "approve", "version": 1, "more": 1}, "more"),
    ],
)
def test_a_review_that_does_not_fit_is_refused_by_its_field(desk: Desk, item: str, body: object, field: str):
    answer = desk.send(f"/api/evidence/{item}/review", body)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (400, "bad_value", field)


def test_a_return_without_a_sentence_is_refused(world: World, desk: Desk, item: str):
    body = {"act": "return", "version": world.record(item).version, "reason": "blurred"}
    assert desk.send(f"/api/evidence/{item}/review", body).json["field"] == "note"
    answer = desk.send(f"/api/evidence/{item}/review", {**body, "note": "请重拍"})
    assert answer.json["stage"] == "returned"


def test_a_member_of_the_team_cannot_decide(world: World, item: str):
    member = Desk(world, "member")
    body = {"act": "approve", "version": world.record(item).version}
    answer = member.send(f"/api/evidence/{item}/review", body)
    assert (answer.status_code, answer.json["code"]) == (403, "own_work")


def test_a_confirmation_opens_a_case_once(world: World, desk: Desk):
    version = world.record(world.finding).version
    body = {"version": version, "served_on": "2026-11-17", "working_days": 15, "due_on": "2026-12-07"}
    path, before = f"/api/findings/{world.finding}/confirm", size(world)
    wrong = desk.send(path, body)
    assert (wrong.status_code, wrong.json["field"]) == (400, "due_on")
    assert size(world) == before
    answer = desk.send(path, {**body, "due_on": "2026-12-08"})
    assert (answer.status_code, answer.json["due_on"]) == (201, "2026-12-08")
    case = desk.get(f"/api/cases/{answer.json['case']}").json
    assert (case["row"]["due_on"], case["row"]["days_left"], case["row"]["stage"]) == (
        "2026-12-08",
        15,
        "notified",
    )
    assert [each["id"] for each in case["findings"]] == [world.finding]
    assert {each["reminder"]["delivery"] for each in case["planned"]} == {"planned"}
    assert desk.send(path, {**body, "due_on": "2026-12-08"}).json["code"] == "version_changed"
    assert Desk(world, "neighbour").get(f"/api/cases/{answer.json['case']}").status_code == 404


def test_what_there_is_not_is_a_problem(desk: Desk):
    for path, status in (("/api/nowhere", 404), ("/api/evidence/x", 404)):
        answer = desk.get(path)
        assert (answer.status_code, answer.mimetype) == (status, PROBLEM)
    assert desk.send("/api/evidence", {}).mimetype == PROBLEM
