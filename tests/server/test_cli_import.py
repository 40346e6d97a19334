"""`wardledger import`: a whole city and a census come in by command; faults are told line by line."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.demo import city
from tests.imports import files
from tests.imports.files import Cells
from tests.server.builders import FOUNDING
from tests.server.commands import CommandLine, command_line, records

wardledger = pytest.fixture(command_line)
CITY_SIZE = 2_718


@pytest.mark.slow
def test_the_whole_demo_city_and_a_census_come_in_as_two_entries(wardledger: CommandLine, tmp_path: Path):
    wardledger.init()
    path = tmp_path / "city.csv"
    path.write_text(city.institutions_csv(1), encoding="utf-8-sig", newline="")
    report = wardledger("import", "institutions", path, "--json").json
    assert (report["created"], report["index"]) == (CITY_SIZE, FOUNDING)
    census = files.census(tmp_path / "census.csv")
    ended = wardledger("import", "census", census, "--institution", files.HOSPITAL.fixmedins_code)
    assert ended.status == 0
    assert int(ended.word("created")) == len(files.rows_of(census.read_text("utf-8-sig")))
    assert len(records(wardledger.services(), "institution")) == CITY_SIZE
    assert wardledger.size() == 2


def test_a_report_says_what_was_done_and_a_second_run_that_there_was_nothing_to_do(
    wardledger: CommandLine, tmp_path: Path
):
    wardledger.init()
    path = files.institutions(tmp_path / "list.csv", lambda rows: [row.update(colour="red") for row in rows])
    first = wardledger("import", "institutions", path)
    assert (first.status, first.word("created"), first.word("entry")) == (
        0,
        first.word("rows"),
        str(FOUNDING),
    )
    assert "left out  columns colour" in first.out
    assert "nothing to do" in wardledger("import", "institutions", path).out


def test_bad_rows_are_told_line_by_line_and_leave_nothing(wardledger: CommandLine, tmp_path: Path):
    def change(rows: list[Cells]) -> None:
        rows[0].update(beds="many")
        rows[4].update(kind="castle")

    wardledger.init()
    path = files.institutions(tmp_path / "list.csv", change)
    ended = wardledger("import", "institutions", path)
    assert (ended.status, ended.out) == (1, "")
    told = ended.err.splitlines()
    assert told[0] == "line 2, beds: bad_value: 不是整数"
    assert told[1].startswith("line 6, kind: bad_value: 应为下列之一：hospital")
    assert told[2].startswith("bad_rows: 2 faults in 29 rows; nothing was imported")
    as_json = wardledger("import", "institutions", path, "--json")
    assert [row["line"] for row in as_json.json["rows"]] == [2, 6]
    assert wardledger.size() == 0


def test_a_file_that_is_not_there_is_told_plainly(wardledger: CommandLine, tmp_path: Path):
    wardledger.init()
    path = tmp_path / "nothing.csv"
    ended = wardledger("import", "institutions", path)
    assert (ended.status, ended.err.strip()) == (1, f"outage: No such file or directory: {path}")


def test_the_faults_are_told_in_the_language_of_the_installation(
    wardledger: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    wardledger.init()
    monkeypatch.setenv("WARDLEDGER_LANGUAGE", "en")
    path = files.institutions(tmp_path / "list.csv", lambda rows: rows[0].update(beds="many"))
    ended = wardledger("import", "institutions", path)
    assert ended.err.splitlines()[0] == "line 2, beds: bad_value: not a whole number"


def test_a_report_file_holds_every_fault_in_both_languages(wardledger: CommandLine, tmp_path: Path):
    wardledger.init()
    path = files.institutions(tmp_path / "list.csv", lambda rows: [row.update(beds="many") for row in rows])
    report = tmp_path / "faults.csv"
    ended = wardledger("import", "institutions", path, "--report", report, "--json")
    rows = files.rows_of(report.read_text("utf-8-sig"))
    assert ended.status == 1
    assert ended.json["faults"] == len(rows) == len(ended.json["rows"])
    assert rows[0] == {
        "line": "2", "column": "beds", "code": "bad_value", "wrong_zh": "不是整数", "wrong_en": "not a whole number",
    }  # fmt: skip


def test_a_good_file_leaves_no_report(wardledger: CommandLine, tmp_path: Path):
    wardledger.init()
    report = tmp_path / "faults.csv"
    assert (
        wardledger(
            "import", "institutions", files.institutions(tmp_path / "l.csv"), "--report", report
        ).status
        == 0
    )
    assert not report.exists()


def test_a_census_needs_its_institution(wardledger: CommandLine, tmp_path: Path):
    wardledger.init()
    path = files.census(tmp_path / "census.csv")
    unnamed = wardledger("import", "census", path)
    assert (unnamed.status, unnamed.err.split(":")[0]) == (1, "bad_file")
    ended = wardledger("import", "census", path, "--institution", files.HOSPITAL.fixmedins_code)
    assert (ended.status, ended.err.split(":")[0]) == (1, "not_found")


def test_a_city_in_a_spreadsheet_comes_in_and_the_next_list_tells_who_left(
    wardledger: CommandLine, tmp_path: Path
):
    wardledger.init()
    wardledger("import", "institutions", files.institutions(tmp_path / "list.csv"))
    city_census = files.city_census(tmp_path / "city.csv", [files.HOSPITAL, files.OTHER])
    rows = files.rows_of(city_census.read_text("utf-8-sig"))
    lines = [list(rows[0]), *([row[name] for name in rows[0]] for row in rows)]
    path = files.workbook(tmp_path / "city.xlsx", ("一月", lines), ("二月", lines[:-1]))
    first = wardledger("import", "census", path, "--sheet", "一月", "--json").json
    second = wardledger("import", "census", path, "--sheet", "二月")
    assert (first["created"], second.word("left")) == (len(rows), "1")


@pytest.mark.parametrize("day", ["2026-11-31", "tomorrow"])
def test_a_day_that_is_none_is_wrong_usage(wardledger: CommandLine, tmp_path: Path, day: str):
    assert wardledger("import", "census", tmp_path / "census.csv", "--day", day).status == 2
