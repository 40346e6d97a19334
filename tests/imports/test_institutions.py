"""Institutions come in as one entry; a changed file edits what differs; one bad row leaves nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.drafting import Draft
from server.commit.acts import act
from server.imports.institutions import REGISTERED_ACCURACY_M, import_institutions
from server.imports.table import BadRows
from server.ledger.audit import audit
from server.storage import ledger_store, record_store
from server.wiring import Services
from sync import lines
from sync.changes import root_hex
from sync.entries import from_line
from sync.merge import Record
from tests.imports import files
from tests.imports.files import Cells
from tests.server.builders import FOUNDING, Installation


def known(services: Services, kind: str = "institution") -> dict[str, Record]:
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.query(connection, vault, record_store.selected(services.ledger.id, kind))
    return {record.values["fixmedins_code"]: record for record in found}


def size(services: Services) -> int:
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).size - FOUNDING


def setting(row: int, **cells: str) -> Callable[[list[Cells]], None]:
    return lambda rows: rows[row].update(cells)


def test_every_row_becomes_an_institution_with_what_it_says(installation: Installation, tmp_path: Path):
    services = installation.services
    path = files.institutions(tmp_path / "list.csv")
    rows = files.rows_of(path.read_text("utf-8-sig"))
    report = import_institutions(services, path)
    assert (report.rows, report.created, report.changed, report.same) == (len(rows), len(rows), 0, 0)
    record = known(services)[rows[0]["fixmedins_code"]]
    assert record.values == {
        **{name: rows[0][name] for name in rows[0] if name not in ("level", "beds", "lat_e7", "lon_e7")},
        "level": int(rows[0]["level"]),
        "beds": int(rows[0]["beds"]),
        "position": {
            "lat_e7": int(rows[0]["lat_e7"]),
            "lon_e7": int(rows[0]["lon_e7"]),
            "accuracy_m": REGISTERED_ACCURACY_M,
            "provider": "none",
            "mock": False,
        },
    }
    assert record.region == rows[0]["region"]


def test_a_file_is_one_entry_that_commits_to_its_bytes_and_rows(installation: Installation, tmp_path: Path):
    services = installation.services
    report = import_institutions(services, files.institutions(tmp_path / "list.csv"))
    assert size(services) == 1
    with services.database.reading() as connection:
        (line,) = ledger_store.entry_lines(connection, services.ledger.id, FOUNDING, FOUNDING + 1)
        header, *rows = ledger_store.bodies(connection, services.ledger.id, FOUNDING)
    entry = from_line(line)
    assert (entry.kind, entry.type, entry.change) == ("import", "institution", header.digest)
    said = lines.decode(header.line)["set"]
    assert said == {"file": report.file, "rows": report.rows, "root": root_hex([row.line for row in rows])}
    assert [row.n for row in rows] == list(range(1, report.rows + 1))
    assert audit(services).ok


def test_the_same_file_again_changes_nothing(installation: Installation, tmp_path: Path):
    path = files.institutions(tmp_path / "list.csv")
    import_institutions(installation.services, path)
    again = import_institutions(installation.services, path)
    assert (again.same, again.created, again.changed, again.index) == (again.rows, 0, 0, None)
    assert size(installation.services) == 1


def test_a_changed_file_edits_what_differs_and_leaves_the_rest(installation: Installation, tmp_path: Path):
    services = installation.services
    import_institutions(services, files.institutions(tmp_path / "list.csv"))
    before = known(services)

    def change(rows: list[Cells]) -> None:
        rows[0].update(name="六安市测试改名医院", credit_grade="")
        rows[1].update(contact_phone="0564-0000000")
        del rows[2]

    def with_phone(rows: list[Cells]) -> None:
        for row in rows:
            row["contact_phone"] = ""
        change(rows)

    report = import_institutions(services, files.institutions(tmp_path / "newer.csv", with_phone))
    assert (report.created, report.changed, report.index) == (0, 2, FOUNDING + 1)
    after = known(services)
    codes = [row["fixmedins_code"] for row in files.rows_of((tmp_path / "list.csv").read_text("utf-8-sig"))]
    renamed, called, missing = (before[code] for code in codes[:3])
    assert after[codes[0]].values == {**renamed.values, "name": "六安市测试改名医院"}
    assert after[codes[1]].values == {**called.values, "contact_phone": "0564-0000000"}
    assert after[codes[2]] == missing
    assert audit(services).ok


@pytest.mark.parametrize(
    ("cells", "column", "code"),
    [
        ({"fixmedins_code": "X34150290001"}, "fixmedins_code", "bad_code"),
        ({"region": "991502"}, "region", "bad_code"),
        ({"uscc": "91341502MA2N0000XX"}, "uscc", "bad_code"),
        ({"kind": "castle"}, "kind", "bad_value"),
        ({"name": ""}, "name", "bad_value"),
        ({"beds": "12.5"}, "beds", "bad_value"),
        ({"beds": "20001"}, "beds", "bad_value"),
        ({"lat_e7": ""}, "lat_e7", "bad_value"),
        ({"lat_e7": "900000001"}, "lat_e7", "bad_value"),
        ({"credit_grade": "E"}, "credit_grade", "bad_value"),
    ],
)
def test_one_bad_row_is_named_by_line_and_column_and_leaves_nothing(
    installation: Installation, tmp_path: Path, cells: Cells, column: str, code: str
):
    path = files.institutions(tmp_path / "list.csv", setting(2, **cells))
    with pytest.raises(BadRows) as caught:
        import_institutions(installation.services, path)
    (fault,) = caught.value.facts["rows"]
    assert (fault["line"], fault["column"], fault["code"]) == (4, column, code)
    assert size(installation.services) == 0
    assert not known(installation.services)


def test_every_bad_row_is_named_at_once(installation: Installation, tmp_path: Path):
    def change(rows: list[Cells]) -> None:
        rows[3].update(region="1", kind="castle")
        rows[0].update(beds="many")
        rows[5].update(fixmedins_code=rows[4]["fixmedins_code"])

    with pytest.raises(BadRows, match="4 faults") as caught:
        import_institutions(installation.services, files.institutions(tmp_path / "list.csv", change))
    named = [(fault["line"], fault["column"]) for fault in caught.value.facts["rows"]]
    assert named == [(2, "beds"), (5, "kind"), (5, "region"), (7, "fixmedins_code")]


def test_full_width_and_lower_case_codes_are_brought_into_their_normal_form(
    installation: Installation, tmp_path: Path
):
    path = files.institutions(tmp_path / "list.csv")
    import_institutions(installation.services, path)
    code = files.rows_of(path.read_text("utf-8-sig"))[0]["fixmedins_code"]
    typed = code.lower().translate({ord("0") + n: ord("０") + n for n in range(10)})
    again = import_institutions(
        installation.services, files.institutions(tmp_path / "typed.csv", setting(0, fixmedins_code=typed))
    )
    assert again.same == again.rows


def test_what_somebody_changed_at_the_desk_since_is_edited_on_its_present_version(
    installation: Installation, tmp_path: Path
):
    services = installation.services
    path = files.institutions(tmp_path / "list.csv")
    import_institutions(services, path)
    record = next(iter(known(services).values()))
    act(services, [Draft("edit", "institution", record.id, {"beds": 7})])
    report = import_institutions(services, path)
    after = known(services)[record.values["fixmedins_code"]]
    assert (report.changed, after.values["beds"]) == (1, record.values["beds"])
    assert not after.open_conflicts
