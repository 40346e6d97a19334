"""Censuses come in as one entry of their hospitals; a list is never another's, and names nobody in a message."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from server.commit import queue
from server.commit.submission import Import
from server.imports import census as rules
from server.imports.census import WrongInstitution, import_census
from server.imports.importing import Report
from server.imports.institutions import import_institutions
from server.imports.table import BadFile, BadRows
from server.ledger.audit import audit
from server.storage import ledger_store, record_store
from server.wiring import Services
from sync import lines
from sync.draw import roll_digest
from sync.errors import BadCode, BadValue, NotFound, VersionChanged
from sync.merge import Record
from tests.imports import files
from tests.imports.files import DAY, HOSPITAL, OTHER, Cells
from tests.server.builders import Installation

CODE = HOSPITAL.fixmedins_code


@pytest.fixture
def services(installation: Installation, tmp_path: Path) -> Services:
    """An installation that knows the city's institutions."""
    import_institutions(installation.services, files.institutions(tmp_path / "institutions.csv"))
    return installation.services


def of_type(services: Services, kind: str) -> list[Record]:
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        statement = record_store.selected(services.ledger.id, kind).order_by(record_store.TABLE.c.version)
        return record_store.query(connection, vault, statement)


def patients(services: Services) -> dict[str, Record]:
    return {record.values["mdtrt_id"]: record for record in of_type(services, "encounter")}


def listed(services: Services) -> set[str]:
    return {key for key, record in patients(services).items() if record.stage == "listed"}


def size(services: Services) -> int:
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).size


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
        "stage": "listed",
        "sex": {"1": "male", "2": "female"}[row["sex"]],
        "payment_mode": words[row["payment_mode"]],
    }
    assert report.index is not None
    assert size(services) == report.index + 1
    assert audit(services).ok


def test_the_next_days_list_edits_who_changed_adds_who_came_and_marks_who_is_missing(
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
    left = {gone[0], *(key for key in before if key not in {row["mdtrt_id"] for row in rows_now(tmp_path)})}
    assert counts(report) == (1, 1, report.rows - 2)
    assert report.left == len(left) == 2
    after = patients(services)
    assert len(after) == len(before) + 1
    for key in left:
        assert after[key].values == {**before[key].values, "stage": "left_out"}
    assert sorted(key for key in before.keys() - left if after[key] != before[key]) == [
        key for key in before if after[key].values["bed"] == "9999"
    ]
    assert audit(services).ok


def rows_now(tmp_path: Path) -> list[Cells]:
    return files.rows_of((tmp_path / "next.csv").read_text("utf-8-sig"))


def test_whoever_is_on_a_list_again_is_listed_again(services: Services, tmp_path: Path):
    everybody = files.census(tmp_path / "first.csv")
    import_census(services, everybody, CODE)
    import_census(services, files.census(tmp_path / "next.csv", lambda rows: rows.pop()), CODE)
    assert len(listed(services)) == len(patients(services)) - 1
    report = import_census(services, everybody, CODE)
    assert (report.changed, report.left) == (1, 0)
    assert listed(services) == set(patients(services))


def test_a_list_of_some_wards_leaves_the_others_listed(services: Services, tmp_path: Path):
    import_census(services, files.census(tmp_path / "first.csv"), CODE)
    some = files.census(tmp_path / "some.csv", lambda rows: rows.__delitem__(slice(2, None)))
    report = import_census(services, some, CODE, partial_list=True)
    assert (report.same, report.left) == (2, 0)
    assert listed(services) == set(patients(services))
    first, second = of_type(services, "census")
    assert second.values["partial"] is True
    assert second.values["digest"] == first.values["digest"]


def test_each_list_has_a_census_that_commits_to_who_lies_where(services: Services, tmp_path: Path):
    def change(rows: list[Cells]) -> None:
        rows[0].update(discharged_on="2026-11-16")
        rows[1].update(discharged_on=DAY.isoformat())
        rows[2].update(admitted_on="2026-11-18")

    report = import_census(services, files.census(tmp_path / "census.csv", change), CODE)
    (found,) = of_type(services, "census")
    day = DAY.isoformat()
    there = [
        record
        for record in patients(services).values()
        if record.values["admitted_on"] <= day <= record.values.get("discharged_on", day)
    ]
    assert len(there) == report.rows - 2
    assert found.version == report.index
    assert found.values == {
        "institution": there[0].root,
        "taken_at": services.now_ms(),
        "day": day,
        "count": len(there),
        "digest": roll_digest((record.values["ward"], record.id) for record in there),
    }


def test_a_list_that_changes_nothing_is_an_entry_all_the_same(services: Services, tmp_path: Path):
    path = files.census(tmp_path / "census.csv")
    first = import_census(services, path, CODE)
    again = import_census(services, path, CODE)
    assert (counts(again), again.left) == ((0, 0, first.rows), 0)
    assert again.index == first.index + 1
    with services.database.reading() as connection:
        header = ledger_store.bodies(connection, services.ledger.id, again.index)[0]
    assert lines.decode(header.line)["set"]["rows"] == 1
    digests = [record.values["digest"] for record in of_type(services, "census")]
    assert digests[0] == digests[1]


def test_the_lists_of_several_hospitals_in_one_file_are_one_entry(services: Services, tmp_path: Path):
    path = files.city_census(tmp_path / "city.csv", [HOSPITAL, OTHER])
    before = size(services)
    report = import_census(services, path)
    assert report.created == report.rows == len(patients(services))
    assert size(services) == before + 1
    found = {record.values["institution"]: record.values["count"] for record in of_type(services, "census")}
    assert sorted(found.values()) == sorted(
        sum(record.root == institution for record in patients(services).values()) for institution in found
    )
    assert len(found) == 2
    assert audit(services).ok


def test_the_list_of_one_hospital_leaves_the_others_patients_alone(services: Services, tmp_path: Path):
    import_census(services, files.city_census(tmp_path / "city.csv", [HOSPITAL, OTHER]))
    report = import_census(services, files.city_census(tmp_path / "one.csv", [HOSPITAL]))
    assert (report.left, report.same) == (0, report.rows)


def test_a_number_may_stand_in_two_hospitals_lists_of_one_file_and_not_twice_in_one(
    services: Services, tmp_path: Path
):
    path = files.city_census(tmp_path / "city.csv", [HOSPITAL, OTHER])
    rows = files.rows_of(path.read_text("utf-8-sig"))
    last = len(rows) - 1
    rows[last].update(mdtrt_id=rows[0]["mdtrt_id"])
    assert import_census(services, files.write(path, rows)).created == len(rows)
    rows[last - 1].update(mdtrt_id=rows[0]["mdtrt_id"])
    with pytest.raises(BadRows) as caught:
        import_census(services, files.write(path, rows))
    (fault,) = caught.value.faults
    assert (fault.line, fault.column, fault.zh) == (last + 2, "mdtrt_id", f"与第{last + 1}行重复")


@pytest.mark.parametrize(
    ("cells", "code", "zh"),
    [
        ({"fixmedins_code": ""}, "bad_value", "为空"),
        ({"fixmedins_code": "H3415"}, "bad_code", "定点医药机构编码：应为 12 位，实为 5 位"),
        ({"fixmedins_code": "H34150299999"}, "not_found", "台账中没有这家机构，请先导入机构名单"),
    ],
)
def test_a_row_of_no_known_hospital_is_a_bad_row(
    services: Services, tmp_path: Path, cells: Cells, code: str, zh: str
):
    path = files.city_census(tmp_path / "city.csv", [HOSPITAL, OTHER])
    rows = files.rows_of(path.read_text("utf-8-sig"))
    rows[0].update(cells)
    before = size(services)
    with pytest.raises(BadRows) as caught:
        import_census(services, files.write(path, rows))
    (fault,) = caught.value.faults
    assert (fault.line, fault.column, fault.code, fault.zh) == (2, "fixmedins_code", code, zh)
    assert size(services) == before


def test_a_file_that_names_no_hospital_needs_one_to_be_named(services: Services, tmp_path: Path):
    with pytest.raises(BadFile, match="--institution"):
        import_census(services, files.census(tmp_path / "census.csv"))


def test_more_hospitals_than_a_file_may_name_are_refused(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(rules, "INSTITUTIONS_MAX", 1)
    with pytest.raises(BadFile, match="more than 1 institutions"):
        import_census(services, files.city_census(tmp_path / "city.csv", [HOSPITAL, OTHER]))


def test_a_list_of_yesterday_is_of_yesterday_and_one_of_tomorrow_is_refused(
    services: Services, tmp_path: Path
):
    path = files.census(tmp_path / "census.csv")
    with pytest.raises(BadValue):
        import_census(services, path, CODE, day=DAY + timedelta(days=1))
    import_census(services, path, CODE, day=date(2026, 11, 16))
    assert [record.values["day"] for record in of_type(services, "census")] == ["2026-11-16"]


def test_a_spreadsheet_with_chinese_headings_dates_and_words_comes_in(services: Services, tmp_path: Path):
    heads = {
        "mdtrt_id": "就诊ID", "person_no": "身份证号", "name": "姓名", "sex": "性别", "age": "年龄",
        "ward": "病区", "bed": "床号", "admitted_on": "入院时间", "discharged_on": "出院日期",
        "diag_code": "诊断编码", "drg_code": "病组编码", "payment_mode": "支付方式",
    }  # fmt: skip
    rows = files.rows_of(files.census(tmp_path / "census.csv").read_text("utf-8-sig"))
    words = {"sex": {"1": "男", "2": "女"}, "payment_mode": {"drg": "按病组"}}

    def cell(name: str, text: str) -> Any:
        if name == "admitted_on":
            return date.fromisoformat(text)
        return int(text) if name in ("bed", "age") else words.get(name, {}).get(text, text)

    told = [["六安市在院病人名单"], [], list(heads.values())]
    told += [[cell(name, row[name]) for name in heads] for row in rows]
    report = import_census(services, files.workbook(tmp_path / "census.xlsx", ("名单", told)), CODE)
    assert (report.created, report.left_out) == (len(rows), ())
    found = patients(services)[rows[0]["mdtrt_id"]].values
    assert (found["bed"], found["admitted_on"], found["payment_mode"]) == (
        rows[0]["bed"],
        rows[0]["admitted_on"],
        "drg",
    )


def in_between(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object], times: int) -> None:
    """Let `act` happen between the planning of an import and its commit, some times."""
    submit = queue.Committer.submit
    left = iter(range(times))

    def submitting(door: queue.Committer, submission: Any) -> Any:
        if isinstance(submission, Import) and next(left, None) is not None:
            monkeypatch.setattr(queue.Committer, "submit", submit)
            act()
            monkeypatch.setattr(queue.Committer, "submit", submitting)
        return submit(door, submission)

    monkeypatch.setattr(queue.Committer, "submit", submitting)


def test_two_imports_of_one_hospital_at_once_make_nobody_twice(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = files.census(tmp_path / "census.csv")
    other = files.census(tmp_path / "other.csv", lambda rows: rows.pop())
    in_between(monkeypatch, lambda: import_census(services, other, CODE), 1)
    report = import_census(services, path, CODE)
    assert counts(report) == (1, 0, report.rows - 1)
    assert len(of_type(services, "encounter")) == report.rows
    assert audit(services).ok


def test_an_import_that_is_overtaken_again_and_again_is_refused(
    services: Services, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    path = files.census(tmp_path / "census.csv")
    in_between(monkeypatch, lambda: import_census(services, path, CODE), 9)
    before = size(services)
    with pytest.raises(VersionChanged):
        import_census(services, path, CODE)
    assert size(services) == before + 3


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
        ({"admitted_on": "2026-02-30"}, "admitted_on", "bad_code"),
        ({"discharged_on": "2020-01-01"}, "discharged_on", "bad_value"),
    ],
)
def test_one_bad_row_leaves_nothing_and_its_cell_is_not_repeated(
    services: Services, tmp_path: Path, cells: Cells, column: str, code: str
):
    path = files.census(tmp_path / "census.csv", lambda rows: rows[3].update(cells))
    before = size(services)
    with pytest.raises(BadRows) as caught:
        import_census(services, path, CODE)
    (fault,) = caught.value.facts["rows"]
    assert (fault["line"], fault["column"], fault["code"]) == (5, column, code)
    (cell,) = cells.values()
    assert len(cell) < 2 or cell not in fault["detail"] + fault["zh"]
    assert re.search("[\u4e00-\u9fff]", fault["zh"])
    assert (size(services), patients(services)) == (before, {})


def test_a_list_of_which_most_are_known_from_another_hospital_is_refused(services: Services, tmp_path: Path):
    path = files.census(tmp_path / "census.csv")
    report = import_census(services, path, CODE)
    with pytest.raises(WrongInstitution):
        import_census(services, path, OTHER.fixmedins_code)
    assert size(services) == report.index + 1


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
    before = size(services)
    with pytest.raises(kind):
        import_census(services, files.census(tmp_path / "census.csv"), code)
    assert size(services) == before
