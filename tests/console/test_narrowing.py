"""Lists of findings and cases are narrowed, put in order and paged by the words of their address."""

from __future__ import annotations

import pytest

from tests.server.desk_client import Desk, words
from tests.server.world import World

PATHS = ("/findings", "/cases")


@pytest.fixture
def desk(world: World) -> Desk:
    """A supervisor of the city, who sees several counties."""
    return Desk(world, "city")


@pytest.fixture
def confirmed(world: World) -> None:
    """A case stands beside the finding."""
    if world.record(world.finding).stage == "in_case":
        return
    answer = Desk(world, "supervisor").send(
        f"/api/findings/{world.finding}/confirm",
        {
            "version": world.record(world.finding).version,
            "served_on": world.services.today().isoformat(),
            "working_days": 15,
        },
    )
    assert answer.status_code == 201, answer.text


@pytest.mark.usefixtures("confirmed")
@pytest.mark.parametrize("path", PATHS)
def test_a_region_narrows_the_list_and_its_counts(desk: Desk, path: str):
    assert "测试市第001医院" in words(desk.get(path, region="341502"))
    other = desk.get(path, region="341503")
    assert "测试市第001医院" not in words(other)
    assert "data-row" not in other.text


@pytest.mark.usefixtures("confirmed")
@pytest.mark.parametrize("path", PATHS)
def test_the_words_stay_in_every_link_of_the_page(desk: Desk, path: str):
    page = desk.get(path, region="341502", sort="-version").text
    assert "region=341502" in page
    assert "sort=-version" in page
    assert '<option value="341502" selected>' in page
    assert '<option value="-version" selected>' in page


@pytest.mark.parametrize(
    ("path", "sorts"),
    [("/findings", ("waiting", "-version", "version")), ("/cases", ("urgency", "-version", "-served_on"))],
)
def test_each_order_that_is_offered_is_taken(desk: Desk, path: str, sorts: tuple[str, ...]):
    page = desk.get(path).text
    for sort in sorts:
        assert f'value="{sort}"' in page
        assert desk.get(path, sort=sort).status_code == 200


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("asked", [{"sort": "amount"}, {"region": "34"}, {"region": "abc"}, {"page": "0"}])
def test_what_is_no_order_region_or_page_is_refused(desk: Desk, path: str, asked: dict[str, str]):
    assert desk.get(path, **asked).status_code == 400


def test_the_order_is_the_one_that_was_asked_for(world: World, desk: Desk):
    values = {
        "inspection": world.inspection,
        "violation_code": "duplicate_charge",
        "facts": "重复收费。",
        "amount_fen": 100,
    }
    later = [
        world.make("finding", {**values, "facts": "重复收费。", "origin": "on_site"}, by="member")
        for _ in range(2)
    ]

    def order(sort: str) -> list[int]:
        page = desk.get("/findings", sort=sort, state="draft").text
        return [page.index(each) for each in later]

    newest, oldest = order("-version"), order("version")
    assert newest == sorted(newest, reverse=True)
    assert oldest == sorted(oldest)


def test_another_county_sees_none_of_it_whatever_it_asks_for(world: World):
    page = words(Desk(world, "neighbour").get("/findings", region="341502"))
    assert "测试市第001医院" not in page
