"""Pictures that resemble an earlier one: found by the sweep, told on item, queue and bed, and only to who may see."""

from __future__ import annotations

import argparse
import json

import pytest

from server.accounts import users
from server.cli import alike
from server.console.pages import Likenesses
from server.evidence import resembling
from server.queries import evidence as queries
from server.queries import evidence_queue, rounds
from server.queries.reading import reading
from server.storage import likeness_store
from server.storage.likeness_store import Hashed
from tests.evidence.test_likeness import COPIES, encoded, opened, scene
from tests.server.desk_client import Desk, words
from tests.server.world import PASSWORD, World, beside

COPY = encoded(COPIES["all of it"](opened(scene(1))))


def page(world: World, item: str, login: str = "supervisor") -> Likenesses:
    """Return what a reader is told of an item's likenesses."""
    with reading(world.services, world.users[login], "en") as look:
        return queries.evidence_page(look, item).alike


def pair(world: World) -> tuple[str, str]:
    """Return a picture and its copy of another bed, once the sweep has seen both."""
    first = world.photograph(plain=scene(1), ward_round=world.ward_round, bed_check=world.checks[0])
    world.photograph(plain=scene(3), bed_check=world.checks[3])
    second = world.photograph(plain=COPY, ward_round=world.ward_round, bed_check=world.checks[1])
    while resembling.sweep(world.services):
        pass
    return first, second


def test_a_copy_is_flagged_on_item_queue_and_bed_and_the_first_is_not(world: World):
    first, second = pair(world)
    with reading(world.services, world.users["supervisor"], "en") as look:
        rows = {
            row.id: row.flags
            for row in evidence_queue.evidence_queue(look, evidence_queue.asked({"state": ""})).rows
        }
        grid = rounds.round_page(look, world.ward_round)
    flags = [tile.flags for ward in grid.wards for tile in ward.beds]
    assert "resembles" in rows[second]
    assert "resembles" not in rows[first]
    assert "resembles" in flags[1]
    assert "resembles" not in flags[0]
    (shown,) = page(world, second).shown
    assert (shown.id, shown.earlier, shown.turned) == (first, True, False)
    assert [one.earlier for one in page(world, first).shown] == [False]


def test_the_page_shows_both_side_by_side_with_who_when_and_where(world: World):
    first, second = pair(world)
    answer = Desk(world, "supervisor").get(f"/evidence/{second}")
    assert f"/evidence/{first}/file?width=320" in answer.text
    assert "有 1 张影像与本件相似" in words(answer)
    assert "更早的影像" in words(answer)
    body = Desk(world, "supervisor").get(f"/api/evidence/{second}").json
    assert [one["id"] for one in body["alike"]["shown"]] == [first]


def test_of_another_bureaus_picture_its_bureau_is_told_and_nothing_else(world: World):
    for login, role in (("farlead", "lead_inspector"), ("farmember", "inspector")):
        new = users.check(login=login, name="测试甲090", roles=(role,), region="341503")
        world.users[login], _ = users.enlist(world.services, new, PASSWORD)
    there = beside(world, team=("farlead", "farmember"))
    far = there.photograph(plain=scene(1))
    near = world.photograph(plain=COPY)
    while resembling.sweep(world.services):
        pass
    told = page(world, near)
    assert not told.shown
    assert [one.count for one in told.elsewhere] == [1]
    answer = Desk(world, "supervisor").get(f"/evidence/{near}")
    assert far not in answer.text
    assert "您无权查看" in words(answer)
    assert [one.id for one in page(world, near, "city").shown] == [far]


def test_several_pictures_of_one_check_and_the_very_same_bytes_are_no_likeness(world: World):
    one = world.photograph(plain=scene(1), bed_check=world.checks[0])
    world.photograph(plain=COPY, bed_check=world.checks[0])
    world.photograph(plain=scene(1), bed_check=world.checks[1])
    while resembling.sweep(world.services):
        pass
    assert not page(world, one).shown


def test_what_is_no_picture_is_looked_at_once(world: World):
    text = world.photograph(plain=b"%PDF-1.7 nothing to see", media_type="application/pdf")
    while resembling.sweep(world.services):
        pass
    assert page(world, text) == Likenesses()
    assert resembling.sweep(world.services) == 0


def test_a_file_that_has_not_arrived_is_compared_once_it_has(world: World):
    waiting = world.photograph(plain=scene(1), sent=False)
    while resembling.sweep(world.services):
        pass
    assert page(world, waiting).looked is False


def test_the_command_compares_everything_anew(world: World, capsys: pytest.CaptureFixture[str]):
    pair(world)
    assert alike.run(argparse.Namespace(again=True, json=True), world.installation.app) == 0
    told = json.loads(capsys.readouterr().out)
    # The world's own two drawings resemble each other too.
    assert told["pairs"] == 2
    assert told["asked"] == 0


def test_near_hashes_are_found_by_their_bands_without_reading_all(world: World):
    with world.services.database.writing(1) as connection:
        for number in range(50):
            likeness_store.note(
                connection, 1, Hashed(f"e{number}", number, number), (number, 1000 + number, 0, 0)
            )
        found = likeness_store.near(connection, 1, {0: [7], 1: [1009]})
        plan = [
            str(row)
            for row in connection.exec_driver_sql(
                ("EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN ")
                + "SELECT evidence FROM likeness WHERE ledger = 1 AND band0 IN (7, 8)"
            )
        ]
    assert {one.evidence for one in found} == {"e7", "e9"}
    if connection.dialect.name == "sqlite":
        assert any("ix_likeness_band0" in line for line in plan)
