"""The board of many remote rounds: what needs somebody comes first, and fifty take no more queries than two."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.drafting import Draft
from server.commit.acts import act
from server.queries import round_board
from server.queries.reading import reading
from server.rounds import orders
from server.rounds.calling import Call, order
from tests.api.shape_checker import Checker, answer_schema
from tests.imports.files import HOSPITAL, OTHER
from tests.rounds.test_flags_at_the_desk import Ward
from tests.rounds.town import MINUTE_MS, Town, desk
from tests.server.desk_client import Desk, words
from tests.server.test_query_plans import asked


@pytest.fixture
def chief(town: Town) -> Desk:
    """The city's supervisor, signed in."""
    return desk(town, "chief", "supervisor", "341500")


def told(who: Desk, **query: str) -> dict[str, Any]:
    """Return the board as the API tells it."""
    answer = who.get("/api/ward-rounds/board", **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def stands(board: dict[str, Any]) -> list[tuple[str, str]]:
    """Return each round of a board with what it asks for, in the board's order."""
    return [(row["id"], row["attention"]) for row in board["rows"]]


def test_the_rate_rises_as_beds_are_answered_and_doubts_are_counted(town: Town, chief: Desk):
    ward = Ward(town, size=4)
    (row,) = told(chief)["rows"]
    assert (row["beds"], row["answered"], row["rate"], row["attention"]) == (4, 0, 0, "running")
    ward.answer(0)
    ward.answer(1)
    ward.sync()
    (row,) = told(chief)["rows"]
    assert (row["answered"], row["in_time"], row["rate"], row["flagged"]) == (2, 2, 50, 0)
    assert row["presence"] == {"in_bed": 2, "unchecked": 2}
    ward.answer(2, picture=None, presence="absent")
    ward.sync()
    board = told(chief)
    assert (board["rows"][0]["rate"], board["rows"][0]["flagged"], board["rows"][0]["attention"]) == (
        75,
        1,
        "doubted",
    )
    assert (board["total"]["rate"], board["total"]["answered"], board["total"]["beds"]) == (75, 3, 4)
    said = words(chief.get("/rounds/board"))
    assert "执行率 75%" in said
    described = chief.get("/api/openapi.json").json
    shape = answer_schema(described, "get", "/api/ward-rounds/board", 200)
    assert Checker(described).faults(board, shape) == []


def test_what_came_late_is_answered_and_not_in_time(town: Town, chief: Desk):
    ward = Ward(town, size=2)
    ward.answer(0)
    ward.sync()
    town.pass_minutes(40)
    ward.answer(1)
    ward.sync()
    (row,) = told(chief)["rows"]
    assert (row["answered"], row["in_time"], row["rate"]) == (2, 1, 50)


def test_the_most_urgent_round_comes_first(town: Town, chief: Desk):
    running = town.call(method="random", size=2, respond_minutes=60)
    over = town.call(method="random", size=1, respond_minutes=60)
    step = {"stage": {"from": "in_progress", "to": "concluded"}}
    act(town.services, [Draft("edit", "ward_round", over, step)], user=town.supervisor)
    stuck = town.call(method="random", size=2, wards=("W99",))
    late = town.call(method="random", size=2, respond_minutes=10)
    soon = town.call(method="random", size=2, respond_minutes=15)
    later = town.call(call_at=town.services.now_ms() + 90 * MINUTE_MS)
    town.pass_minutes(11)
    orders.sweep(town.services)
    expected = [
        (stuck, "stuck"),
        (late, "missed"),
        (soon, "soon"),
        (running, "running"),
        (later, "to_come"),
        (over, "over"),
    ]
    assert stands(told(chief)) == expected
    assert stands(told(chief, state="attention")) == expected[:3]
    assert stands(told(chief, state="over")) == expected[5:]
    assert {chip["value"]: chip["count"] for chip in told(chief)["chips"]} == {
        "": 6,
        "attention": 3,
        "running": 5,
        "over": 1,
    }
    said = words(chief.get("/rounds/board", state="attention"))
    assert "名单上没有符合条件的病人" in said


def test_a_call_has_a_board_of_its_own(town: Town, chief: Desk):
    town.call(method="random", size=1)
    body = {"institutions": [town.hospital, town.other], "method": "random", "size": 2, "wards": ["W11"]}
    answer = chief.send("/api/ward-rounds", body)
    assert answer.status_code == 201, answer.text
    made = answer.json
    board = told(chief, entries=made["entries"])
    assert {row["id"] for row in board["rows"]} == set(made["rounds"])
    assert {row["institution"]["code"] for row in board["rows"]} == {
        HOSPITAL.fixmedins_code,
        OTHER.fixmedins_code,
    }
    assert len(told(chief)["rows"]) == 3
    page = chief.get("/rounds/board", entries=made["entries"])
    assert all(f'href="/rounds/{one}"' in page.text for one in made["rounds"])
    assert "台账" in words(page)


def test_a_day_has_the_rounds_of_that_day(town: Town):
    made = town.call(method="random", size=1)
    today = town.services.today()
    town.pass_minutes(24 * 60)
    morrow = desk(town, "morrow", "supervisor", "341500")
    assert stands(told(morrow)) == []
    assert "这里还没有远程查房" in words(morrow.get("/rounds/board"))
    assert [key for key, _ in stands(told(morrow, day=today.isoformat()))] == [made]


def test_a_round_of_another_region_is_on_nobodys_board(town: Town, chief: Desk):
    made = town.call(method="random", size=1)
    index = town.record(made).acts[0].index
    neighbour = desk(town, "neighbour", "supervisor", "341599")
    for query in ({}, {"entries": f"{index}-{index}"}):
        assert told(neighbour, **query)["rows"] == []
        assert len(told(chief, **query)["rows"]) == 1
    assert told(chief, region="341599")["rows"] == []
    assert told(chief, region=HOSPITAL.region)["total"]["rounds"] == 1
    # A city's code ends in 00 and is no prefix of its counties' codes.
    assert told(chief, region=f"{HOSPITAL.region[:4]}00")["total"]["rounds"] == 1


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"entries": "x"}, "entries"),
        ({"entries": "9-3"}, "entries"),
        ({"entries": "0-200"}, "entries"),
        ({"day": "yesterday"}, "day"),
        ({"state": "gone"}, "state"),
    ],
)
def test_what_is_no_board_is_refused_by_its_word(town: Town, chief: Desk, query: dict[str, str], field: str):
    answer = chief.get("/api/ward-rounds/board", **query)
    assert (answer.status_code, answer.json["field"]) == (400, field)
    assert chief.get("/rounds/board", **query).status_code == 400


def test_many_rounds_take_as_many_queries_as_two(town: Town, chief: Desk):
    for _ in range(2):
        town.call(method="random", size=2)
    ward = Ward(town, size=2)
    ward.answer(0)
    ward.sync()
    few = _queries(town)
    wanted = Call(institutions=(town.hospital, town.other), method="random", size=2)
    for _ in range(5):
        order(town.services, town.supervisor, wanted)
    assert _queries(town) <= few + 2


def _queries(town: Town) -> int:
    """Return how many queries the board of today takes."""
    with asked(town.installation) as statements:
        with reading(town.services, town.users["chief"]) as look:
            page = round_board.board_page(look, round_board.Wanted())
        assert page.rows
    return len(statements)


def test_who_is_no_supervisor_calls_nobody_by_program(town: Town):
    later = town.call(call_at=town.services.now_ms() + 60 * MINUTE_MS)
    before = town.size()
    for login, role, region, status in (
        ("reader", "auditor", "341500", 403),
        ("neighbour", "supervisor", "341599", 404),
    ):
        who = desk(town, login, role, region)
        size = town.size()
        body = {"institutions": [town.hospital], "method": "everybody"}
        assert who.send("/api/ward-rounds", body).status_code == status
        assert who.send("/api/ward-rounds/preview", body).status_code == status
        assert who.send(f"/api/ward-rounds/{later}/call", {}).status_code == status
        assert town.size() == size
    assert town.size() >= before
    assert town.record(later).stage == "planned"


def test_a_round_that_waits_is_called_by_program(town: Town, chief: Desk):
    later = town.call(call_at=town.services.now_ms() + 60 * MINUTE_MS)
    assert chief.send(f"/api/ward-rounds/{later}/call", {}).status_code == 200
    assert town.record(later).stage == "in_progress"
    assert chief.send(f"/api/ward-rounds/{later}/call", {}).status_code == 400
