"""One picture shown twice is found wherever it lies, by a table that the ledger leads to and the audit compares."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from schemas.drafting import Draft
from server.ledger.audit import audit
from server.storage import original_store
from server.storage.original_store import Original
from tests.server.altering import altered, report_of
from tests.server.builders import Installation
from tests.server.world import World, build


@pytest.fixture
def world(installation: Installation) -> World:
    """An inspection with two photographs."""
    return build(installation)


def shown(world: World, *digests: str) -> dict[str, list[Original]]:
    services = world.services
    with services.database.reading() as connection:
        return original_store.shown_by(connection, services.ledger.id, digests)


def test_every_item_that_shows_an_original_is_found_the_first_one_first(world: World):
    digest = world.record(world.evidence[0]).values["digest"]
    again = world.photograph(0, sent=False)
    found = shown(world, digest)[digest]
    assert [one.evidence for one in found] == [world.evidence[0], again]
    assert all(one.root == world.inspection for one in found)
    assert shown(world, "ab" * 32) == {}
    assert audit(world.services).ok


def test_an_edit_of_an_item_leaves_its_original_where_it_was(world: World):
    item = world.evidence[0]
    digest = world.record(item).values["digest"]
    before = shown(world, digest)
    world.act(Draft("edit", "evidence", item, {"note": "改"}), by="member")
    assert shown(world, digest) == before


@pytest.mark.parametrize(("column", "value"), [("digest", "ab" * 32), ("root", "lost"), ("made", 1)])
def test_an_altered_original_is_found(world: World, column: str, value: object):
    with altered(world.services) as connection:
        connection.execute(text(f"UPDATE original SET {column} = :value"), {"value": value})
        report = report_of(world.services, connection)
    assert {(finding.table, finding.column) for finding in report.findings} == {("original", column)}


def test_an_original_that_is_gone_or_was_put_in_is_found(world: World):
    with altered(world.services) as connection:
        connection.execute(text("UPDATE original SET evidence = 'stranger' WHERE evidence = :one"),
                           {"one": world.evidence[0]})  # fmt: skip
        report = report_of(world.services, connection)
    assert {finding.key for finding in report.findings} == {world.evidence[0], "stranger"}
