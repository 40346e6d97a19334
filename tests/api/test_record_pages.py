"""A list is read page by page while others work: nothing is missed, and nothing of it asks the whole ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from schemas.drafting import Draft
from server.queries import records, registers
from server.queries.reading import reading
from server.queries.records import Asked
from tests.server.builders import Installation, install
from tests.server.desk_client import Desk
from tests.server.test_query_plans import asked, is_walk, walks
from tests.server.world import World, build

MANY = 9


@pytest.fixture
def made(database_url: str, tmp_path: Any) -> Iterator[World]:
    """A world of its own, with some notes that can change."""
    world = build(install(tmp_path / "home", database_url), beds=MANY, photos=0)
    yield world
    world.services.engine.dispose()


def read(desk: Desk, sort: str, between: Callable[[int], None], limit: int = 2) -> list[tuple[str, int]]:
    """Return (id, version) of every bed check in the order given; between: what happens after each page."""
    found: list[tuple[str, int]] = []
    after, page = "", 0
    while True:
        query = {"limit": str(limit), "sort": sort, **({"after": after} if after else {})}
        answer = desk.get("/api/records/bed_check", **query).json
        assert len(answer["items"]) <= limit
        found += [(each["id"], each["version"]) for each in answer["items"]]
        if answer["next"] is None:
            return found
        after, page = answer["next"], page + 1
        assert page < 100, "a list that never ends"
        between(page)


def touch(world: World, *numbers: int) -> None:
    """Let a member add a word to some checks."""
    for number in numbers:
        draft = Draft("edit", "bed_check", world.checks[number], {"note": f"补充{world.services.now_ms()}"})
        world.act(draft, by="member")


@pytest.mark.parametrize("sort", ["id", "-id"])
def test_a_list_by_id_is_complete_and_names_nothing_twice_while_records_change(made: World, sort: str):
    before = set(made.checks)
    found = read(Desk(made, "supervisor"), sort, lambda page: touch(made, 0, page, MANY - 1))
    seen = [record for record, _ in found]
    assert set(seen) == before
    assert len(seen) == len(set(seen))
    assert seen == sorted(seen, reverse=sort == "-id")


def test_a_list_by_version_tells_every_change_and_no_version_twice(made: World):
    def change(page: int) -> None:
        if page <= 3:
            touch(made, 0, page)

    found = read(Desk(made, "supervisor"), "version", change)
    assert len(found) == len(set(found))
    assert [version for _, version in found] == sorted(version for _, version in found)
    newest = dict(found)
    assert newest == {check: made.record(check).version for check in made.checks}


def test_the_last_changed_come_first_when_asked_for(made: World):
    touch(made, 4, 2)
    found = read(Desk(made, "supervisor"), "-version", lambda page: None, limit=4)
    assert [record for record, _ in found][:2] == [made.checks[2], made.checks[4]]
    assert len(found) == MANY


def test_a_page_of_exactly_the_limit_ends_the_list(made: World):
    answer = Desk(made, "supervisor").get("/api/records/bed_check", limit=str(MANY)).json
    assert (len(answer["items"]), answer["next"]) == (MANY, None)


def test_the_desk_pages_forward_and_back_over_the_same_rows(made: World):
    kind = records.kind_of("bed_check")
    with reading(made.services, made.users["supervisor"]) as look:
        wanted = Asked(sort="-id")
        first = records.page(look, kind, wanted, limit=4)
        second = records.page(look, kind, wanted, limit=4, after=first.next)
        third = records.page(look, kind, wanted, limit=4, after=second.next)
        back = records.page(look, kind, wanted, limit=4, before=third.previous)
        start = records.page(look, kind, wanted, limit=4, before=back.previous)
    assert [len(page.records) for page in (first, second, third)] == [4, 4, 1]
    assert (first.previous, third.next) == ("", "")
    assert back.records == second.records
    assert (start.records, start.previous) == (first.records, "")


# What a list costs


@pytest.fixture
def on_sqlite(tmp_path: Any) -> Iterator[World]:
    """A world on SQLite, whose planner knows no statistics: what it does here it does everywhere."""
    world = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.sqlite'}"), beds=2, photos=1)
    yield world
    world.services.engine.dispose()


def plans(installation: Installation, statements: list[tuple[str, Any]]) -> list[str]:
    """Return the steps of the plans that look at records."""
    with installation.services.engine.connect() as connection:
        steps = [
            row.detail
            for statement, values in statements
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        ]
    return [step for step in steps if " record " in step]


@pytest.mark.parametrize("login", ["supervisor", "member"])
@pytest.mark.parametrize(
    "wanted",
    [
        Asked(),
        Asked(sort="-id"),
        Asked(sort="version"),
        Asked(sort="-version", changed_after=3),
        Asked(stage="heard"),
        Asked(region="341502"),
        Asked(conflicts=True),
        Asked(voided=True),
    ],
    ids=str,
)
def test_a_page_of_a_list_goes_by_an_index_of_its_type(on_sqlite: World, login: str, wanted: Asked):
    here, kind = on_sqlite.installation, records.kind_of("finding")
    with reading(here.services, on_sqlite.users[login]) as look:
        with asked(here) as statements:
            records.page(look, kind, wanted, limit=50)
            records.counts(look, {"all": records.matching(look, kind, wanted)})
        used = plans(here, statements)
    assert used
    assert not walks(here, statements)
    assert all("type=?" in step for step in used)


@pytest.mark.parametrize("sort", ["id", "-id", "version", "-version"])
def test_a_page_is_not_sorted_but_read_in_the_order_of_its_index(on_sqlite: World, sort: str):
    here, kind = on_sqlite.installation, records.kind_of("finding")
    with reading(here.services, on_sqlite.users["supervisor"]) as look, asked(here) as statements:
        records.page(look, kind, Asked(sort=sort), limit=50)
    with here.services.engine.connect() as connection:
        steps = [
            row.detail
            for statement, values in statements
            for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
        ]
    assert not [step for step in steps if "TEMP B-TREE" in step]


def test_what_lies_in_one_record_is_found_by_where_it_lies(on_sqlite: World):
    here, kind = on_sqlite.installation, records.kind_of("finding")
    with reading(here.services, on_sqlite.users["supervisor"]) as look, asked(here) as statements:
        records.page(look, kind, Asked(parent=on_sqlite.inspection), limit=50)
    assert [step for step in plans(here, statements) if "parent=? AND type=?" in step]


def test_a_register_and_a_record_s_page_ask_nothing_that_grows_with_the_ledger(on_sqlite: World):
    here, desk = on_sqlite.installation, Desk(on_sqlite, "supervisor")
    for path in (
        "/records",
        "/records/finding",
        f"/records/finding/{on_sqlite.finding}",
        "/records/institution",
    ):
        with asked(here) as statements:
            assert desk.get(path).status_code == 200
        assert not walks(here, statements), path


def test_fifty_rows_of_a_register_cost_as_many_queries_as_two(tmp_path: Any):
    numbers = []
    for beds in (2, 50):
        home = tmp_path / str(beds)
        home.mkdir()
        world = build(install(home / "home", f"sqlite:///{home / 'desk.sqlite'}"), beds=beds, photos=0)
        with reading(world.services, world.users["supervisor"]) as look:
            with asked(world.installation) as statements:
                page = registers.register_page(look, records.kind_of("bed_check"), {})
            assert len(page.rows) == beds
        numbers.append(len(statements))
        world.services.engine.dispose()
    assert numbers[0] == numbers[1] < 30


def test_the_judge_of_plans_finds_a_walk():
    assert is_walk("SCAN record")
