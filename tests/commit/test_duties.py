"""Separation of duties, whoever calls: the door refuses one's own work, and so does the database by itself."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from schemas.drafting import Draft
from server.accounts import users
from server.casework import recusing
from server.casework.recusing import Wanted
from server.commit.acts import act, new_id
from server.ledger.audit import audit
from sync.errors import OwnWork
from tests.server.builders import install
from tests.server.world import PASSWORD, World, build

STEP = {"from": "pending_review", "to": "approved"}


@pytest.fixture
def world(tmp_path: Path, database_url: str) -> Iterator[World]:
    """A world with two who inspect and supervise both: `both` captured and is of the team, `once` has left it."""
    made = build(install(tmp_path / "home", database_url), beds=1, photos=1)
    for login in ("both", "once"):
        new = users.check(
            login=login, name=f"测试甲{login}", roles=("supervisor", "inspector"), region="341502"
        )
        made.users[login], _ = users.enlist(made.services, new, PASSWORD)
        add = {"members": [made.users[login]]}
        made.act(Draft("edit", "inspection", made.inspection, add=add), by="supervisor")
    gone = {"members": [made.users["once"]]}
    made.act(Draft("edit", "inspection", made.inspection, remove=gone), by="supervisor")
    made.evidence.append(made.photograph(7, by="both"))
    yield made
    made.services.engine.dispose()


def step(world: World, item: str, by: str, kind: str = "evidence", **stage: str) -> None:
    """Take a step as any caller of the door may try to."""
    world.act(Draft("edit", kind, item, {"stage": stage or STEP}), by=by)


def decision(world: World, about: str, word: str, **more: object) -> Draft:
    version = world.record(about).version
    values = {"about": about, "about_version": version, "act": word, **more}
    return Draft("create", "decision", new_id(world.services), values)


def duties(world: World) -> list[tuple[str, str, str | None]]:
    """Return (part, user, whose work) as the database has them."""
    with world.services.engine.connect() as connection:
        rows = connection.execute(text('SELECT part, "user", of_user FROM duty ORDER BY "index"'))
        return [tuple(row) for row in rows]


@pytest.mark.parametrize("who", ["both", "once"])
def test_the_door_refuses_who_made_evidence_or_ever_was_of_its_team(world: World, who: str):
    before = len(duties(world))
    for item in world.evidence:
        for draft in (Draft("edit", "evidence", item, {"stage": STEP}), decision(world, item, "approve")):
            with pytest.raises(OwnWork):
                world.act(draft, by=who)
        assert world.record(item).stage == "pending_review"
    assert len(duties(world)) == before


def test_the_door_lets_an_outsider_decide_and_the_database_keeps_who_it_was(world: World):
    item = world.evidence[-1]
    step(world, item, "supervisor")
    assert world.record(item).stage == "approved"
    assert duties(world)[-1] == ("review", world.users["supervisor"], world.users["both"])
    assert audit(world.services).ok


def test_leaving_the_team_in_the_same_act_helps_nobody(world: World):
    leave = Draft("edit", "inspection", world.inspection, remove={"members": [world.users["both"]]})
    with pytest.raises(OwnWork):
        world.act(leave, Draft("edit", "evidence", world.evidence[0], {"stage": STEP}), by="both")


def test_nobody_confirms_what_his_own_team_found(world: World):
    heard = {"from": "heard", "to": "confirmed"}
    with pytest.raises(OwnWork):
        step(world, world.finding, "both", "finding", **heard)
    step(world, world.finding, "supervisor", "finding", **heard)
    assert world.record(world.finding).stage == "confirmed"


def test_who_looked_first_does_not_look_again(world: World):
    item = world.evidence[0]
    new = users.check(
        login="again", name="测试甲099", roles=("supervisor", "second_reviewer"), region="341500"
    )
    world.users["again"], _ = users.enlist(world.services, new, PASSWORD)
    step(world, item, "again")
    with pytest.raises(OwnWork):
        world.act(decision(world, item, "agree"), by="again")
    world.act(decision(world, item, "agree"), by="city")
    assert [part for part, *_ in duties(world)] == ["review", "second"]


def test_who_proposed_to_close_a_case_does_not_close_it(world: World):
    values = {
        "inspection": world.inspection, "institution": world.hospital, "served_on": "2026-11-17",
        "working_days": 15, "due_on": "2026-12-08", "due_version": 1,
    }  # fmt: skip
    case = world.make("rectification_case", values, by="supervisor")
    way = ("assigned", "notified", "rectifying", "report_submitted", "verifying")
    world.move("rectification_case", case, *way, by="supervisor")
    closing = {"from": "verifying", "to": "closed"}
    with pytest.raises(OwnWork):
        step(world, case, "supervisor", "rectification_case", **closing)
    step(world, case, "city", "rectification_case", **closing)
    assert duties(world)[-1] == ("close", world.users["city"], world.users["supervisor"])


def put(world: World, item: str, part: str, user: str, index: int = 9_000, of: str | None = None) -> None:
    """Write a duty past the door."""
    row = {"item": item, "n": index, "part": part, "user": user, "of": of}
    order = 'INSERT INTO duty (ledger, item, "index", part, "user", of_user) VALUES (1, :item, :n, :part, :user, :of)'
    with world.services.engine.begin() as connection:
        connection.execute(text(order), row)


@pytest.mark.parametrize("part", ["review", "confirm", "second"])
@pytest.mark.parametrize("who", ["both", "once", "member"])
def test_the_database_refuses_ones_own_work_past_the_door(world: World, part: str, who: str):
    with pytest.raises(DBAPIError, match="separation of duties"):
        put(world, world.evidence[-1], part, world.users[who])


def test_the_database_refuses_a_second_look_and_a_closing_by_the_same_person(world: World):
    item, user, other = world.evidence[0], world.users["supervisor"], world.users["city"]
    put(world, item, "review", user)
    put(world, item, "propose", user, 9_001)
    for part in ("second", "close"):
        with pytest.raises(DBAPIError, match="separation of duties"):
            put(world, item, part, user, 9_002)
    put(world, item, "second", other, 9_002)
    put(world, item, "close", other, 9_003)
    with pytest.raises(DBAPIError, match="own_work"):
        put(world, item, "adopt", user, 9_004, of=user)
    with pytest.raises(DBAPIError, match="append-only"), world.services.engine.begin() as connection:
        connection.execute(text("DELETE FROM duty"))


def test_the_database_lets_nothing_be_decided_that_nobody_decided_on(world: World):
    order = text("UPDATE record SET stage = 'approved' WHERE id = :id")
    with pytest.raises(DBAPIError, match="separation of duties"), world.services.engine.begin() as connection:
        connection.execute(order, {"id": world.evidence[0]})
    act(
        world.services,
        [Draft("edit", "evidence", world.evidence[0], {"stage": STEP})],
        user=world.users["city"],
    )
    assert world.record(world.evidence[0]).stage == "approved"


def _sanction(world: World) -> str:
    """Propose a sanction on a case of the hospital and tell the party."""
    values = {
        "inspection": world.inspection, "institution": world.hospital, "served_on": "2026-11-17",
        "working_days": 15, "due_on": "2026-12-08", "due_version": 1,
    }  # fmt: skip
    case = world.make("rectification_case", values, by="supervisor")
    given = {
        "case": case,
        "institution": world.hospital,
        "track": "agreement",
        "level": "2",
        "proposed_by": "person",
    }
    made = world.make("sanction", given, by="supervisor")
    world.move("sanction", made, "proposed", "told_party", by="supervisor")
    return made


def test_the_database_keeps_apart_who_proposes_reviews_and_decides_a_sanction(world: World):
    made = _sanction(world)
    for part in ("legal", "decide"):
        for who in ("supervisor", "member"):
            with pytest.raises(DBAPIError, match="separation of duties"):
                put(world, made, part, world.users[who])
    put(world, made, "legal", world.users["city"], 9_001)
    with pytest.raises(DBAPIError, match="separation of duties"):
        put(world, made, "decide", world.users["city"], 9_002)
    put(world, made, "decide", world.users["neighbour"], 9_003)


def test_the_database_lets_no_sanction_be_decided_that_nobody_decided_on(world: World):
    made = _sanction(world)
    for stage, part, who in (("legal_reviewed", "legal", "city"), ("decided", "decide", "neighbour")):
        order = text("UPDATE record SET stage = :stage WHERE id = :id")
        with (
            pytest.raises(DBAPIError, match="separation of duties"),
            world.services.engine.begin() as connection,
        ):
            connection.execute(order, {"stage": stage, "id": made})
        put(world, made, part, world.users[who], 9_001 + len(stage))
        with world.services.engine.begin() as connection:
            connection.execute(order, {"stage": stage, "id": made})


def test_the_database_lets_a_recused_user_decide_nothing_there_past_the_door(world: World):
    item, stranger = world.evidence[0], world.users["city"]
    wanted = Wanted(stranger, world.hospital, "kinship")
    made = recusing.declare(world.services, world.users["city"], wanted).id
    for part in ("review", "second", "confirm", "adopt", "close", "legal", "decide"):
        with pytest.raises(DBAPIError, match="separation of duties"):
            put(world, item, part, stranger)
    put(world, item, "review", world.users["neighbour"])
    recusing.lift(world.services, world.users["supervisor"], made, "测试：关系已不存在")
    put(world, item, "adopt", stranger, 9_001)
