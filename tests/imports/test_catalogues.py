"""A catalogue comes in as one entry that commits to its content: all of its rows, or none; a version never changes."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from schemas.catalogues import content
from server.catalogues import holding
from server.catalogues.withdrawing import withdraw
from server.imports.catalogues import CatalogueExists, import_catalogue
from server.imports.table import BadFile, BadRows
from server.ledger.audit import audit
from server.storage import catalogue_store, ledger_store, record_store
from server.wiring import Services
from sync.errors import BadValue, NotFound, TooLarge
from sync.merge import Record
from tests.catalogues.bureau import LOCAL_CHECKLIST, LOCAL_VIOLATIONS
from tests.server.builders import FOUNDING, Installation

ICD = {
    "kind": "diagnosis",
    "code": "ICD10-LOCAL",
    "version": "1",
    "zh": "测试诊断目录",
    "valid_from": "2026-01-01",
}
ROWS = [["诊断编码", "名称", "失效日期"], ["j18.900", "肺炎", ""], ["I10", "高血压", "2026-06-30"]]
PRICES = {**ICD, "kind": "service", "code": "PRICES-LOCAL"}


@pytest.fixture
def services(installation: Installation) -> Services:
    """A fresh installation's services."""
    return installation.services


def table(path: Path, rows: Sequence[Sequence[str]] = ROWS) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def body(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value, ensure_ascii=False), "utf-8")
    return path


def records(services: Services) -> list[Record]:
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return record_store.query(connection, vault, record_store.selected(services.ledger.id, "catalogue"))


def size(services: Services) -> int:
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).size


def stored(services: Services, digest: str) -> content.Catalogue:
    with services.database.reading() as connection:
        text = catalogue_store.text(connection, services.ledger.id, digest)
    assert text is not None
    return content.read(text, digest)


def test_a_table_becomes_one_entry_that_names_the_digest_of_its_content(services: Services, tmp_path: Path):
    report = import_catalogue(services, table(tmp_path / "icd.csv"), ICD)
    (record,) = records(services)
    assert (report.rows, report.index, size(services)) == (2, FOUNDING, FOUNDING + 1)
    assert record.values["digest"] == report.digest
    assert (record.values["kind"], record.values["rows"]) == ("diagnosis", 2)
    assert stored(services, report.digest).rows == (
        {"code": "I10", "zh": "高血压", "valid_until": "2026-06-30"}, {"code": "J18.900", "zh": "肺炎"},
    )  # fmt: skip
    assert audit(services).ok


def test_a_spreadsheet_with_the_same_rows_is_the_same_content(services: Services, tmp_path: Path):
    first = import_catalogue(services, table(tmp_path / "icd.csv"), ICD)
    book = openpyxl.Workbook()
    for row in ROWS:
        book.active.append(row)
    book.save(tmp_path / "icd.xlsx")
    again = import_catalogue(services, tmp_path / "icd.xlsx", ICD)
    assert (again.digest, again.index) == (first.digest, None)
    assert again.file != first.file
    assert size(services) == FOUNDING + 1


def test_prices_in_yuan_become_fen(services: Services, tmp_path: Path):
    rows = [["编码", "名称", "计价单位", "价格"], ["001101000010000-110100001", "挂号费", "次", "1,234.50"]]
    report = import_catalogue(services, table(tmp_path / "prices.csv", rows), PRICES)
    (row,) = stored(services, report.digest).rows
    assert (row["price_fen"], row["unit"]) == (123_450, "次")


def test_a_checklist_from_a_table_has_its_lists_and_truths(services: Services, tmp_path: Path):
    rows = [
        ["代码", "名称", "必查", "违规代码", "证据", "检查方法"],
        ["L01", "核对在床病人", "是", "bed_hanging", "视听资料、书证", "逐床查看"],
        ["L02", "核对登记", "否", "", "", ""],
    ]
    header = {**LOCAL_CHECKLIST, "rows": None}
    del header["rows"]
    report = import_catalogue(services, table(tmp_path / "list.csv", rows), header)
    first, second = stored(services, report.digest).rows
    assert first["evidence"] == ["documentary", "audio_visual"]
    assert (first["required"], second["required"]) == (True, False)


def test_a_violation_s_article_from_a_table_is_unverified_unless_it_says_otherwise(
    services: Services, tmp_path: Path
):
    rows = [
        [
            "违规代码",
            "名称",
            "事实表述",
            "适用机构",
            "常用措施",
            "依据代码",
            "法律依据",
            "依据施行日期",
            "依据已核实",
        ],
        ["bed_hanging", "挂床住院", "经查", "医院", "罚款,约谈", "X-1", "某办法第一条", "2026-01-01", ""],
        ["upcoding", "高套病种", "经查", "hospital", "", "X-2", "某办法第二条", "2026-01-01", "是"],
    ]
    header = {name: value for name, value in LOCAL_VIOLATIONS.items() if name != "rows"}
    report = import_catalogue(services, table(tmp_path / "violations.csv", rows), header)
    first, second = stored(services, report.digest).rows
    assert first["measures"] == ["interview", "penalty"]
    assert [row["basis"][0]["verified"] for row in (first, second)] == [False, True]


def test_json_carries_its_own_header_and_options_win(services: Services, tmp_path: Path):
    path = body(tmp_path / "list.json", LOCAL_CHECKLIST)
    report = import_catalogue(services, path, {"region": "341502", "version": "7"})
    assert (report.region, report.version, report.code) == ("341502", "7", "CL-LUAN-HOSPITAL")


def test_a_shipped_catalogue_can_be_imported_by_its_name(services: Services):
    report = import_catalogue(services, "shipped:icd10-excerpt-2026.11", {})
    (record,) = records(services)
    assert record.values["demonstration"] is True
    assert record.values["file"] == report.digest
    with pytest.raises(NotFound):
        import_catalogue(services, "shipped:nothing", {})


def test_every_bad_row_is_named_with_its_line_and_nothing_is_left(services: Services, tmp_path: Path):
    rows = [
        *ROWS,
        ["110", "错", ""],
        ["A41.9", "", ""],
        ["I11", "对", "2025-02-30"],
        ["I12", "早", "2025-01-01"],
    ]
    with pytest.raises(BadRows) as caught:
        import_catalogue(services, table(tmp_path / "icd.csv", rows), ICD)
    told = [(fault.line, fault.column, fault.code) for fault in caught.value.faults]
    assert told == [(4, "code", "bad_code"), (5, "zh", "bad_value"), (6, "valid_until", "bad_code")]
    assert all(fault.zh for fault in caught.value.faults)
    with services.database.reading() as connection:
        assert catalogue_store.digests(connection, services.ledger.id) == []
    assert (size(services), records(services)) == (FOUNDING, [])


def test_a_code_that_stands_twice_is_named_in_its_second_row(services: Services, tmp_path: Path):
    with pytest.raises(BadRows) as caught:
        import_catalogue(services, table(tmp_path / "icd.csv", [*ROWS, ["I10", "又一个", ""]]), ICD)
    ((line, column),) = [(fault.line, fault.column) for fault in caught.value.faults]
    assert (line, column) == (4, "code")


def test_an_item_that_looks_for_a_violation_which_there_is_not_is_named(services: Services, tmp_path: Path):
    rows = [{**LOCAL_CHECKLIST["rows"][0], "violation_code": "false_day_ward"}]
    path = body(tmp_path / "list.json", {**LOCAL_CHECKLIST, "rows": rows})
    with pytest.raises(BadRows) as caught:
        import_catalogue(services, path, {})
    assert [(fault.column, fault.code) for fault in caught.value.faults] == [
        ("violation_code", "not_in_catalogue")
    ]
    import_catalogue(services, body(tmp_path / "violations.json", LOCAL_VIOLATIONS), {})
    assert import_catalogue(services, path, {}).index is not None


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"kind": "recipes"}, "kind"),
        ({"valid_from": "1.1.2026"}, "valid_from"),
        ({"region": "990000"}, "region"),
    ],
)
def test_a_wrong_header_is_named_by_its_member(services: Services, tmp_path: Path, options: Any, field: str):
    with pytest.raises(BadValue) as refusal:
        import_catalogue(services, table(tmp_path / "icd.csv"), {**ICD, **options})
    assert refusal.value.field == field
    assert size(services) == FOUNDING


@pytest.mark.parametrize(
    "value", ["{", "[]", '{"rows": {}}', '{"rows": ["I10"]}', '{"rows": [], "kind": "diagnosis"}'],
)  # fmt: skip
def test_what_is_no_catalogue_in_json_is_refused(services: Services, tmp_path: Path, value: str):
    path = tmp_path / "odd.json"
    path.write_text(value, "utf-8")
    with pytest.raises((BadFile, BadValue)):
        import_catalogue(services, path, {})
    assert size(services) == FOUNDING


def test_the_same_version_with_another_content_is_refused_and_a_new_version_is_taken(
    services: Services, tmp_path: Path
):
    import_catalogue(services, table(tmp_path / "icd.csv"), ICD)
    more = table(tmp_path / "more.csv", [*ROWS, ["A41.9", "脓毒症", ""]])
    with pytest.raises(CatalogueExists):
        import_catalogue(services, more, ICD)
    assert import_catalogue(services, more, {**ICD, "version": "2"}).index == FOUNDING + 1
    assert import_catalogue(services, more, {**ICD, "region": "341500"}).index == FOUNDING + 2


def test_a_checklist_too_large_for_a_phone_is_refused(services: Services, tmp_path: Path):
    rows = [{"code": f"T{number:05d}", "zh": "测试项", "required": False} for number in range(2_001)]
    with pytest.raises(TooLarge):
        import_catalogue(services, body(tmp_path / "list.json", {**LOCAL_CHECKLIST, "rows": rows}), {})
    assert size(services) == FOUNDING


def test_a_withdrawn_catalogue_holds_no_longer_and_stays_in_the_ledger(services: Services, tmp_path: Path):
    report = import_catalogue(services, table(tmp_path / "icd.csv"), ICD)
    withdraw(services, report.digest[:8])
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        assert report.digest not in {one.digest for one in holding.listed(connection, vault)}
    assert stored(services, report.digest).digest == report.digest
    assert audit(services).ok
    with pytest.raises(NotFound):
        withdraw(services, report.digest)
    with pytest.raises(BadValue):
        withdraw(services, report.digest[:7])


def test_progress_is_told_of_checking_and_committing(services: Services, tmp_path: Path):
    told: list[tuple[str, int, int]] = []
    import_catalogue(services, table(tmp_path / "icd.csv"), ICD, lambda *step: told.append(step))
    assert told == [("check", 0, 2), ("check", 2, 2), ("commit", 0, 2), ("commit", 2, 2)]


@pytest.mark.slow
def test_forty_thousand_codes_come_in_and_are_looked_up_in_pages(services: Services, tmp_path: Path):
    from server.catalogues import lookup

    rows = [["编码", "名称"]]
    rows += [
        [f"{letter}{n:02d}.{m:03d}", f"测试{n}"] for letter in "ABCD" for n in range(100) for m in range(100)
    ]
    report = import_catalogue(services, table(tmp_path / "large.csv", rows), ICD)
    assert report.rows == 40_000
    codes = [f"A{n:02d}.{m:03d}" for n in range(100) for m in range(20)]
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        layers = lookup.layers(
            holding.listed(connection, vault), "diagnosis", region="341502", day="2026-11-17"
        )
        found = lookup.look_up(
            connection, services.ledger.id, layers, [*codes, "Z99"], kind="diagnosis", day="2026-11-17"
        )
    assert {one.state for code, one in found.items() if code != "Z99"} == {lookup.HOLDS}
    assert found["Z99"].state == lookup.UNKNOWN
