"""How things stand in a region: counted in SQL, of the reader's own scope, and on the page."""

from __future__ import annotations

from typing import Any

import pytest

from server.queries import overview
from server.queries.reading import reading
from tests.server.desk_client import Desk, words
from tests.server.world import World


@pytest.fixture(scope="module", autouse=True)
def case(world: World) -> str:
    """A finding confirmed, with a case of three working days."""
    answer = Desk(world, "supervisor").send(
        f"/api/findings/{world.finding}/confirm",
        {
            "version": world.record(world.finding).version,
            "served_on": world.services.today().isoformat(),
            "working_days": 3,
        },
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json["case"])


def told(world: World, login: str) -> dict[str, Any]:
    """Return what the API tells somebody."""
    answer = Desk(world, login).get("/api/overview")
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def test_a_county_is_shaded_by_its_open_cases(world: World):
    tiles = {tile["region"]: tile for tile in told(world, "city")["tiles"]}
    assert (tiles["341502"]["open"], tiles["341502"]["overdue"], tiles["341502"]["shade"]) == (1, 0, 4)
    assert (tiles["341503"]["open"], tiles["341503"]["shade"]) == (0, 0)
    assert len(tiles) >= 7, "counties without a case stand there too"


def test_a_supervisor_of_a_county_sees_that_county_alone(world: World):
    assert [tile["region"] for tile in told(world, "supervisor")["tiles"]] == ["341502"]
    (other,) = told(world, "neighbour")["tiles"]
    assert (other["region"], other["open"]) == ("341503", 0)


def test_coverage_stages_and_phones_are_of_the_readers_region(world: World):
    mine, others = told(world, "supervisor"), told(world, "neighbour")
    assert (mine["coverage"]["visited"], mine["coverage"]["institutions"]) == (1, 1)
    assert (others["coverage"]["visited"], others["coverage"]["institutions"]) == (0, 0)
    assert sum(stage["open"] for stage in mine["stages"]) == 1
    assert others["stages"] == []
    assert others["phones"]["enrolled"] == 0


def test_a_case_past_its_day_is_counted_as_overdue(world: World):
    world.installation.clock.advance(days=10)
    try:
        (tile,) = told(world, "supervisor")["tiles"]
        assert (tile["open"], tile["overdue"]) == (1, 1)
        assert "1 件逾期" in words(Desk(world, "supervisor").get("/"))
    finally:
        world.installation.clock.advance(days=-10)


def test_shades_run_from_none_to_the_most():
    shades = [overview._shade(number, 9) for number in range(10)]
    assert shades[0] == 0
    assert shades[1] >= 1, "a single case is seen"
    assert shades[-1] == overview.SHADES
    assert shades == sorted(shades)


def test_the_page_shows_it_and_an_auditor_of_the_city_too(world: World):
    page = words(Desk(world, "auditor").get("/"))
    for word in ("各县区未销号整改", "覆盖率", "手机"):
        assert word in page


def test_a_member_without_a_desk_role_counts_his_own_inspections_alone(world: World):
    with reading(world.services, world.users["member"]) as look:
        found = overview.overview(look)
    assert found.coverage.institutions <= 1
    assert sum(stage.open for stage in found.stages) <= 1
