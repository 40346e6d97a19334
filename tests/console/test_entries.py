"""The ledger's entries at the desk: listed, narrowed, proven now, and taken away as a proof."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.ledger.proofs import verify_package
from tests.server.desk_client import Desk, heading, words
from tests.server.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


def test_entries_are_listed_newest_first_and_narrowed(desk: Desk):
    assert "台账条目" in words(desk.get("/entries"))
    rows = desk.get("/entries", type="inspection").text
    assert "/entries/" in rows
    assert "没有这样的条目" in desk.get("/entries", kind="recover").text
    assert 'href="/entries/2"' in desk.get("/entries", **{"from": "2"}).text


def test_a_kind_that_there_is_not_is_refused(desk: Desk):
    assert desk.get("/entries", kind="luck").status_code == 400
    assert desk.get("/entries", **{"from": "x"}).status_code == 400


def test_an_entry_shows_its_proof_and_no_content(world: World, desk: Desk):
    index = world.record(world.finding).version
    answer = desk.get(f"/entries/{index}")
    assert "在已签名的检查点之下" in words(answer)
    assert "1103" not in answer.text
    assert f"/records/finding/{world.finding}" in answer.text


def test_an_entry_beyond_the_end_is_not_there(desk: Desk):
    for index in ("999999", "-1", "x", "1" * 20):
        answer = desk.get(f"/entries/{index}")
        assert answer.status_code == 404, index
    assert heading(answer)


def test_a_downloaded_proof_is_checked_without_the_server(world: World, desk: Desk, tmp_path: Path):
    index = world.record(world.finding).version
    answer = desk.get(f"/entries/{index}/proof")
    proven = verify_package(answer.data)
    assert (proven.index, proven.change_shown) == (index, True)


def test_who_cannot_open_the_record_gets_its_proof_without_its_change(world: World):
    index = world.record(world.finding).version
    answer = Desk(world, "neighbour").get(f"/entries/{index}/proof")
    proven = verify_package(answer.data)
    assert (proven.index, proven.change_shown) == (index, False)
    assert world.finding not in Desk(world, "neighbour").get(f"/entries/{index}").text
