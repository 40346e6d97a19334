"""The log of accesses at the desk: who may read it, by person, record and day, and the proof of a line."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text

from server.accounts import access_log, access_roots
from tests.api.people import let_in
from tests.server.desk_client import Desk, words
from tests.server.world import World

OPENED = "查看原件"


@pytest.fixture(scope="module", autouse=True)
def looked(world: World) -> None:
    """A supervisor opened an item, one of another county signed in, and ten minutes went by."""
    let_in(world)
    Desk(world, "neighbour")
    here = world.services
    for _ in range(2):
        access_log.note(here, world.users["supervisor"], access_log.READ_FILE, world.evidence[0])
        world.installation.clock.advance(seconds=601)
    assert access_roots.sweep(here) > 0
    access_log.note(here, world.users["supervisor"], access_log.READ_SMALL, world.evidence[0])


def lines(answer) -> list[str]:
    return re.findall(r'href="/access-log/([0-9a-f-]{36})"', answer.text)


@pytest.mark.parametrize("login", ["supervisor", "member", "portal"])
def test_who_is_neither_auditor_nor_administrator_reads_no_line(world: World, login: str):
    desk = Desk(world, login)
    assert [desk.get(path).status_code for path in ("/access-log", "/access-log.csv", "/api/access-log")] == [
        403
    ] * 3


def test_an_auditor_reads_the_lines_of_his_region_the_newest_first(world: World):
    page = Desk(world, "auditor").get("/access-log")
    assert OPENED in words(page)
    found = lines(page)
    assert found == sorted(found, reverse=True)
    assert {"待入账", "已入账"} <= set(re.findall(r"待入账|已入账", words(page)))


def test_an_administrator_of_a_county_reads_nothing_of_another(world: World):
    ids = {one["user"] for one in Desk(world, "admin").get("/api/access-log").json["items"]}
    assert world.users["supervisor"] in ids
    assert world.users["neighbour"] not in ids
    everybody = Desk(world, "auditor").get("/api/access-log").json["items"]
    assert world.users["neighbour"] in {one["user"] for one in everybody}


def test_lines_are_found_by_person_record_act_and_day(world: World):
    desk = Desk(world, "auditor")
    sent = desk.post("/access-log", login="supervisor", act="read_file", day="2026-11-17")
    assert sent.status_code == 303
    assert f"user={world.users['supervisor']}" in sent.location
    assert "login" not in sent.location
    assert len(lines(desk.get(sent.location))) == 2
    assert len(lines(desk.get("/access-log", record=world.evidence[0]))) == 3
    assert "没有符合" in words(desk.get("/access-log", day="2020-01-01"))
    assert "日期不正确" in words(desk.get("/access-log", day="yesterday"))
    assert desk.get("/api/access-log", day="yesterday").json["code"] == "bad_value"


def test_pages_go_on_where_the_last_one_ended(world: World):
    desk = Desk(world, "auditor")
    everything = [one["id"] for one in desk.get("/api/access-log").json["items"]]
    found, after = [], None
    while True:
        page = desk.get("/api/access-log", limit=2, **({"after": after} if after else {})).json
        found += [one["id"] for one in page["items"]]
        after = page["next"]
        if after is None:
            break
    assert found[: len(everything)] == everything


def test_a_line_is_proven_by_the_root_in_the_ledger(world: World):
    desk = Desk(world, "auditor")
    placed = desk.get("/api/access-log", act="read_file").json["items"][0]
    shown = desk.get(f"/api/access-log/{placed['id']}").json
    assert (shown["verdict"], shown["root"]) == ("ok", shown["computed"])
    page = desk.get(f"/access-log/{placed['id']}")
    assert "台账已证明" in words(page)
    proof = re.search(r'href="(/ledger/proof\?index=\d+)"', page.text)
    assert proof
    assert desk.get(proof[1]).status_code == 200
    waiting = desk.get("/api/access-log", act="read_derivative").json["items"][0]
    assert desk.get(f"/api/access-log/{waiting['id']}").json["verdict"] == "waiting"
    assert desk.get(f"/access-log/{'0' * 36}").status_code == 404


def test_the_log_is_taken_as_a_table_and_that_is_logged(world: World):
    answer = Desk(world, "auditor").get("/access-log.csv", act="read_file")
    assert answer.content_type.startswith("text/csv")
    assert answer.text.count("read_file") == 2
    assert Desk(world, "auditor").get("/api/access-log", act="take_table").json["items"]


def test_a_root_that_does_not_fit_its_lines_is_told(world: World):
    desk = Desk(world, "auditor")
    placed = desk.get("/api/access-log", act="read_file").json["items"][0]
    with world.services.engine.begin() as connection:
        # As somebody might who can drop the triggers.
        if connection.dialect.name == "sqlite":
            connection.execute(text("DROP TRIGGER access_log_no_delete"))
        else:
            connection.execute(text("ALTER TABLE access_log DISABLE TRIGGER USER"))
        other = {"id": placed["id"], "user": world.users["supervisor"]}
        order = 'DELETE FROM access_log WHERE id <> :id AND "user" = :user AND id < :id'
        connection.execute(text(order), other)
    assert desk.get(f"/api/access-log/{placed['id']}").json["verdict"] == "bad"
