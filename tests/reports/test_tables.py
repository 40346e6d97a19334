"""Tables as files: they open in a spreadsheet as they are, and compute nothing."""

from __future__ import annotations

import csv
import io
from datetime import date

import pytest
from openpyxl import load_workbook

from server.console.pages.reports import DAY, MONEY, SHARE, WHOLE, Table, TableColumn
from server.documents.tables import file_of
from sync.errors import NotFound

COLUMNS = (
    TableColumn(name="name", label="机构"),
    TableColumn(name="beds", label="床位", kind=WHOLE),
    TableColumn(name="share", label="在床率", kind=SHARE),
    TableColumn(name="amount", label="金额", kind=MONEY),
    TableColumn(name="day", label="日期", kind=DAY),
)
ROWS = (
    ("测试医院", 40, 0.925, 1_234_567, date(2026, 11, 22)),
    ("=cmd|' /C calc'!A0", 0, None, None, None),
)
TABLE = Table(name="demo", title="哪些机构 [一]?", columns=COLUMNS, rows=ROWS)


def read(raw: bytes) -> list[list[str]]:
    """Return the rows of a CSV file."""
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))


def test_a_csv_file_says_what_it_is_encoded_in_and_holds_every_value():
    raw = file_of(TABLE, "csv")
    assert raw.startswith(b"\xef\xbb\xbf"), "Excel would read Chinese as noise"
    assert read(raw)[:2] == [
        ["机构", "床位", "在床率", "金额", "日期"],
        ["测试医院", "40", "0.9250", "12345.67", "2026-11-22"],
    ]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"])
def test_a_text_that_a_spreadsheet_would_compute_is_quoted_in_csv(text: str):
    table = Table(name="demo", title="demo", columns=COLUMNS[:1], rows=((text,),))
    assert read(file_of(table, "csv"))[1][0].startswith("'")


def test_what_is_not_known_is_empty_and_not_nought():
    assert read(file_of(TABLE, "csv"))[2][2:] == ["", "", ""]


def test_an_xlsx_file_keeps_numbers_days_and_texts_apart():
    sheet = load_workbook(io.BytesIO(file_of(TABLE, "xlsx"))).active
    head, first, second = list(sheet.iter_rows())
    assert [cell.value for cell in head] == ["机构", "床位", "在床率", "金额", "日期"]
    assert head[0].font.bold
    assert [cell.value for cell in first[:4]] == ["测试医院", 40, 0.925, 12345.67]
    assert first[4].value.date() == date(2026, 11, 22)
    assert (second[0].data_type, second[0].value) == ("s", "=cmd|' /C calc'!A0"), "no formula"
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize("form", ["pdf", "", "CSV"])
def test_there_is_no_other_form(form: str):
    with pytest.raises(NotFound):
        file_of(TABLE, form)
