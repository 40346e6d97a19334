"""Diagnosis codes of a census are looked up by the list's day: doubtful ones are warnings, unless they are refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from server.imports.catalogues import import_catalogue
from server.imports.census import import_census
from server.imports.importing import Report
from server.imports.institutions import import_institutions
from server.imports.table import BadRows
from server.storage import ledger_store
from server.wiring import Services
from tests.imports import files
from tests.imports.files import DAY, HOSPITAL
from tests.server.builders import Installation

ON = DAY.isoformat()


@pytest.fixture
def services(installation: Installation, tmp_path: Path) -> Services:
    """An installation that knows the city's institutions."""
    import_institutions(installation.services, files.institutions(tmp_path / "institutions.csv"))
    return installation.services


def catalogue(services: Services, folder: Path, *codes: dict[str, Any], **header: Any) -> None:
    """Import a diagnosis catalogue of these codes."""
    body = {
        "kind": "diagnosis", "code": "ICD10-TEST", "version": "1", "zh": "测试目录", "valid_from": "2026-01-01",
        **header, "rows": [{"zh": "测试", **one} for one in codes],
    }  # fmt: skip
    path = folder / "icd.json"
    path.write_text(json.dumps(body), "utf-8")
    import_catalogue(services, path, {})


def census(services: Services, folder: Path, *, strict: bool = False) -> Report:
    """Import a list of the hospital whose first row is a fracture and whose others are pneumonias."""

    def change(rows: list[files.Cells]) -> None:
        for row in rows:
            row.update(diag_code="J18.900")
        rows[0].update(diag_code="S72.000")

    path = files.census(folder / "census.csv", change)
    return import_census(services, path, HOSPITAL.fixmedins_code, strict_codes=strict, day=DAY)


def size(services: Services) -> int:
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).size


def test_codes_that_a_catalogue_of_the_day_has_raise_no_warning(services: Services, tmp_path: Path):
    catalogue(services, tmp_path, {"code": "J18.900"}, {"code": "S72.000"})
    report = census(services, tmp_path)
    assert (report.warnings, report.unchecked) == ((), 0)
    assert report.created == report.rows


def test_an_unknown_code_is_a_warning_with_its_line_and_the_row_is_imported(
    services: Services, tmp_path: Path
):
    catalogue(services, tmp_path, {"code": "J18.900"})
    report = census(services, tmp_path)
    (warning,) = report.warnings
    assert (warning.line, warning.column, warning.code) == (2, "diag_code", "not_in_catalogue")
    assert warning.detail == f"not in the catalogue valid on {ON}"
    assert "S72" not in warning.detail + warning.zh, "a person's diagnosis is in no message"
    assert report.created == report.rows
    assert "warnings  1" in "\n".join(report.text())


def test_asked_to_be_strict_the_same_list_is_refused_whole(services: Services, tmp_path: Path):
    catalogue(services, tmp_path, {"code": "J18.900"})
    before = size(services)
    with pytest.raises(BadRows) as caught:
        census(services, tmp_path, strict=True)
    assert [(fault.line, fault.code) for fault in caught.value.faults] == [(2, "not_in_catalogue")]
    assert size(services) == before
    catalogue(services, tmp_path, {"code": "J18.900"}, {"code": "S72.000"}, version="2")
    assert census(services, tmp_path, strict=True).warnings == ()


def test_a_code_out_of_its_time_says_when_it_held(services: Services, tmp_path: Path):
    catalogue(services, tmp_path, {"code": "J18.900"}, {"code": "S72.000", "valid_until": "2026-06-30"})
    (warning,) = census(services, tmp_path).warnings
    assert warning.code == "not_on_this_day"
    assert "2026-06-30" in warning.zh


def test_without_a_catalogue_nothing_is_judged_and_the_report_says_so(services: Services, tmp_path: Path):
    catalogue(services, tmp_path, {"code": "J18.900"}, region="340100")
    report = census(services, tmp_path)
    assert (report.warnings, report.unchecked) == ((), report.rows)
    assert f"unchecked {report.rows}" in "\n".join(report.text())
    assert census(services, tmp_path, strict=True).unchecked == report.rows
