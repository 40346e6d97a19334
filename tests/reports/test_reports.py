"""Reports answer from real records, in the reader's scope alone, and leave as files."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from schemas.drafting import Draft
from server.accounts import access_log
from server.storage import access_store
from tests.server.desk_client import Desk, words
from tests.server.world import World

NAMES = ("presence", "ageing", "zeroing", "coverage")


@pytest.fixture(scope="module", autouse=True)
def case(world: World) -> str:
    """A finding confirmed, with a case of fifteen working days."""
    answer = Desk(world, "supervisor").send(
        f"/api/findings/{world.finding}/confirm",
        {"version": world.record(world.finding).version, "served_on": today(world), "working_days": 15},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json["case"])


def today(world: World) -> str:
    """Return the day it is in the world."""
    return world.services.today().isoformat()


def table(desk: Desk, name: str, **query: Any) -> list[dict[str, Any]]:
    """Return a report's rows by the names of its columns."""
    answer = desk.get(f"/api/reports/{name}", **query)
    assert answer.status_code == 200, answer.text
    names = [column["name"] for column in answer.json["table"]["columns"]]
    return [dict(zip(names, row, strict=True)) for row in answer.json["table"]["rows"]]


def test_presence_counts_beds_once_and_gives_an_interval(world: World):
    (row,) = table(Desk(world, "supervisor"), "presence")
    assert (row["institution"], row["rounds"], row["checked"], row["in_bed"]) == ("测试市第001医院", 1, 4, 3)
    assert row["low"] < row["share"] == 0.75 < row["high"]


def test_a_bed_of_which_two_say_different_things_says_nothing_of_the_share(world: World):
    values = {
        "ward_round": world.ward_round,
        "encounter": world.encounters[0],
        "bed_listed": "1101",
        "identity_method": "id_card",
        "presence": "absent",
        "conclusion": "normal",
    }
    check = world.make("bed_check", values, by="lead")
    (row,) = table(Desk(world, "supervisor"), "presence")
    assert (row["checked"], row["known"], row["in_bed"]) == (4, 3, 2)
    world.act(Draft("void", "bed_check", check, {}), by="lead")


def test_days_without_a_round_have_no_row(world: World):
    assert table(Desk(world, "supervisor"), "presence", since="2020-01-01", until="2020-01-31") == []


def test_an_open_case_waits_in_its_stage(world: World):
    rows = {row["stage"]: row for row in table(Desk(world, "supervisor"), "ageing")}
    assert sum(row["open"] for row in rows.values()) == 1
    (waiting,) = [row for row in rows.values() if row["open"]]
    assert (waiting["overdue"], waiting["median"], waiting["longest"]) == (0, 0, 0)


def test_the_day_of_the_case_is_the_first_on_which_it_stands(world: World):
    rows = table(Desk(world, "supervisor"), "zeroing")
    assert len(rows) == 30
    assert (rows[-1]["day"], rows[-1]["opened"], rows[-1]["closed"], rows[-1]["standing"]) == (
        today(world), 1, 0, 1,
    )  # fmt: skip
    assert rows[0]["standing"] == 0


def test_coverage_counts_what_took_place(world: World):
    (row,) = table(Desk(world, "supervisor"), "coverage")
    assert (row["institutions"], row["visited"], row["missing"], row["share"]) == (1, 1, 0, 1.0)


@pytest.mark.parametrize("name", NAMES)
def test_another_county_sees_nothing_of_it(world: World, name: str):
    for row in table(Desk(world, "neighbour"), name):
        assert not any(value for key, value in row.items() if key in ("open", "standing", "institutions"))
        assert row.get("institution") is None


@pytest.mark.parametrize("name", NAMES)
def test_nobody_sees_a_report_without_signing_in(world: World, name: str):
    assert Desk(world).get(f"/api/reports/{name}").status_code == 401


def test_a_report_that_there_is_not_and_days_that_are_none_are_refused(world: World):
    desk = Desk(world, "supervisor")
    assert desk.get("/api/reports/rumours").json["code"] == "not_found"
    answer = desk.get("/api/reports/zeroing", since="2026-11-20", until="2026-11-01")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_value")


def test_the_page_shows_every_report_and_says_which_days_it_could_not_take(world: World):
    desk = Desk(world, "supervisor")
    page = words(desk.get("/reports"))
    for title in ("哪些机构在床率最低？", "整改卡在哪一步？", "整改清零还差多少？", "哪些地区还没有查到？"):
        assert title in page
    assert "现显示最近一个月" in words(desk.get("/reports", since="yesterday"))


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("path", ["/reports/presence/{}", "/api/reports/presence/{}", "/rounds/execution/{}",
                                  "/records/finding/export/{}", "/api/records/finding/export/{}"])  # fmt: skip
def test_every_table_is_taken_along_and_that_is_logged(world: World, path: str, form: str):
    before = taken(world)
    answer = Desk(world, "supervisor").get(path.format(form))
    assert answer.status_code == 200, answer.text
    assert answer.headers["Content-Disposition"].endswith(f'-{today(world)}.{form}"')
    assert answer.data[:2] == (b"PK" if form == "xlsx" else b"\xef\xbb")
    assert taken(world) == before + 1


def taken(world: World) -> int:
    """Return how often a table was taken along."""
    with world.services.database.reading() as connection:
        rows = connection.execute(
            access_store.TABLE.select().where(access_store.TABLE.c.act == access_log.TAKE_TABLE)
        )
        return len(rows.all())


def test_a_register_leaves_with_its_filters_and_masked_as_on_the_page(world: World):
    desk = Desk(world, "supervisor")
    rows = list(csv.DictReader(io.StringIO(desk.get("/records/encounter/export/csv").text.lstrip("\ufeff"))))
    assert len(rows) == len(world.encounters)
    everything = " ".join(value for row in rows for value in row.values())
    assert "测试患者001" not in everything
    assert "测" in everything, "the ends of a name stay"
    assert "341599" not in everything or "*" in everything
    empty = desk.get("/records/finding/export/csv", stage="withdrawn").text
    assert len(list(csv.reader(io.StringIO(empty)))) == 1, "only the head"


def test_an_auditor_takes_no_private_word_along(world: World):
    text = Desk(world, "auditor").get("/records/finding/export/csv").text
    assert "核查时不在院" not in text
    assert "bed_hanging" in text or "挂床" in text


def test_a_form_or_a_register_that_there_is_not_is_refused(world: World):
    desk = Desk(world, "supervisor")
    assert desk.get("/records/finding/export/pdf").status_code == 404
    assert desk.get("/records/rumour/export/csv").status_code == 404
    assert desk.get("/records/finding/export/csv", stage="nowhere").status_code == 400
