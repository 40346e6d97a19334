"""Institutions and officers are drawn by a seed that nobody chooses, and drawn again by anybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from schemas.drafting import Draft
from server.accounts import users
from server.casework import drawn_again, random_draws
from server.cli import main
from server.commit.acts import act
from server.imports.institutions import import_institutions
from server.storage.record_store import TABLE
from sync import draw
from sync.merge import Record
from tests.console.test_planning import plan
from tests.imports import files
from tests.server.builders import install
from tests.server.commands import find_in_environment
from tests.server.desk_client import Desk, words
from tests.server.world import PASSWORD, World, build

REGION = "341502"
FORM = {"region": REGION, "size": "3"}


@pytest.fixture
def city(tmp_path: Path) -> Iterator[World]:
    """A world whose inspectors have certificates, with a small city's institutions."""
    made = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"), photos=0, checked=1)
    new = users.check(login="third", name="测试甲099", roles=("inspector",), region=REGION)
    made.users["third"], _ = users.enlist(made.services, new, PASSWORD)
    for number, login in enumerate(("lead", "member", "third")):
        values = {"certificate": f"N{number:06d}", "certificate_until": "2027-12-31"}
        made.act(Draft("edit", "user", made.users[login], values), kind="setting")
    import_institutions(made.services, files.institutions(tmp_path / "institutions.csv"))
    yield made
    made.services.engine.dispose()


def drawn(world: World, desk: Desk, **form: object) -> Record:
    """Draw institutions as a supervisor does, and return the draw."""
    answer = desk.post("/inspections/draws", **{**FORM, **form})
    assert answer.status_code == 303, words(answer)
    return world.record(answer.location.rsplit("/", 1)[-1])


def test_institutions_are_drawn_and_the_page_draws_them_again(city: World):
    desk = Desk(city, "supervisor")
    made = drawn(city, desk, kind=["hospital"])
    assert len(made.values["drawn"]) == 3
    places = [city.record(one) for one in made.values["drawn"]]
    assert {one.values["kind"] for one in places} == {"hospital"}
    said = desk.get(f"/inspections/draws/{made.id}")
    assert "刚刚按台账重新抽取，结果一致" in words(said)
    assert all(str(one.values["fixmedins_code"]) in said.text for one in places)
    assert f'href="/inspections/draws/{made.id}"' in desk.get("/inspections/draws").text
    assert all(
        one.id in desk.get("/inspections/new", institution=[p.id for p in places]).text for one in places
    )


def test_anybody_draws_the_same_from_the_order_and_the_ledger(city: World):
    made = drawn(city, Desk(city, "supervisor"), kind=["pharmacy", "hospital"], grade=["A", "B", "C"])
    with city.services.database.reading() as connection:
        again = random_draws.again(connection, city.services.ledger.id, made.values, made.acts[0].index)
    assert again.seed == made.values["seed"]
    assert list(again.drawn) == sorted(made.values["drawn"])
    assert draw.population_digest(again.population) == made.values["population_digest"]


def test_what_became_of_institutions_later_changes_no_earlier_draw(city: World):
    desk = Desk(city, "supervisor")
    made = drawn(city, desk, kind=["hospital"])
    first = made.values["drawn"][0]
    step = Draft("edit", "institution", first, {"kind": "clinic", "credit_grade": "D"})
    act(city.services, [step], kind="setting")
    assert drawn_again.verify(city.services, made.id).ok


def test_two_draws_are_two_and_both_stay(city: World):
    desk = Desk(city, "supervisor")
    one, two = drawn(city, desk), drawn(city, desk)
    assert one.values["seed"] != two.values["seed"]
    listed = desk.get("/api/institution-draws").json["items"]
    assert {row["id"] for row in listed} == {one.id, two.id}


def test_a_row_that_was_altered_is_found(city: World):
    made = drawn(city, Desk(city, "supervisor"), size="1")
    other = next(
        key
        for key in (city.record(city.hospital).id, "0198c0de-0000-7000-8000-000000000001")
        if key not in made.values["drawn"]
    )
    (was,) = made.values["drawn"]
    with city.services.engine.begin() as connection:
        state = connection.execute(TABLE.select().where(TABLE.c.id == made.id)).one().state
        text = state if isinstance(state, str) else state.decode()
        connection.execute(update(TABLE).where(TABLE.c.id == made.id).values(state=text.replace(was, other)))
    found = drawn_again.verify(city.services, made.id)
    assert {fault for fault, _ in found.faults} == {"row"}


def test_a_hand_that_writes_who_was_drawn_is_found(city: World):
    services = city.services
    made = drawn(city, Desk(city, "supervisor"), size="2")
    ordered = Draft("create", "random_draw", "0198c0de-0000-7000-8000-00000000000a",
                    {"region": REGION, "size": 2})  # fmt: skip
    act(services, [ordered], user=city.users["supervisor"])
    values = {**{name: made.values[name] for name in ("seed", "population_count", "population_digest")},
              "stage": {"from": "ordered", "to": "drawn"}}  # fmt: skip
    forged = Draft("edit", "random_draw", ordered.record, values, add={"drawn": list(made.values["drawn"])})
    act(services, [forged], user=city.users["supervisor"])
    found = drawn_again.verify(services, ordered.record)
    assert {"seed", "sample"} <= {fault for fault, _ in found.faults}
    assert "结果不一致" in words(Desk(city, "supervisor").get(f"/inspections/draws/{ordered.record}"))


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"size": "0"}, "可抽取 1 至 200 家机构"),
        ({"size": "201"}, "可抽取 1 至 200 家机构"),
        ({"region": "x"}, "请选择您辖区内的地区"),
        ({"kind": ["castle"]}, "没有符合条件的机构"),
        ({"grade": ["Z"]}, "没有符合条件的机构"),
        ({"region": "341599"}, "没有符合条件的机构"),
    ],
)
def test_what_does_not_fit_is_named_and_draws_nothing(city: World, form: dict[str, object], word: str):
    desk = Desk(city, "supervisor")
    before = desk.get("/api/institution-draws").json["items"]
    answer = desk.post("/inspections/draws", **{**FORM, **form})
    assert (answer.status_code, word in words(answer)) == (422, True), words(answer)
    assert desk.get("/api/institution-draws").json["items"] == before


@pytest.mark.parametrize("login", ["auditor", "neighbour"])
def test_who_may_not_draws_nothing(city: World, login: str):
    desk = Desk(city, login)
    assert desk.post("/inspections/draws", **FORM).status_code == 403
    assert desk.send("/api/institution-draws", {"region": REGION, "size": 2}).status_code == 403
    made = drawn(city, Desk(city, "supervisor"))
    assert desk.post(f"/inspections/draws/{made.id}").status_code in (400, 403, 404)
    assert desk.send(f"/api/institution-draws/{made.id}/draw", {}).status_code in (400, 403, 404)


def test_programs_draw_and_draw_again(city: World):
    desk = Desk(city, "supervisor")
    body = {"region": REGION, "size": 2, "kinds": ["hospital"]}
    made = desk.send("/api/institution-draws", body)
    assert made.status_code == 201, made.text
    shown = desk.get(f"/api/institution-draws/{made.json['id']}").json
    assert (shown["ok"], shown["faults"], len(shown["drawn"])) == (True, [], 2)
    again = desk.send(f"/api/institution-draws/{made.json['id']}/draw", {})
    assert (again.status_code, again.json["code"]) == (400, "bad_transition")


def test_a_supervisor_of_a_county_draws_none_for_the_city(city: World):
    desk = Desk(city, "supervisor")
    assert desk.post("/inspections/draws", **{**FORM, "region": "341500"}).status_code == 403
    assert desk.get("/api/institution-draws").json["items"] == []


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """Run a command that goes well, and return what it printed."""
    capsys.readouterr()
    assert main([*arguments]) == 0
    return capsys.readouterr().out


def test_by_command_institutions_and_officers_are_drawn_and_verified(
    city: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    find_in_environment(city.services.config, monkeypatch)
    desk = Desk(city, "supervisor")
    inspection = plan(desk, city, way="drawn", draw_size="1", member=[])
    told = json.loads(run(capsys, "draw", "institutions", REGION, "2", "--by", "supervisor", "--json"))
    assert len(told["drawn"]) == 2
    assert "verified" in run(capsys, "draw", "verify", told["draw"])
    found = json.loads(run(capsys, "draw", "verify", inspection, "--json"))
    assert (found["ok"], found["what"], found["drawn"]) == (True, "officers", 1)
    assert desk.get(f"/api/inspections/{inspection}/draw").json["ok"]
    assert "结果一致" in words(desk.get(f"/inspections/{inspection}/draw"))
