"""The board of cases: every case once, by its stage, in as many queries for many as for few."""

from __future__ import annotations

from typing import Any

import pytest

from server.queries import case_board
from server.queries.reading import reading
from tests.api.shape_checker import Checker, answer_schema
from tests.console.cases_made import opened
from tests.server.desk_client import Desk, words
from tests.server.test_query_plans import asked
from tests.server.world import World

LATE, LATER = "2026-11-02", "2026-12-08"


@pytest.fixture(scope="module")
def cases(world: World) -> dict[str, str]:
    """Cases by the stage they stand at, and one more that is overdue."""
    made = {
        stage: opened(world, stage, fen=1_000_00) for stage in ("notified", "verifying", "returned", "closed")
    }
    return made | {"late": opened(world, "notified", due_on=LATE, fen=500_00)}


def told(desk: Desk, **query: str) -> dict[str, dict[str, Any]]:
    """Return the columns of the board as the API tells them, by stage."""
    answer = desk.get("/api/cases/board", **query)
    assert answer.status_code == 200, answer.text
    return {column["stage"]: column for column in answer.json["columns"]}


def test_every_case_stands_once_in_the_column_of_its_stage(world: World, cases: dict[str, str]):
    board = told(Desk(world, "supervisor"))
    assert list(board) == list(case_board.COLUMNS)
    standing = [card["id"] for column in board.values() for card in column["cards"]]
    assert sorted(standing) == sorted(cases.values())
    for stage in ("verifying", "returned", "closed"):
        assert [card["id"] for card in board[stage]["cards"]] == [cases[stage]]


def test_a_column_tells_how_many_how_much_and_how_many_are_overdue(world: World, cases: dict[str, str]):
    board = told(Desk(world, "supervisor"))
    assert (board["notified"]["count"], board["notified"]["overdue"]) == (2, 1)
    assert board["notified"]["amount_fen"] == 1_500_00
    assert (board["closed"]["count"], board["closed"]["overdue"]) == (1, 0)
    assert board["satisfied"] == {
        "stage": "satisfied", "count": 0, "overdue": 0, "amount_fen": 0, "cards": [], "more": 0,
    }  # fmt: skip


def test_what_is_overdue_stands_first_and_says_by_how_many_days(world: World, cases: dict[str, str]):
    first, second = told(Desk(world, "supervisor"))["notified"]["cards"]
    assert (first["id"], second["id"]) == (cases["late"], cases["notified"])
    assert first["days_left"] < 0 < second["days_left"]
    page = Desk(world, "supervisor").get("/cases/board")
    assert "逾期 1 件" in words(page)
    assert page.text.count("is-overdue") == 1


def test_a_closed_case_has_no_days_left(world: World, cases: dict[str, str]):
    (card,) = told(Desk(world, "supervisor"))["closed"]["cards"]
    assert card["days_left"] is None


def test_the_rest_of_a_column_is_one_link_away(
    world: World, cases: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(case_board, "CARDS_MAX", 1)
    desk = Desk(world, "supervisor")
    column = told(desk)["notified"]
    assert (column["count"], len(column["cards"]), column["more"]) == (2, 1, 1)
    page = desk.get("/cases/board")
    assert "/cases?state=notified" in page.text
    assert "另有 1 项" in words(page)
    assert desk.get("/cases", state="notified").text.count("data-row") == 2


@pytest.mark.parametrize("limit", ["ADDED_UP_MAX", "FINDINGS_MAX"])
def test_sums_that_are_not_whole_are_not_shown_and_the_page_says_so(
    world: World, cases: dict[str, str], monkeypatch: pytest.MonkeyPatch, limit: str
):
    monkeypatch.setattr(case_board, limit, 2)
    board = told(Desk(world, "supervisor"))
    assert {board[stage]["amount_fen"] for stage in ("notified", "verifying", "reopened")} == {None}
    assert "案件过多，未合计金额" in words(Desk(world, "supervisor").get("/cases/board"))
    if limit == "ADDED_UP_MAX":
        assert board["closed"]["amount_fen"] == 1_000_00, "what is closed is added up apart"


def test_the_board_is_narrowed_to_a_region(world: World, cases: dict[str, str]):
    city = Desk(world, "city")
    assert sum(column["count"] for column in told(city, region="341502").values()) == len(cases)
    assert sum(column["count"] for column in told(city, region="341503").values()) == 0
    assert city.get("/api/cases/board", region="nowhere").status_code == 400
    assert city.get("/cases/board", region="nowhere").status_code == 400


def test_a_case_of_another_county_is_on_nobodys_board(world: World, cases: dict[str, str]):
    neighbour = Desk(world, "neighbour")
    assert not any(column["cards"] or column["amount_fen"] for column in told(neighbour).values())
    assert "主管确认问题后" in words(neighbour.get("/cases/board"))


def test_the_answer_is_as_the_description_says(world: World, cases: dict[str, str]):
    desk = Desk(world, "supervisor")
    described = desk.get("/api/openapi.json").json
    shape = answer_schema(described, "get", "/api/cases/board", 200)
    assert Checker(described).faults(desk.get("/api/cases/board").json, shape) == []


def test_many_cases_take_as_many_queries_as_few(world: World, cases: dict[str, str]):
    few = _queries(world)
    for _ in range(6):
        opened(world, "rectifying")
    assert _queries(world) == few


def test_a_case_that_is_not_served_yet_stands_first_without_a_day(world: World, cases: dict[str, str]):
    case = opened(world, "assigned", fen=7_00)
    column = told(Desk(world, "supervisor"))["assigned"]
    (card,) = column["cards"]
    assert (card["id"], card["due_on"], card["days_left"]) == (case, None, None)
    assert (column["count"], column["overdue"], column["amount_fen"]) == (1, 0, 7_00)
    assert "尚未送达" in words(Desk(world, "supervisor").get("/cases/board"))


def _queries(world: World) -> int:
    """Return how many queries the board takes."""
    with asked(world.installation) as statements:
        with reading(world.services, world.users["supervisor"]) as look:
            page = case_board.board_page(look, {})
        assert page.total
    return len(statements)
