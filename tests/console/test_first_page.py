"""The first page is light, and what it asks does not walk over all that lies there."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator

import pytest
from sqlalchemy import event

from tests.benchmarks.first_page import fill
from tests.server.builders import install
from tests.server.desk_client import Desk
from tests.server.world import World, build

BYTES_MAX = 200_000
RECORDS = 5_000
ADDRESS = re.compile(r'(?:src|href)="(/static/[^"#?]+)')
IMPORTED = re.compile(r'(?:from|import)\s*\(?["\'](\.{0,2}/[^"\']+\.js)["\']')


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A county with some thousand items of evidence, of which few wait."""
    home = tmp_path_factory.mktemp("first")
    made = build(install(home, f"sqlite:///{home / 'first.sqlite'}"))
    fill(made, RECORDS)
    yield made
    made.services.engine.dispose()


def transferred(desk: Desk, path: str) -> dict[str, int]:
    """Return {address: bytes} of a page and all that it brings along, compressed as the shipped proxy does."""
    page = desk.get(path)
    assert page.status_code == 200
    found = {path: len(gzip.compress(page.data))}
    waiting = set(ADDRESS.findall(page.text))
    while waiting:
        address = waiting.pop()
        answer = desk.get(address)
        assert answer.status_code == 200, address
        text = answer.mimetype.startswith("text/") or "svg" in answer.mimetype
        found[address] = len(gzip.compress(answer.data)) if text else len(answer.data)
        if address.endswith(".js"):
            folder = address.rpartition("/")[0]
            beside = [name for name in IMPORTED.findall(answer.text) if name.startswith("./")]
            waiting |= {f"{folder}/{name.removeprefix('./')}" for name in beside} - found.keys()
    return found


def test_the_first_page_and_all_it_brings_stay_below_200_kilobytes(world: World):
    found = transferred(Desk(world, "supervisor"), "/")
    assert len(found) > 4, "stylesheets, script and icons belong to it"
    assert sum(found.values()) < BYTES_MAX, found


def plans(world: World, path: str, word: str) -> list[list[str]]:
    """Return the plans of the statements with a word that a page asks, each as lines."""
    desk, found = Desk(world, "supervisor"), []
    engine = world.services.engine

    def note(_connection: object, _cursor: object, statement: str, values: object, *_: object) -> None:
        if word in statement:
            found.append((statement, values))

    event.listen(engine, "before_cursor_execute", note)
    assert desk.get(path).status_code == 200
    event.remove(engine, "before_cursor_execute", note)
    with engine.connect() as connection:
        return [
            [row.detail for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)]
            for statement, values in found
        ]


def test_counting_what_waits_reads_the_index_over_stages_and_not_every_record(world: World):
    told = plans(world, "/", "GROUP BY record.type")
    assert told
    for plan in told:
        assert any("ix_record_desk (ledger=? AND type=? AND stage=?" in line for line in plan), plan


@pytest.mark.parametrize(
    ("path", "word"), [("/evidence", "GROUP BY record.stage"), ("/records/evidence", "UNION ALL")]
)
def test_a_list_is_counted_from_the_index_alone(world: World, path: str, word: str):
    told = [line for plan in plans(world, path, word) for line in plan if line.startswith("SEARCH record")]
    assert told
    assert all("COVERING INDEX ix_record_desk" in line for line in told), told


@pytest.mark.parametrize("path", ["/evidence", "/evidence?state=approved"])
def test_no_question_of_the_queue_walks_all_that_lie_there(world: World, path: str):
    """In the order of versions, parents or roots a planner would meet every record of the ledger."""
    for plan in plans(world, path, "record.state FROM record") + plans(world, path, "places.parent"):
        walked = [line for line in plan if "ix_record_changed" in line or "ix_record_feed" in line]
        assert not walked, plan
