"""The rectification register: every column of a case, narrowed, with chosen columns, on screen and taken along."""

from __future__ import annotations

import csv
import io
import subprocess
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from schemas.drafting import Draft
from server.queries import rectification_register
from server.queries.reading import reading
from server.queries.rectification_register import asked as wanted
from server.queries.register_columns import COLUMNS
from tests.api.shape_checker import Checker, answer_schema
from tests.console.cases_made import opened
from tests.server.desk_client import Desk, words
from tests.server.test_query_plans import asked
from tests.server.world import World

INTERVIEW_AT = 1_796_695_200_000
"""2026-12-08 10:00 in Shanghai."""


@pytest.fixture(scope="module")
def cases(world: World) -> dict[str, str]:
    """A case of which everything is known, one that is overdue, one that is closed."""
    full = opened(world, "rectifying", due_on="2026-12-08", fen=1_000_00, level="serious", subject="medical")
    place = {"institution": world.hospital, "case": full}
    notice = {**place, "number": "REG-1", "type": "rectification", "working_days": 15, "facts": "重复收费。"}
    made = world.make("notice", notice, by="supervisor")
    world.move("notice", made, "draft", "signed_off", by="supervisor")
    issued = {"stage": {"from": "signed_off", "to": "issued"}, "issued_on": "2026-11-16"}
    world.act(Draft("edit", "notice", made, issued), by="supervisor")
    served = {"stage": {"from": "issued", "to": "served"}, "served_on": "2026-11-17", "method": "post"}
    world.act(Draft("edit", "notice", made, served), by="supervisor")
    for kind, fen in (("refund", 600_00), ("penalty", 50_00)):
        owed = world.make("recovery", {**place, "kind": kind, "found_fen": fen}, by="supervisor")
        agreed = {"stage": {"from": "found", "to": "agreed"}, "agreed_fen": fen}
        world.act(Draft("edit", "recovery", owed, agreed), by="supervisor")
        paid = {"stage": {"from": "agreed", "to": "partly_paid"}, "paid_fen": fen // 2}
        world.act(Draft("edit", "recovery", owed, paid), by="supervisor")
    report = world.make("rectification_report", {**place, "round": 1}, by="supervisor")
    world.move("rectification_report", report, "draft", "submitted", by="supervisor")
    talk = {**place, "kind": "interview", "trigger": "overdue", "scheduled_at": INTERVIEW_AT}
    world.make("interview", talk, by="supervisor")
    return {
        "full": full,
        "late": opened(world, "notified", due_on="2026-11-02"),
        "closed": opened(world, "closed", due_on="2026-11-30"),
    }


def page(desk: Desk, **query: Any) -> dict[str, Any]:
    """Return a page of the register as the API tells it."""
    answer = desk.get("/api/cases/register", **query)
    assert answer.status_code == 200, answer.text
    return dict(answer.json)


def told(desk: Desk, case: str, **query: Any) -> dict[str, Any]:
    """Return every column of one case."""
    shown = page(desk, column=[column.name for column in COLUMNS], **query)
    names = [column["name"] for column in shown["table"]["columns"]]
    return dict(zip(names, shown["table"]["rows"][shown["ids"].index(case)], strict=True))


def test_a_case_stands_there_with_all_that_belongs_to_it(world: World, cases: dict[str, str]):
    row = told(Desk(world, "supervisor"), cases["full"])
    expected = {
        "code": world.record(world.hospital).values["fixmedins_code"], "violation_codes": "duplicate_charge",
        "subject": "定点医疗机构", "level": "较重", "number": "REG-1", "issued_on": "2026-11-16", "method": "邮寄送达",
        "served_on": "2026-11-17", "working_days": 15, "due_on": "2026-12-08", "stage": "跟办", "returns": 0,
        "amount_fen": 1_000_00, "agreed_fen": 650_00, "paid_fen": 325_00, "refund_fen": 300_00,
        "penalty_fen": 25_00, "voluntary_fen": 0, "reports": "1: 已提交", "interviews": "约谈 2026-12-08 拟约谈",
        "sanctions": "", "overdue_days": None, "closed_on": None,
    }  # fmt: skip
    assert {name: row[name] for name in expected} == expected
    assert set(row) == {column.name for column in COLUMNS}


def test_what_is_overdue_says_by_how_many_working_days(world: World, cases: dict[str, str]):
    row = told(Desk(world, "supervisor"), cases["late"])
    assert row["overdue_days"] > 0
    assert told(Desk(world, "supervisor"), cases["closed"])["overdue_days"] is None


def test_a_closed_case_tells_when_it_was_closed(world: World, cases: dict[str, str]):
    row = told(Desk(world, "supervisor"), cases["closed"])
    assert row["closed_on"] == world.services.today().isoformat()


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"state": "open"}, {"full", "late"}),
        ({"state": "overdue"}, {"late"}),
        ({"state": "closed_cases"}, {"closed"}),
        ({"since": "2026-11-20", "until": "2026-12-01"}, {"closed"}),
        ({"region": "341502"}, {"full", "late", "closed"}),
        ({"region": "341503"}, set()),
    ],
)
def test_it_is_narrowed(world: World, cases: dict[str, str], query: dict[str, str], shown: set[str]):
    assert set(page(Desk(world, "city"), **query)["ids"]) == {cases[name] for name in shown}


def test_what_presses_most_stands_first(world: World, cases: dict[str, str]):
    ids = page(Desk(world, "supervisor"))["ids"]
    assert ids == [cases["late"], cases["full"], cases["closed"]]


@pytest.mark.parametrize(
    "query", [{"state": "gone"}, {"column": "secret"}, {"since": "soon"}, {"sort": "luck"}, {"page": "0"}]
)
def test_what_is_no_register_is_refused_by_its_word(world: World, query: dict[str, str]):
    desk = Desk(world, "supervisor")
    answer = desk.get("/api/cases/register", **query)
    assert (answer.status_code, answer.json["field"]) == (400, next(iter(query)))
    assert desk.get("/cases/register", **query).status_code == 400


def test_the_page_shows_the_columns_that_were_chosen(world: World, cases: dict[str, str]):
    desk = Desk(world, "supervisor")
    usual, chosen = desk.get("/cases/register"), desk.get("/cases/register", column=["institution", "level"])
    assert '<th scope="col">责任人</th>' in usual.text
    assert '<th scope="col">责任人</th>' not in chosen.text
    assert '<th scope="col">情节</th>' in chosen.text
    assert "column=institution" in chosen.text, "what is taken along has the same columns"


def test_another_countys_cases_are_not_in_it(world: World, cases: dict[str, str]):
    neighbour = Desk(world, "neighbour")
    assert page(neighbour)["ids"] == []
    assert "没有符合条件的整改事项" in words(neighbour.get("/cases/register"))
    assert len(neighbour.get("/cases/register/csv").text.splitlines()) == 1


def test_the_answer_is_as_the_description_says(world: World, cases: dict[str, str]):
    desk = Desk(world, "supervisor")
    described = desk.get("/api/openapi.json").json
    shape = answer_schema(described, "get", "/api/cases/register", 200)
    assert Checker(described).faults(page(desk), shape) == []


def test_tables_hold_every_column_and_amounts_in_yuan(world: World, cases: dict[str, str]):
    desk = Desk(world, "supervisor")
    rows = list(csv.DictReader(io.StringIO(desk.get("/cases/register/csv").data.decode("utf-8-sig"))))
    assert len(rows) == 3
    assert list(rows[0]) == [column.zh for column in COLUMNS]
    assert {row["涉及金额"] for row in rows} == {"1000.00", "100.00"}
    sheet = load_workbook(io.BytesIO(desk.get("/api/cases/register/xlsx").data)).active
    assert sheet.max_row == 4
    assert desk.get("/cases/register/odt").status_code == 404


def test_on_paper_it_is_an_archive_paper_with_heads_and_pages(
    world: World, cases: dict[str, str], tmp_path: Path
):
    raw = Desk(world, "supervisor").get("/cases/register/pdf").data
    assert b"pdfaid:part>2<" in raw
    path = tmp_path / "register.pdf"
    path.write_bytes(raw)
    said = subprocess.run(
        ["pdftotext", "-layout", path, "-"], capture_output=True, text=True, check=True
    ).stdout
    for part in ("整改台账", "涉及金额", "1,000.00", "REG-1", "1/1", world.services.ledger.origin):
        assert part in said, part


def test_from_one_head_the_paper_is_the_same_to_the_byte_on_any_day(world: World, cases: dict[str, str]):
    desk = Desk(world, "supervisor")
    first = desk.get("/cases/register/pdf").data
    assert desk.get("/api/cases/register/pdf").data == first
    world.installation.clock.advance(days=3)
    try:
        assert Desk(world, "supervisor").get("/cases/register/pdf").data == first
    finally:
        world.installation.clock.advance(days=-3)
    assert desk.get("/cases/register/pdf", state="overdue").data != first


def test_a_register_too_long_for_one_paper_says_so(
    world: World, cases: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("server.documents.register.ROWS_MAX", 2)
    answer = Desk(world, "supervisor").get("/cases/register/pdf")
    assert answer.headers["X-Wardledger-Truncated"] == "2"
    monkeypatch.setattr("server.documents.register.ROWS_MAX", 3)
    assert "X-Wardledger-Truncated" not in Desk(world, "supervisor").get("/cases/register/pdf").headers


def test_a_case_that_is_not_served_yet_stands_there_without_a_day(world: World, cases: dict[str, str]):
    row = told(Desk(world, "supervisor"), opened(world, "assigned"), state="open")
    assert (row["served_on"], row["due_on"], row["overdue_days"], row["stage"]) == (None, None, None, "交办")


def test_many_cases_take_as_many_queries_as_few(world: World, cases: dict[str, str]):
    few = _queries(world)
    for _ in range(5):
        opened(world, "rectifying")
    assert _queries(world) == few


def _queries(world: World) -> int:
    with asked(world.installation) as statements, reading(world.services, world.users["supervisor"]) as look:
        assert rectification_register.register_page(look, wanted({}, [])).ids
    return len(statements)
