"""A POST under a key of its own is carried out once; JSON that somebody has already is not sent again."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import func, select

from server.api import repeats
from server.storage import answer_store
from sync.errors import Busy
from tests.server.desk_client import Desk
from tests.server.world import World

PROBLEM = "application/problem+json"


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


@pytest.fixture
def item(world: World) -> str:
    """Evidence that waits for review."""
    return world.photograph(world.installation.clock.now % 90_000, bed_check=world.checks[0])


def send(desk: Desk, item: str, key: str, **more: Any) -> Any:
    """Approve an item under a key."""
    version = more.pop("version", None) or desk.world.record(item).version  # type: ignore[attr-defined]
    heads = {"X-CSRFToken": desk.token(), repeats.HEADER: key}
    body = {"act": "approve", "version": version, **more}
    return desk.client.post(f"/api/evidence/{item}/review", json=body, headers=heads)


def kept(world: World) -> int:
    """Return how many answers are kept."""
    with world.services.database.reading() as connection:
        return int(connection.execute(select(func.count()).select_from(answer_store.TABLE)).scalar_one())


def test_a_request_that_comes_again_gets_the_first_answer_and_does_nothing(
    world: World, desk: Desk, item: str
):
    version = world.record(item).version
    first = send(desk, item, "key-1", version=version)
    again = send(desk, item, "key-1", version=version)
    assert (first.status_code, again.status_code) == (200, 200)
    assert again.json == first.json
    assert repeats.REPEATED not in first.headers
    assert again.headers[repeats.REPEATED] == "true"
    assert world.record(item).version == first.json["version"]


def test_without_a_key_the_same_request_is_judged_anew(world: World, desk: Desk, item: str):
    body = {"act": "approve", "version": world.record(item).version}
    assert desk.send(f"/api/evidence/{item}/review", body).status_code == 200
    assert desk.send(f"/api/evidence/{item}/review", body).json["code"] == "version_changed"


def test_a_key_stands_for_one_address_and_body(world: World, desk: Desk, item: str):
    version = world.record(item).version
    assert send(desk, item, "key-2", version=version).status_code == 200
    for other in ({"act": "reject"}, {"note": "另一句"}):
        answer = send(desk, item, "key-2", version=version, **other)
        assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
        assert answer.mimetype == PROBLEM
    elsewhere = world.photograph(world.installation.clock.now % 90_000 + 1, bed_check=world.checks[0])
    answer = send(desk, elsewhere, "key-2", version=version)
    assert answer.json["code"] == "idempotency_key_reused"


def test_a_refusal_is_the_first_answer_too(desk: Desk, item: str):
    first = send(desk, item, "key-3", version=1)
    again = send(desk, item, "key-3", version=1)
    assert first.status_code == again.status_code == 409
    assert again.json == first.json
    assert again.mimetype == PROBLEM


def test_keys_of_two_users_have_nothing_to_do_with_each_other(world: World, desk: Desk, item: str):
    version = world.record(item).version
    assert send(desk, item, "key-4", version=version).status_code == 200
    other = send(Desk(world, "city"), item, "key-4", version=version)
    assert other.json["code"] == "version_changed"


def test_nobody_without_a_session_learns_what_a_key_stood_for(world: World, desk: Desk, item: str):
    version = world.record(item).version
    assert send(desk, item, "key-5", version=version).status_code == 200
    assert send(Desk(world), item, "key-5", version=version).status_code == 401


@pytest.mark.parametrize("key", ["", "x" * (repeats.KEY_CHARS_MAX + 1), "schlüssel"])
def test_a_key_that_is_none_is_refused_by_its_name(desk: Desk, item: str, key: str):
    answer = send(desk, item, key)
    assert (answer.status_code, answer.json["code"], answer.json["field"]) == (
        400,
        "bad_value",
        repeats.HEADER,
    )


def test_a_request_that_is_being_worked_on_is_not_carried_out_beside_itself(
    world: World, desk: Desk, item: str, monkeypatch: pytest.MonkeyPatch
):
    """The second one comes while the first is at the door: it is told to wait, and then gets the answer."""
    begun, go_on, real = threading.Event(), threading.Event(), world.services.door.submit
    version, answers = world.record(item).version, []

    def slow(*given: Any) -> Any:
        begun.set()
        assert go_on.wait(30)
        return real(*given)

    monkeypatch.setattr(world.services.door, "submit", slow)
    first = threading.Thread(target=lambda: answers.append(send(desk, item, "key-6", version=version)))
    first.start()
    assert begun.wait(30)
    meanwhile = send(Desk(world, "supervisor"), item, "key-6", version=version)
    go_on.set()
    first.join()
    assert (meanwhile.status_code, meanwhile.json["code"]) == (409, "request_in_progress")
    assert meanwhile.headers["Retry-After"] == "1"
    assert answers[0].status_code == 200
    assert send(desk, item, "key-6", version=version).json == answers[0].json


def test_a_request_whose_worker_died_is_carried_out_by_the_next(
    world: World, desk: Desk, item: str, monkeypatch: pytest.MonkeyPatch
):
    version = world.record(item).version
    with monkeypatch.context() as patch:
        patch.setattr(answer_store, "settle", lambda *_, **__: None)
        assert send(desk, item, "key-7", version=version).status_code == 200
    assert send(desk, item, "key-7", version=version).json["code"] == "request_in_progress"
    world.installation.clock.advance(seconds=repeats.WORKING_MS / 1000 + 1)
    answer = send(desk, item, "key-7", version=version)
    assert answer.json["code"] == "version_changed", "what was done is not done again: it names its version"


def test_what_may_turn_out_otherwise_is_not_kept(
    world: World, desk: Desk, item: str, monkeypatch: pytest.MonkeyPatch
):
    version = world.record(item).version

    def busy(*_: Any) -> Any:
        raise Busy

    with monkeypatch.context() as patch:
        patch.setattr(world.services.door, "submit", busy)
        assert send(desk, item, "key-8", version=version).status_code == 503
    assert send(desk, item, "key-8", version=version).status_code == 200


def test_an_answer_is_forgotten_after_a_day_and_no_more_than_so_many_are_kept(
    world: World, desk: Desk, item: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(repeats, "KEYS_MAX", 3)
    for number in range(6):
        world.installation.clock.advance(seconds=1)
        assert send(desk, item, f"many-{number}", version=1).status_code == 409
    assert kept(world) <= 4 + 1  # the other user's, who has keys of his own
    world.installation.clock.advance(seconds=repeats.KEPT_MS / 1000 + 1)
    later = Desk(world, "supervisor")
    assert repeats.REPEATED not in send(later, item, "many-5", version=1).headers


def test_an_answer_that_is_too_long_is_not_kept(
    world: World, desk: Desk, item: str, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(repeats, "ANSWER_CHARS_MAX", 10)
    before = kept(world)
    assert send(desk, item, "long", version=1).status_code == 409
    assert kept(world) <= before


def test_neither_key_nor_body_stands_in_the_table(world: World, desk: Desk, item: str):
    send(desk, item, "a-key-to-look-for", version=1, note="要找的话")
    with world.services.database.reading() as connection:
        rows = [str(tuple(row)) for row in connection.execute(select(answer_store.TABLE))]
    assert rows
    assert not [row for row in rows if "a-key-to-look-for" in row or "要找的话" in row]


def test_an_answer_that_holds_a_secret_takes_no_key_and_is_kept_nowhere(world: World):
    desk = Desk(world, "supervisor")
    heads = {"X-CSRFToken": desk.token(), repeats.HEADER: "secret"}
    for path in ("/api/account/second-factor", f"/api/users/{world.users['member']}/reset"):
        before = kept(world)
        answer = desk.client.post(path, json={}, headers=heads)
        assert (answer.status_code, answer.json["code"], answer.json["field"]) == (
            400,
            "bad_value",
            repeats.HEADER,
        )
        assert kept(world) == before


# Entity tags


def test_what_somebody_has_already_is_not_sent_again(world: World, desk: Desk, item: str):
    for address in ("/api/evidence?limit=2", f"/api/evidence/{item}", "/api/types", "/api/openapi.json"):
        first = desk.get(address)
        assert first.status_code == 200, address
        again = desk.client.get(address, headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), address
        assert again.headers["ETag"] == first.headers["ETag"]
        assert desk.client.get(address, headers={"If-None-Match": '"other"'}).status_code == 200
    old = desk.get(f"/api/evidence/{item}").headers["ETag"]
    assert send(desk, item, f"tag-{item}").status_code == 200
    assert desk.client.get(f"/api/evidence/{item}", headers={"If-None-Match": old}).status_code == 200


def test_a_tag_opens_nothing_to_whoever_may_not_read(world: World, desk: Desk, item: str):
    tag = desk.get(f"/api/evidence/{item}").headers["ETag"]
    for stranger, status in ((Desk(world), 401), (Desk(world, "neighbour"), 404)):
        answer = stranger.client.get(f"/api/evidence/{item}", headers={"If-None-Match": tag})
        assert answer.status_code == status


def test_a_problem_and_the_session_have_no_tag(desk: Desk):
    assert "ETag" not in desk.get("/api/session").headers
    assert "ETag" not in desk.get("/api/evidence/x").headers
