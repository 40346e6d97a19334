"""Where an item was captured, on its page: drawn from records, or told why it is not."""

from __future__ import annotations

from server.queries import evidence
from server.queries.reading import reading
from tests.server.desk_client import Desk, words
from tests.server.world import HOSPITAL_AT, World, near


def test_the_page_draws_the_item_among_its_inspections_others(world: World):
    answer = Desk(world, "supervisor").get(f"/evidence/{world.evidence[0]}")
    assert answer.status_code == 200
    assert 'class="plan-item' in answer.text
    assert "图中各处均在院区范围内" in words(answer)
    assert "style=" not in answer.text
    assert "以机构为中心的方位图，上北下南" in answer.text
    assert "灰点：本次检查的其他 1 件证据" in words(answer)


def test_the_api_gives_the_same_plan(world: World):
    body = Desk(world, "supervisor").get(f"/api/evidence/{world.evidence[0]}").json
    assert body["plan"]["circle"] == "inside"
    assert [one["id"] for one in body["plan"]["others"]] == [world.evidence[1]]
    assert body["unplaced"] == ""


def test_a_place_far_outside_the_grounds_is_said_to_be_outside(world: World):
    lat, lon = HOSPITAL_AT
    far = world.photograph(70, position={**near(0), "lat_e7": lat + 500_000, "lon_e7": lon})
    answer = Desk(world, "supervisor").get(f"/evidence/{far}")
    assert "全部在院区范围" in words(answer)
    assert "之外" in words(answer)
    assert 'class="plan-fence"' in answer.text


def test_an_item_without_a_position_says_so_and_draws_nothing(world: World):
    item = world.photograph(71, position=None)
    answer = Desk(world, "supervisor").get(f"/evidence/{item}")
    assert "未记录位置" in words(answer)
    assert "plan-item" not in answer.text


def test_an_institution_without_a_position_is_told_apart(world: World):
    with reading(world.services, world.users["supervisor"]) as look:
        item, hospital = look.one("evidence", world.evidence[0]), look.one("institution", world.hospital)
        del hospital.values["position"]
        assert evidence.where.plan(look, item, hospital) is None
        assert evidence.where.unplaced(item, hospital) == "institution"
