"""The search box: everything in the reader's region by number or name, persons by POST and for some roles alone."""

from __future__ import annotations

import pytest

from server.storage import access_store
from tests.server.desk_client import Desk, words
from tests.server.world import World, person_number


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


def searches(world: World, login: str) -> int:
    """Return how often somebody looked for a person, by the access log."""
    with world.services.database.reading() as connection:
        seen = access_store.of_user(connection, world.services.ledger.id, world.users[login])
    return sum(one.act == "search_person" for one in seen)


def test_what_is_typed_moves_into_the_address_and_is_found(world: World, desk: Desk):
    answer = desk.post("/search", q="第001医院")
    assert answer.status_code == 303
    said = words(desk.get(answer.location))
    assert "测试市第001医院" in said
    for group in ("机构", "检查与查房", "问题", "证据"):
        assert group in said


@pytest.mark.parametrize("login", ["supervisor", "auditor"])
def test_a_digest_leads_to_its_evidence_and_a_number_to_its_entry(world: World, login: str):
    desk = Desk(world, login)
    digest = world.record(world.evidence[0]).values["digest"]
    assert f"/evidence/{world.evidence[0]}" in desk.get("/search", q=digest[:12]).text
    assert 'href="/entries/3"' in desk.get("/search", q="3").text


def test_people_phones_and_any_id_are_found(world: World, desk: Desk):
    assert "测试甲006" in words(desk.get("/search", q="测试甲006"))
    assert f"/rounds/{world.ward_round}" in desk.get("/search", q=world.ward_round).text


def test_one_group_is_shown_a_page_at_a_time(desk: Desk):
    answer = desk.get("/search", q="第001医院", **{"in": "evidence"})
    assert answer.status_code == 200
    assert "全部类别" in answer.text


def test_a_person_is_found_by_number_without_an_address_and_it_is_logged(world: World, desk: Desk):
    before = searches(world, "supervisor")
    answer = desk.post("/search", q=person_number(1))
    assert answer.status_code == 200
    assert world.encounters[0] in answer.text
    assert world.encounters[1] not in answer.text
    assert person_number(1) not in answer.text
    assert searches(world, "supervisor") == before + 1


def test_looking_for_somebody_unknown_is_logged_too(world: World, desk: Desk):
    before = searches(world, "supervisor")
    assert "没有此人的就诊记录" in desk.post("/search", q=person_number(999)).text
    assert searches(world, "supervisor") == before + 1


def test_an_auditor_does_not_look_for_persons(world: World):
    answer = Desk(world, "auditor").post("/search", q=person_number(1))
    assert world.encounters[0] not in answer.text
    assert "您的角色不能按人员查询" in answer.text


def test_a_supervisor_of_another_county_finds_no_person_and_no_institution(world: World):
    neighbour = Desk(world, "neighbour")
    assert world.encounters[0] not in neighbour.post("/search", q=person_number(1)).text
    said = neighbour.get("/search", q="第001医院").text
    assert world.hospital not in said
    assert "没有找到" in said


def test_a_persons_number_in_an_address_is_not_looked_for_and_not_repeated(world: World, desk: Desk):
    before = searches(world, "supervisor")
    nobody = person_number(777)
    moved = desk.get("/search", q=nobody)
    assert (moved.status_code, moved.location) == (303, "/search")
    answer = desk.get("/search")
    assert "人员号码不会在网址中查找" in answer.text
    assert searches(world, "supervisor") == before


@pytest.mark.parametrize(
    ("asked", "told"), [("院", "至少输入两个字符"), ("x" * 81, "最多输入 80 个字符"), ("", "要找什么")]
)
def test_what_cannot_be_looked_for_is_told(desk: Desk, asked: str, told: str):
    assert told in desk.get("/search", q=asked).text


def test_the_box_stands_on_every_page(desk: Desk):
    for path in ("/", "/evidence", "/ledger", "/records"):
        assert "data-find" in desk.get(path).text


def test_the_interface_searches_too(world: World, desk: Desk):
    found = desk.get("/api/search", q="第001医院").json
    assert [
        hit["id"] for group in found["groups"] if group["name"] == "institutions" for hit in group["hits"]
    ] == [world.hospital]
    persons = desk.send("/api/search/persons", {"number": person_number(2)}).json
    assert [hit["id"] for hit in persons["groups"][0]["hits"]] == [world.encounters[1]]
    assert desk.send("/api/search/persons", {"number": "12"}).status_code == 400


def test_the_interface_shows_an_auditor_no_person(world: World):
    answer = Desk(world, "auditor").send("/api/search/persons", {"number": person_number(2)})
    assert answer.status_code == 403
