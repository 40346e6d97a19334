"""A census comes in as one entry of its hospital; it is never another's, and leaves nobody's number in a message."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from server.imports.census import WrongInstitution, import_census
from server.imports.importing import Report
from server.imports.institutions import import_institutions
from server.imports.table import BadRows
from server.ledger.audit import audit
from server.storage import ledger_store, record_store
from server.wiring import Services
from sync.errors import BadCode, NotFound
from sync.merge import Record
from tests.imports import files
from tests.imports.files import DAY, HOSPITAL, OTHER, Cells
from tests.server.builders import FOUNDING, Installation

CODE = HOSPITAL.fixmedins_code


@pytest.fixture
def services(installation: Installation, tmp_path: Path) -> Services:
    """An installation that knows the city's institutions."""
    import_institutions(installation.services, files.institutions(tmp_path / "institutions.csv"))
    return installation.services


def patients(services: Services) -> dict[str, Record]:
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.query(connection, vault, record_store.selected(services.ledger.id, "encounter"))
    return {record.values["mdtrt_id"]: record for record in found}


def size(services: Services) -> int:
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).size - FOUNDING


def counts(report: Report) -> tuple[int, int, int]:
    return report.created, report.changed, report.same


def test_every_row_becomes_a_patient_of_the_hospital(services: Services, tmp_path: Path):
    path = files.census(tmp_path / "census.csv")
    rows = files.rows_of(path.read_text("utf-8-sig"))
    report = import_census(services, path, CODE.lower())
    assert counts(report) == (len(rows), 0, 0)
    assert report.left_out == ()
    row = rows[0]
    record = patients(services)[row["mdtrt_id"]]
    words = {"drg": "drg", "bed_day": "per_diem", "fee_for_service": "per_item"}
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        hospital = record_store.by_natural_key(connection, vault, "institution", [CODE])[CODE]
    assert record.root == hospital.root
    assert record.values == {
        **{name: row[name] for name in row if name not in ("age", "sex", "payment_mode", "discharged_on")},
        "institution": hospital.id,
        "sex": {"1": "male", "2": "female"}[row["sex"]],
        "payment_mode": words[row["payment_mode"]],
    }
    assert size(services) == 2
    assert audit(services).ok


def test_the_next_days_list_edits_who_changed_adds_who_came_and_leaves_who_is_missing(
    services: Services, tmp_path: Path
):
    import_census(services, files.census(tmp_path / "first.csv"), CODE)
    before = patients(services)
    gone: list[str] = []

    def change(rows: list[Cells]) -> None:
        rows[0].update(bed="9999")
        rows[1].update(mdtrt_id="NEW-1")
        gone.append(rows.pop()["mdtrt_id"])

    report = import_census(services, files.census(tmp_path / "next.csv", change), CODE)
    assert counts(report) == (1, 1, report.rows - 2)
    after = patients(services)
    assert after[gone[0]] == before[gone[0]]
    assert len(after) == len(before) + 1
    assert sorted(key for key in before if after[key] != before[key]) == [
        key for key in before if after[key].values["bed"] == "9999"
    ]
    assert audit(services).ok


def test_the_demo_hospitals_following_day_shares_most_patients(services: Services, tmp_path: Path):
    import_census(services, files.census(tmp_path / "first.csv"), CODE)
    path = files.census(tmp_path / "next.csv", day=DAY + timedelta(days=1))
    report = import_census(services, path, CODE)
    assert report.same > report.created > 0


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"person_no": "341502199001011234"}, "person_no", "bad_code"),
        ({"diag_code": "?"}, "diag_code", "bad_code"),
        ({"sex": "3"}, "sex", "bad_value"),
        ({"payment_mode": "cash"}, "payment_mode", "bad_value"),
        ({"mdtrt_id": ""}, "mdtrt_id", "bad_value"),
        ({"ward": "心内科"}, "ward", "bad_code"),
        ({"admitted_on": "2026-02-30"}, "admitted_on", "bad_value"),
        ({"discharged_on": "2020-01-01"}, "discharged_on", "bad_value"),
    ],
)
def test_one_bad_row_leaves_nothing_and_its_cell_is_not_repeated(
    services: Services, tmp_path: Path, cells: Cells, column: str, code: str
):
    path = files.census(tmp_path / "census.csv", lambda rows: rows[3].update(cells))
    with pytest.raises(BadRows) as caught:
        import_census(services, path, CODE)
    (fault,) = caught.value.facts["rows"]
    assert (fault["line"], fault["column"], fault["code"]) == (5, column, code)
    (cell,) = cells.values()
    assert len(cell) < 2 or cell not in fault["detail"]
    assert (size(services), patients(services)) == (1, {})


def test_a_list_of_which_most_are_known_from_another_hospital_is_refused(services: Services, tmp_path: Path):
    path = files.census(tmp_path / "census.csv")
    import_census(services, path, CODE)
    with pytest.raises(WrongInstitution):
        import_census(services, path, OTHER.fixmedins_code)
    assert size(services) == 2


def test_a_number_that_two_hospitals_gave_by_chance_is_two_patients(services: Services, tmp_path: Path):
    path = files.census(tmp_path / "census.csv")
    rows = files.rows_of(path.read_text("utf-8-sig"))
    import_census(services, path, CODE)

    def change(others: list[Cells]) -> None:
        for number, row in enumerate(others[1:]):
            row["mdtrt_id"] = f"OTHER-{number}"

    report = import_census(services, files.census(tmp_path / "other.csv", change), OTHER.fixmedins_code)
    assert counts(report) == (len(rows), 0, 0)


def test_a_row_that_names_another_institution_is_a_bad_row(services: Services, tmp_path: Path):
    def naming(code: str) -> Path:
        return files.census(
            tmp_path / f"{code}.csv", lambda rows: [row.update(fixmedins_code=code) for row in rows]
        )

    with pytest.raises(BadRows) as caught:
        import_census(services, naming(OTHER.fixmedins_code), CODE)
    assert {fault["code"] for fault in caught.value.facts["rows"]} == {"wrong_institution"}
    assert import_census(services, naming(CODE), CODE).created


@pytest.mark.parametrize(("code", "kind"), [("H34150299999", NotFound), ("H3415", BadCode)])
def test_a_hospital_that_nobody_knows_has_no_census(
    services: Services, tmp_path: Path, code: str, kind: type[Exception]
):
    with pytest.raises(kind):
        import_census(services, files.census(tmp_path / "census.csv"), code)
    assert size(services) == 1
