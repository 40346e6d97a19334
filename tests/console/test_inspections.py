"""Inspections at the desk: found by filter, seen on a calendar, told as one timeline; and who has had none."""

from __future__ import annotations

from datetime import date

import pytest

from schemas.drafting import Draft
from server.queries import planning
from tests.server.desk_client import Desk, heading, words
from tests.server.world import World


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


def make(world: World, **more: str) -> str:
    """Plan another inspection of the hospital."""
    values = {
        "kind": "special_check",
        "mode": "open",
        "institution": world.hospital,
        "lead": world.users["lead"],
        "planned_on": "2026-11-20",
        **more,
    }
    return world.make("inspection", values, by="supervisor", members=[world.users["member"]])


def test_the_list_is_narrowed_by_every_filter(world: World, desk: Desk):
    made = make(world)
    for query, there in (
        ({}, True),
        ({"state": "draft"}, True),
        ({"state": "approved"}, False),
        ({"kind": "special_check"}, True),
        ({"kind": "routine_check"}, False),
        ({"mode": "covert"}, False),
        ({"region": "341502"}, True),
        ({"region": "341503"}, False),
        ({"institution": "H34150290001"}, True),
        ({"institution": "H34150200017"}, False),
        ({"officer": world.users["member"]}, True),
        ({"officer": world.users["city"]}, False),
        ({"since": "2026-11-20", "until": "2026-11-20"}, True),
        ({"since": "2026-11-21"}, False),
        ({"until": "2026-11-19"}, False),
    ):
        page = desk.get("/inspections", **query)
        assert page.status_code == 200
        assert (f"/inspections/{made}" in page.text) == there, query


@pytest.mark.parametrize(
    "query",
    [{"state": "moon"}, {"kind": "moon"}, {"mode": "moon"}, {"since": "yesterday"}, {"institution": "x"}],
)
def test_a_filter_that_is_none_is_refused_by_name(desk: Desk, query: dict[str, str]):
    assert desk.get("/inspections", **query).status_code == 400


def test_the_order_is_by_planned_day_either_way(world: World, desk: Desk):
    early, late = make(world, planned_on="2026-11-18"), make(world, planned_on="2026-12-30")
    latest, soonest = (desk.get("/inspections", **query).text for query in ({}, {"sort": "soonest"}))
    assert latest.index(late) < latest.index(early)
    assert soonest.index(early) < soonest.index(late)


def test_the_calendar_shows_a_visit_on_its_day_in_month_and_week(world: World, desk: Desk):
    made = make(world, planned_on="2026-11-26")
    for query in ({"on": "2026-11-01"}, {"on": "2026-11-24", "view": "week"}):
        page = desk.get("/inspections/calendar", **query).text
        day = page.partition('datetime="2026-11-26"')[2].partition("</section>")[0]
        assert f"/inspections/{made}" in day
    assert made not in desk.get("/inspections/calendar", on="2026-12-15").text
    assert desk.get("/inspections/calendar", on="nonsense").status_code == 200


def test_a_day_that_is_full_counts_what_it_leaves_out(world: World, desk: Desk):
    for _ in range(10):
        make(world, planned_on="2026-12-09")
    assert "另有 2 项" in words(desk.get("/inspections/calendar", on="2026-12-01"))


def test_an_inspection_tells_everything_that_happened_with_who_and_when(world: World, desk: Desk):
    page = desk.get(f"/inspections/{world.inspection}")
    said = words(page)
    assert heading(page) == "测试市第001医院"
    for word in ("证据", "问题", "查房", "新建", "阶段 现场检查", "测试甲006"):
        assert word in said
    assert f"/rounds/{world.ward_round}" in page.text
    assert f"/findings/{world.finding}" in page.text
    assert f"/evidence/{world.evidence[0]}" in page.text
    assert page.text.index("已批准") < page.text.rindex("新建"), "newest first"


def test_a_handover_is_told_by_the_names_that_came_and_went(world: World, desk: Desk):
    made = make(world)
    world.act(Draft("edit", "inspection", made, {}, remove={"members": [world.users["member"]]},
                    add={"members": [world.users["city"]]}), by="supervisor")  # fmt: skip
    said = words(desk.get(f"/inspections/{made}"))
    assert "人员变动" in said
    assert "− 测试甲006" in said
    assert "+ 测试甲002" in said


def test_an_inspection_of_another_region_is_not_found(world: World):
    neighbour = Desk(world, "neighbour")
    assert neighbour.get(f"/inspections/{world.inspection}").status_code == 404
    assert world.inspection not in neighbour.get("/inspections").text


def test_a_reader_who_plans_nothing_sees_no_form(world: World):
    auditor = Desk(world, "auditor")
    for path in ("/inspections", f"/inspections/{world.inspection}", "/inspections/coverage"):
        page = auditor.get(path)
        assert page.status_code == 200
        assert "安排检查" not in words(page)
        assert "改派" not in words(page)


# -- coverage ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("on", "months", "first", "last"),
    [
        (date(2026, 11, 17), 3, date(2026, 10, 1), date(2026, 12, 31)),
        (date(2026, 11, 17), 6, date(2026, 7, 1), date(2026, 12, 31)),
        (date(2026, 1, 1), 3, date(2026, 1, 1), date(2026, 3, 31)),
        (date(2028, 2, 29), 6, date(2028, 1, 1), date(2028, 6, 30)),
    ],
)
def test_a_period_is_the_quarter_or_half_year_of_a_day(on: date, months: int, first: date, last: date):
    assert planning.period_of(on, months) == (first, last)


def institution(world: World, number: int, kind: str) -> str:
    """Enter another institution of the county."""
    letter = "P" if kind == "pharmacy" else "H"
    values = {
        "fixmedins_code": f"{letter}341502{number:05d}",
        "name": f"测试机构{number}",
        "kind": kind,
        "region": "341502",
    }
    return world.make("institution", values)


def test_who_has_had_no_inspection_in_its_period_is_listed_and_a_plan_alone_does_not_cover(
    world: World, desk: Desk
):
    clinic, shop = institution(world, 80001, "clinic"), institution(world, 80002, "pharmacy")
    medical = desk.get("/inspections/coverage").text
    assert (clinic in medical, shop in medical, world.hospital in medical) == (True, False, False)
    assert shop in desk.get("/inspections/coverage", group="pharmacies").text
    make(world, institution=clinic)
    assert clinic in desk.get("/inspections/coverage").text
    assert clinic not in desk.get("/inspections/coverage", unplanned="1").text
    assert desk.get("/inspections/coverage", group="moon").status_code == 400


def test_an_inspection_of_an_earlier_period_covers_nobody(world: World, desk: Desk):
    shop = institution(world, 80003, "pharmacy")
    made = make(world, institution=shop, planned_on="2026-09-30")
    world.move("inspection", made, "draft", "approved", by="supervisor")
    world.move("inspection", made, "approved", "on_site", by="lead")
    page = desk.get("/inspections/coverage", group="pharmacies")
    assert shop in page.text
    assert "2026年9月30日" in words(page)
