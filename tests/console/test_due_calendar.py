"""The calendar of due dates: cases, look-backs and interviews on their days, and which days are worked."""

from __future__ import annotations

from typing import Any

import pytest

from schemas.drafting import Draft
from server.queries import due_calendar
from server.queries.reading import reading
from tests.api.shape_checker import Checker, answer_schema
from tests.console.cases_made import opened
from tests.server.desk_client import Desk, words
from tests.server.test_query_plans import asked
from tests.server.world import World

INTERVIEW_AT = 1_796_695_200_000
"""2026-12-08 10:00 in Shanghai."""


@pytest.fixture(scope="module")
def cases(world: World) -> dict[str, str]:
    """Cases by why they stand in a calendar, and an interview."""
    made = {
        "late": opened(world, "notified", due_on="2026-11-02"),
        "due": opened(world, "rectifying", due_on="2026-12-08"),
        "closed": opened(world, "closed", due_on="2026-12-09"),
    }
    back = Draft("edit", "rectification_case", made["closed"], {"look_back_on": "2026-12-28"})
    world.act(back, by="supervisor")
    talk = {
        "institution": world.hospital,
        "kind": "interview",
        "trigger": "overdue",
        "scheduled_at": INTERVIEW_AT,
    }
    return made | {"interview": world.make("interview", talk, by="supervisor")}


def month(desk: Desk, **query: str) -> dict[str, Any]:
    """Return a month as the API tells it."""
    answer = desk.get("/api/cases/calendar", **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def standing(told: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return (day, kind, record) of everything on a calendar."""
    days = [day for week in told["weeks"] for day in week]
    return [(day["on"], one["kind"], one["id"]) for day in days for one in day["items"]]


def test_a_month_shows_what_falls_on_each_day(world: World, cases: dict[str, str]):
    told = month(Desk(world, "supervisor"), month="2026-12")
    assert standing(told) == [
        ("2026-12-08", "due", cases["due"]),
        ("2026-12-08", "interview", cases["interview"]),
        ("2026-12-28", "look_back", cases["closed"]),
    ]
    assert (told["before"], told["after"], told["total"]) == ("2026-11", "2027-01", 3)


def test_a_look_back_that_was_made_is_no_longer_awaited(world: World, cases: dict[str, str]):
    case = opened(world, "closed")
    for values, expected in (({"look_back_on": "2027-03-01"}, 1), ({"looked_back_on": "2027-03-01"}, 0)):
        world.act(Draft("edit", "rectification_case", case, values), by="supervisor")
        assert len(standing(month(Desk(world, "supervisor"), month="2027-03"))) == expected


def test_what_is_overdue_stands_above_every_month(world: World, cases: dict[str, str]):
    for shown in ("2026-12", "2027-05"):
        told = month(Desk(world, "supervisor"), month=shown)
        assert [one["id"] for one in told["overdue"]] == [cases["late"]]
    assert "已逾期 1 件" in words(Desk(world, "supervisor").get("/cases/calendar"))


def test_a_case_without_a_day_stands_on_none_and_is_counted(world: World, cases: dict[str, str]):
    before = month(Desk(world, "supervisor"), month="2026-12")
    opened(world, "assigned")
    after = month(Desk(world, "supervisor"), month="2026-12")
    assert after["not_served"] == before["not_served"] + 1
    assert standing(after) == standing(before)
    assert "送达后起算期限" in words(Desk(world, "supervisor").get("/cases/calendar"))


def test_holidays_and_make_up_days_are_marked(world: World, cases: dict[str, str]):
    told = month(Desk(world, "supervisor"), month="2026-10")
    sorts = {day["on"]: day["sort"] for week in told["weeks"] for day in week}
    assert {sorts[day] for day in ("2026-10-01", "2026-10-07")} == {"holiday"}
    assert (sorts["2026-10-10"], sorts["2026-10-11"], sorts["2026-10-12"]) == (
        "makeup", "weekend", "working",
    )  # fmt: skip
    assert told["provisional"] == []


def test_a_year_that_is_not_published_says_so(world: World, cases: dict[str, str]):
    assert month(Desk(world, "supervisor"), month="2027-05")["provisional"] == [2027]
    page = words(Desk(world, "supervisor").get("/cases/calendar", month="2027-05"))
    assert "2027年的放假安排尚未公布" in page


@pytest.mark.parametrize("wrong", ["2026-13", "2026", "1999-01", "2026-1", "２０２６-01"])
def test_what_is_no_month_is_refused(world: World, wrong: str):
    desk = Desk(world, "supervisor")
    answer = desk.get("/api/cases/calendar", month=wrong)
    assert (answer.status_code, answer.json["field"]) == (400, "month")
    assert desk.get("/cases/calendar", month=wrong).status_code == 400


def test_another_countys_days_are_not_on_it(world: World, cases: dict[str, str]):
    told = month(Desk(world, "neighbour"), month="2026-12")
    assert (standing(told), told["overdue"], told["not_served"]) == ([], [], 0)
    narrowed = month(Desk(world, "city"), month="2026-12", region="341503")
    assert standing(narrowed) == []


def test_more_than_is_listed_is_counted(world: World, cases: dict[str, str], monkeypatch: pytest.MonkeyPatch):
    opened(world, "notified", due_on="2027-06-07")
    opened(world, "notified", due_on="2027-06-08")
    monkeypatch.setattr(due_calendar, "LISTED_MAX", 1)
    assert month(Desk(world, "supervisor"), month="2027-06")["left_out"] == 1


def test_the_answer_is_as_the_description_says(world: World, cases: dict[str, str]):
    desk = Desk(world, "supervisor")
    described = desk.get("/api/openapi.json").json
    shape = answer_schema(described, "get", "/api/cases/calendar", 200)
    assert Checker(described).faults(month(desk, month="2026-12"), shape) == []


def test_many_due_dates_take_as_many_queries_as_few(world: World, cases: dict[str, str]):
    few = _queries(world)
    for day in range(1, 6):
        opened(world, "notified", due_on=f"2026-12-{day + 13}")
    assert _queries(world) == few


def _queries(world: World) -> int:
    with asked(world.installation) as statements, reading(world.services, world.users["supervisor"]) as look:
        assert due_calendar.calendar_page(look, {"month": "2026-12"}).total
    return len(statements)
