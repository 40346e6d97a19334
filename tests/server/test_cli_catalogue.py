"""`wardledger import catalogue` and `wardledger catalogue`: local lists come in, hold, are looked up and withdrawn."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.catalogues.bureau import LOCAL_CHECKLIST
from tests.imports import files
from tests.server.builders import FOUNDING
from tests.server.commands import CommandLine, command_line

wardledger = pytest.fixture(command_line)
ICD = [
    "--kind",
    "diagnosis",
    "--code",
    "ICD-L",
    "--version",
    "1",
    "--zh",
    "本地诊断目录",
    "--valid-from",
    "2026-01-01",
]


@pytest.fixture
def here(wardledger: CommandLine) -> CommandLine:
    """An installation's command line, speaking English."""
    wardledger.init()
    wardledger.patch.setenv("WARDLEDGER_LANGUAGE", "en")
    return wardledger


def table(folder: Path, *rows: str) -> Path:
    path = folder / "icd.csv"
    path.write_text("\n".join(["code,zh,valid_until", *rows]), "utf-8")
    return path


def test_a_table_comes_in_with_its_header_from_the_options(here: CommandLine, tmp_path: Path):
    path = table(tmp_path, "I10,高血压,", "J18.900,肺炎,2026-06-30")
    ended = here("import", "catalogue", path, *ICD)
    assert (ended.status, ended.word("rows"), ended.word("entry")) == (0, "2", str(FOUNDING))
    again = here("import", "catalogue", path, *ICD)
    assert "entry     none: it is there already" in again.out
    assert here.size() == 1


def test_bad_rows_are_told_line_by_line_and_written_to_a_file(here: CommandLine, tmp_path: Path):
    path, report = table(tmp_path, "I10,高血压,", "110,错,", "J18.900,,"), tmp_path / "faults.csv"
    ended = here("import", "catalogue", path, *ICD, "--report", report)
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.splitlines()[:2] == [
        "line 3, code: bad_code: diagnosis_code: position 1: expected a letter, found 1",
        "line 4, zh: bad_value: is empty",
    ]
    assert "第 1 位应为字母，实为 1" in report.read_text("utf-8-sig")
    assert here.size() == 0


def test_a_table_without_its_kind_is_told_what_it_needs(here: CommandLine, tmp_path: Path):
    ended = here("import", "catalogue", table(tmp_path, "I10,高血压,"))
    assert (ended.status, ended.err.split(":")[0]) == (1, "bad_value")
    assert here("import", "catalogue", table(tmp_path, "I10,高血压,"), "--kind", "recipes").status == 2


def test_a_changed_content_under_the_same_version_is_refused(here: CommandLine, tmp_path: Path):
    here("import", "catalogue", table(tmp_path, "I10,高血压,"), *ICD)
    ended = here("import", "catalogue", table(tmp_path, "I10,原发性高血压,"), *ICD)
    assert (ended.status, ended.err.split(":")[0]) == (1, "catalogue_exists")


def test_the_list_shows_what_is_shipped_and_what_was_imported(here: CommandLine, tmp_path: Path):
    path = tmp_path / "list.json"
    path.write_text(json.dumps(LOCAL_CHECKLIST), "utf-8")
    report = here("import", "catalogue", path, "--json").json
    listed = here("catalogue", "list", "--kind", "checklist").out.splitlines()
    (local,) = [line for line in listed if "CL-LUAN-HOSPITAL" in line]
    assert report["digest"][:12] in local
    assert f"entry {FOUNDING}" in local
    assert sum("shipped" in line for line in listed) == 9
    as_json = here("catalogue", "list", "--json").json
    assert {one["kind"] for one in as_json} == {"checklist", "violation"}


def test_a_code_is_looked_up_by_place_and_day(here: CommandLine, tmp_path: Path):
    here("import", "catalogue", table(tmp_path, "I10,高血压,", "J18.900,肺炎,2026-06-30"), *ICD)
    known = here("catalogue", "look-up", "diagnosis", "I10", "--on", "2026-11-17", "--region", "341502")
    assert (known.status, known.out.splitlines()[0]) == (0, "I10 高血压")
    late = here("catalogue", "look-up", "diagnosis", "J18.900", "--on", "2026-11-17")
    assert (late.status, late.out.splitlines()[0]) == (
        1, "J18.900 not valid on 2026-11-17: the catalogue has it from … to 2026-06-30",
    )  # fmt: skip
    unknown = here("catalogue", "look-up", "diagnosis", "A41.9", "--on", "2026-11-17", "--json")
    assert (unknown.status, unknown.json["state"]) == (1, "not_in_catalogue")
    shipped = here("catalogue", "look-up", "violation", "bed_hanging", "--on", "2026-11-17", "--json")
    assert shipped.json["row"]["basis"][0]["verified"] is True
    assert here("catalogue", "look-up", "diagnosis", "I10", "--on", "yesterday").err.startswith("bad_code")


def test_a_withdrawn_catalogue_is_listed_no_more(here: CommandLine, tmp_path: Path):
    report = here("import", "catalogue", table(tmp_path, "I10,高血压,"), *ICD, "--json").json
    assert here("catalogue", "withdraw", report["digest"]).status == 0
    assert "ICD-L" not in here("catalogue", "list").out
    assert here("catalogue", "withdraw", report["digest"]).status == 1
    assert here("ledger", "audit").status == 0


def test_a_census_warns_of_unknown_codes_and_strict_refuses_it(here: CommandLine, tmp_path: Path):
    here("import", "institutions", files.institutions(tmp_path / "institutions.csv"))
    here("import", "catalogue", table(tmp_path, "I10,高血压,"), *ICD)
    path = files.census(
        tmp_path / "census.csv", lambda rows: [row.update(diag_code="I10") for row in rows[1:]]
    )
    words = [
        "import",
        "census",
        path,
        "--institution",
        files.HOSPITAL.fixmedins_code,
        "--day",
        files.DAY.isoformat(),
    ]
    refused = here(*words, "--strict-codes")
    assert (refused.status, refused.err.splitlines()[-2].split(":")[0]) == (1, "bad_rows")
    ended = here(*words, "--report", tmp_path / "warnings.csv")
    assert (ended.status, ended.word("warnings")) == (0, "1")
    assert (
        ended.err.splitlines()[0]
        == "line 2, diag_code: not_in_catalogue: not in the catalogue valid on 2026-11-17"
    )
    assert "diag_code" in (tmp_path / "warnings.csv").read_text("utf-8-sig")
