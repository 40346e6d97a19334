"""A table of working days comes by command, at the desk and by program; deadlines that it touches move, with why."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from server.casework import recalculating
from server.imports.calendars import header, import_calendar, look_at
from server.imports.table import BadRows
from server.ledger.audit import audit
from server.reminders import working_calendars
from server.storage import deadline_store
from sync.errors import BadValue, NotAllowed
from tests.reminders.served_case import Bureau, served_case
from tests.rounds.town import Town, desk, found_town
from tests.server.builders import install
from tests.server.desk_client import Desk, words

HEADINGS = "日期,止,类型\n"
LOCAL = HEADINGS + "2026-12-01,2026-12-02,放假\n2026-12-12,,上班\n"
"""Two days off in the span of a case due on 8 December, and a Saturday to make up for one of them."""


def head(region: str = "341500", year: int = 2026, day: str = "2026-11-17", **more: Any) -> Any:
    return header(region, year, date.fromisoformat(day), **more)


def clocks(bureau: Bureau) -> dict[str, tuple[str, int]]:
    with bureau.services.database.reading() as connection:
        every = deadline_store.everything(connection, bureau.services.ledger.id)
    return {one.case: (one.due_on, one.due_version) for one in every}


def faults(text: str, year: int = 2026) -> list[tuple[int, str]]:
    return [(one.line, one.column) for one in look_at(text.encode(), head(year=year)).faults]


@pytest.mark.parametrize(
    ("rows", "wrong"),
    [
        ("2026-13-01,,放假\n2026-12-01,,放假", [(2, "day")]),
        ("2026-12-01,,放假\n2026-12-02,,也许", [(3, "kind")]),
        ("2026-12-01,,放假\n2026-12-02,,上班", [(3, "day")]),
        ("2026-12-01,2026-12-03,放假\n2026-12-03,,放假", [(3, "day")]),
        ("2026-12-05,,放假\n2026-12-05,,上班", [(3, "day")]),
        ("2026-12-03,2026-12-01,放假", [(2, "until")]),
        ("2025-11-30,,放假\n2027-01-01,,放假", [(2, "day"), (3, "day")]),
        ("2026-12-05,,上班", [(2, "kind")]),
        ("2026-12-01,,放假\n,,放假\n2026-12-09,,", [(3, "day"), (4, "kind")]),
    ],
)
def test_every_row_is_looked_at_and_each_that_does_not_fit_is_named(rows: str, wrong: list[tuple[int, str]]):
    assert faults(HEADINGS + rows) == wrong
    assert faults(LOCAL) == []


def test_what_does_not_fit_imports_nothing(bureau: Bureau):
    before = bureau.record(bureau.institution).version
    with pytest.raises(BadRows):
        import_calendar(bureau.services, (HEADINGS + "2026-12-01,,也许\n").encode(), head())
    for wrong in ({"region": "999999"}, {"year": 1999}, {"standing": "maybe"}):
        with pytest.raises(BadValue):
            head(**wrong)
    with bureau.services.database.reading() as connection:
        assert working_calendars.records(connection, bureau.services) == []
    assert bureau.record(bureau.institution).version == before


def test_a_new_table_moves_the_deadlines_whose_span_it_touches_and_says_why(bureau: Bureau):
    touched = served_case(bureau)
    before = served_case(bureau, due_on="2026-11-24", working_days=5)
    overdue = served_case(bureau, served_on="2026-10-12", due_on="2026-11-02")
    report = import_calendar(bureau.services, LOCAL.encode(), head(source="市政府通知"))
    assert (report.deadlines, report.off, report.working) == (1, 2, 1)
    assert clocks(bureau) == {
        touched: ("2026-12-10", 2),
        before: ("2026-11-24", 1),
        overdue: ("2026-11-02", 1),
    }
    values = bureau.record(touched).values
    assert (values["due_reason"], values["due_calendar"], values["first_due_on"]) == (
        "calendar", report.record, "2026-12-08",
    )  # fmt: skip
    assert bureau.record(report.record).stage == "in_force"
    again = import_calendar(bureau.services, LOCAL.encode(), head())
    assert (again.index, again.deadlines) == (None, 0)
    assert clocks(bureau)[touched] == ("2026-12-10", 2)
    assert audit(bureau.services).ok


def test_a_closed_case_and_one_elsewhere_keep_their_deadlines(bureau: Bureau):
    case = served_case(bureau)
    for region in ("341600", "341503"):
        assert import_calendar(bureau.services, LOCAL.encode(), head(region)).deadlines == 0
    assert working_calendars.of(bureau.services, "341503").is_working_day(date(2026, 12, 1)) is False
    assert clocks(bureau)[case] == ("2026-12-08", 1)


def test_a_table_that_counts_later_waits_for_its_day_and_then_moves_each_deadline_once(bureau: Bureau):
    case = served_case(bureau)
    report = import_calendar(bureau.services, LOCAL.encode(), head(day="2026-11-20"))
    assert (report.deadlines, bureau.record(report.record).stage) == (0, "imported")
    assert recalculating.sweep(bureau.services) == {}
    bureau.installation.clock.advance(days=3)
    assert recalculating.sweep(bureau.services) == {"calendars": 1, "deadlines": 1}
    assert recalculating.sweep(bureau.services) == {}
    assert clocks(bureau)[case] == ("2026-12-10", 2)


def test_who_dies_after_some_deadlines_moved_leaves_the_rest_to_the_next_sweep(
    bureau: Bureau, monkeypatch: pytest.MonkeyPatch
):
    cases = [served_case(bureau) for _ in range(3)]
    monkeypatch.setattr(recalculating, "PAGE", 1)
    real, told = recalculating._move, []

    def dying(*args: Any) -> int:
        told.append(1)
        if len(told) == 2:
            raise SystemExit
        return real(*args)

    monkeypatch.setattr(recalculating, "_move", dying)
    with pytest.raises(SystemExit):
        import_calendar(bureau.services, LOCAL.encode(), head())
    assert sorted(version for _, version in clocks(bureau).values()) == [1, 1, 2]
    assert recalculating.sweep(bureau.services) == {"calendars": 1, "deadlines": 2}
    assert clocks(bureau) == dict.fromkeys(cases, ("2026-12-10", 2))


@pytest.fixture
def town(tmp_path: Path, database_url: str) -> Iterator[Town]:
    made = install(tmp_path / "town", database_url)
    yield found_town(made, tmp_path)
    made.services.engine.dispose()


@pytest.fixture
def chief(town: Town) -> Desk:
    return desk(town, "chief", "supervisor", "341500")


FORM = {"region": "341500", "year": "2027", "valid_from": "2026-11-17", "standing": "provisional"}
NEXT_YEAR = HEADINGS + "2027-02-05,2027-02-11,放假\n2027-01-30,,上班\n"


def sent(text: str) -> Any:
    return (io.BytesIO(text.encode()), "days.csv")


def test_at_the_desk_a_table_is_looked_at_and_imported_when_it_is_sent_again(town: Town, chief: Desk):
    page = words(chief.get("/reminders/calendars"))
    assert "工作日历" in page
    assert "暂定" in page, "next year's table is not out yet"
    before = town.size()
    looked = chief.post("/reminders/calendars", file=sent(NEXT_YEAR), look="1", **FORM)
    assert looked.status_code == 200
    assert "日历无误" in words(looked)
    assert town.size() == before
    digest = look_at(NEXT_YEAR.encode(), head(year=2027)).digest
    other = chief.post("/reminders/calendars", file=sent(LOCAL), seen=digest, **{"import": "1"}, **FORM)
    assert (other.status_code, town.size()) == (422, before)
    done = chief.post("/reminders/calendars", file=sent(NEXT_YEAR), seen=digest, **{"import": "1"}, **FORM)
    assert (done.status_code, done.location) == (303, "/reminders/calendars")
    (made,) = town.of_type("working_calendar")
    assert (made.stage, made.values["standing"], len(made.values["holidays"])) == (
        "in_force",
        "provisional",
        7,
    )
    assert "2月5日" in words(chief.get("/reminders/calendars"))


@pytest.mark.parametrize(
    ("form", "word"),
    [
        ({"region": "12"}, "请填写行政区划代码"),
        ({"year": "twelve"}, "年份请写成 2027"),
        ({"valid_from": "soon"}, "日期请写成 2026-11-17"),
        ({"standing": "maybe"}, "请选择正式公布或暂定"),
        ({"file": (None)}, "请选择文件"),
    ],
)
def test_what_does_not_fit_is_said_beside_the_form(town: Town, chief: Desk, form: dict[str, Any], word: str):
    before = town.size()
    given = {**FORM, "file": sent(NEXT_YEAR), **form}
    answer = chief.post(
        "/reminders/calendars", **{name: one for name, one in given.items() if one is not None}
    )
    assert (answer.status_code, word in words(answer)) == (422, True)
    wrong = chief.post("/reminders/calendars", file=sent(HEADINGS + "2027-01-01,,也许\n"), look="1", **FORM)
    assert (wrong.status_code, "日历有误" in words(wrong)) == (422, True)
    assert town.size() == before


def test_who_may_not_brings_no_table(town: Town, chief: Desk):
    auditor, neighbour = desk(town, "reader", "auditor", "341500"), desk(town, "far", "supervisor", "341600")
    before = town.size()
    digest = look_at(NEXT_YEAR.encode(), head(year=2027)).digest
    assert auditor.get("/reminders/calendars").status_code == 200
    assert 'type="file"' not in auditor.get("/reminders/calendars").text
    for who in (auditor, neighbour):
        form = {**FORM, "seen": digest, "import": "1"}
        assert who.post("/reminders/calendars", file=sent(NEXT_YEAR), **form).status_code == 403
    body = {"content": base64.b64encode(NEXT_YEAR.encode()).decode(), "region": "341500", "year": 2027}
    for who in (auditor, neighbour):
        assert who.send("/api/working-calendars", body).status_code == 403
    assert auditor.send("/api/working-calendars/preview", body).status_code == 403
    assert town.size() == before
    with pytest.raises(NotAllowed):
        import_calendar(town.services, NEXT_YEAR.encode(), head(year=2027), acting=town.lead)


def test_a_program_does_the_same(town: Town, chief: Desk):
    body = {"content": base64.b64encode(NEXT_YEAR.encode()).decode(), "region": "341500", "year": 2027}
    before = town.size()
    preview = chief.send("/api/working-calendars/preview", body).json
    assert (preview["fault_count"], preview["off"]) == (0, [["2027-02-05", "2027-02-11"]])
    assert town.size() == before
    answer = chief.send("/api/working-calendars", body)
    assert (answer.status_code, answer.json["off"], answer.json["working"]) == (201, 7, 1)
    years = chief.get("/api/working-calendars", region="341502").json["years"]
    assert [(one["year"], one["standing"]) for one in years] == [
        (2025, "published"), (2026, "published"), (2027, "published"),
    ]  # fmt: skip
    bad = {**body, "content": base64.b64encode((HEADINGS + "2027-01-01,,也许\n").encode()).decode()}
    assert chief.send("/api/working-calendars", bad).json["code"] == "bad_rows"
    assert chief.get("/api/working-calendars", region="x").status_code == 400


def test_by_command(bureau: Bureau, tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    from server.cli import parser
    from server.cli.importing import run_calendar

    path = tmp_path / "days.csv"
    path.write_text(LOCAL, encoding="utf-8")
    case = served_case(bureau)
    args = parser().parse_args(
        ["import", "calendar", str(path), "--region", "341500", "--year", "2026", "--source", "市政府通知"]
    )
    assert run_calendar(args, bureau.installation.app) == 0
    assert "moved     1 deadlines" in capsys.readouterr().out
    assert clocks(bureau)[case] == ("2026-12-10", 2)
