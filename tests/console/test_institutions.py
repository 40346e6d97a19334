"""Institutions and their dossiers: found, narrowed, complete or not, and only in the reader's region."""

from __future__ import annotations

import pytest

from tests.server.desk_client import Desk, heading, words
from tests.server.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


def test_the_list_shows_what_is_open_at_an_institution(world: World, desk: Desk):
    said = words(desk.get("/institutions"))
    assert "测试市第001医院" in said
    assert "H34150290001" in said
    assert "2026年11月17日" in said


@pytest.mark.parametrize(
    "query", [{"q": "001医"}, {"q": "h3415"}, {"kind": "hospital"}, {"grade": "C"}, {"region": "341502"}]
)
def test_an_institution_is_found_by_what_it_is(desk: Desk, query: dict[str, str]):
    assert "测试市第001医院" in desk.get("/institutions", **query).text


@pytest.mark.parametrize("query", [{"q": "药店"}, {"kind": "pharmacy"}, {"grade": "A"}, {"level": "3"}])
def test_an_institution_that_is_something_else_is_left_out(desk: Desk, query: dict[str, str]):
    answer = desk.get("/institutions", **query)
    assert "测试市第001医院" not in answer.text
    assert "没有符合条件的机构" in answer.text


@pytest.mark.parametrize("sort", ["code", "findings", "cases", "inspected", "waiting"])
def test_every_order_shows_every_institution(desk: Desk, sort: str):
    assert "测试市第001医院" in desk.get("/institutions", sort=sort).text


def test_an_order_that_there_is_not_is_refused(desk: Desk):
    assert desk.get("/institutions", sort="luck").status_code == 400


def test_a_dossier_has_seven_parts_and_names_what_is_missing(world: World, desk: Desk):
    said = words(desk.get(f"/institutions/{world.hospital}"))
    for part in ("基本信息", "证件与协议", "违规证据", "约谈记录", "整改通知书", "整改报告", "处理意见书"):
        assert part in said
    assert "没有服务协议" in said
    assert "统一社会信用代码" in said


def test_an_institution_of_another_county_is_not_there(world: World):
    neighbour = Desk(world, "neighbour")
    assert "测试市第001医院" not in neighbour.get("/institutions").text
    answer = neighbour.get(f"/institutions/{world.hospital}")
    assert answer.status_code == 404
    assert heading(answer) == "没有这个页面，或者您无权查看"


def test_the_interface_gives_what_the_pages_show(world: World, desk: Desk):
    listed = desk.get("/api/institutions", q="001医").json
    assert [row["id"] for row in listed["rows"]] == [world.hospital]
    one = desk.get(f"/api/institutions/{world.hospital}").json
    assert [part["name"] for part in one["parts"]][:2] == ["basic", "certificates"]
    assert Desk(world, "neighbour").get(f"/api/institutions/{world.hospital}").status_code == 404
