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
    assert told[0] == "line 2, beds: bad_value: not a whole number"
    assert told[1].startswith("line 6, kind: bad_value: none of hospital")
    assert told[2].startswith("bad_rows: 2 faults in 29 rows; nothing was imported")
    as_json = wardledger("import", "institutions", path, "--json")
    assert [row["line"] for row in as_json.json["rows"]] == [2, 6]
    assert wardledger.size() == 0


def test_a_file_that_is_not_there_is_told_plainly(wardledger: CommandLine, tmp_path: Path):
    wardledger.init()
    path = tmp_path / "nothing.csv"
    ended = wardledger("import", "institutions", path)
    assert (ended.status, ended.err.strip()) == (1, f"outage: No such file or directory: {path}")


def test_a_census_needs_its_institution(wardledger: CommandLine, tmp_path: Path):
    wardledger.init()
    path = files.census(tmp_path / "census.csv")
    assert wardledger("import", "census", path).status == 2
    ended = wardledger("import", "census", path, "--institution", files.HOSPITAL.fixmedins_code)
    assert (ended.status, ended.err.split(":")[0]) == (1, "not_found")
