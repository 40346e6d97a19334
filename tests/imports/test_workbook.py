"""A spreadsheet's cells become what a person would have typed; what the spreadsheet has lost is not guessed at."""

from __future__ import annotations

import datetime
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from server.imports import table, workbook
from server.imports.table import BadFile, Headings, Row, read
from sync.errors import TooLarge
from tests.imports import files

HEADINGS = Headings({"code": "code", "name": "name"}, ("code", "name"))
HEAD = ["code", "name"]


def sheet(tmp_path: Path, *lines: list[Any]) -> Path:
    return files.workbook(tmp_path / "list.xlsx", ("名单", [HEAD, *lines]))


def at(*parts: int) -> datetime.datetime:
    """Return a time as spreadsheets keep it: of no zone."""
    return datetime.datetime(*parts)  # noqa: DTZ001


def rows(path: Path, **more: Any) -> tuple[Row, ...]:
    return read(path, HEADINGS, **more).rows


def repacked(path: Path, change: Callable[[str, bytes], bytes]) -> Path:
    """Write a spreadsheet anew with its parts changed."""
    with zipfile.ZipFile(path) as old:
        parts = {name: change(name, old.read(name)) for name in old.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return path


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  1101 ", "1101"),
        (1101, "1101"),
        (1101.0, "1101"),
        (12.5, "12.5"),
        (-3, "-3"),
        (True, "TRUE"),
        (datetime.date(2026, 11, 10), "2026-11-10"),
        (at(2026, 11, 10), "2026-11-10"),
        (at(2026, 11, 10, 8, 30), "2026-11-10 08:30:00"),
        (999_999_999_999_999, "999999999999999"),
    ],
)
def test_a_cell_reads_as_a_person_would_have_typed_it(tmp_path: Path, value: Any, text: str):
    (row,) = rows(sheet(tmp_path, ["1", value]))
    assert (row.cells, row.unfit) == ({"code": "1", "name": text}, {})


@pytest.mark.parametrize("value", [341502199001011234, 3.41502199001011e17, 10**15])
def test_a_number_that_lost_its_last_digits_is_named_and_not_used(tmp_path: Path, value: float):
    (row,) = rows(sheet(tmp_path, ["1", value]))
    assert row.unfit["name"] is workbook.ROUNDED
    assert "name" not in row.cells


def test_an_error_of_the_spreadsheet_is_named(tmp_path: Path):
    def spoil(name: str, part: bytes) -> bytes:
        return part.replace(b't="n"><v>5</v>', b't="e"><v>#N/A</v>') if "sheet1" in name else part

    (row,) = rows(repacked(sheet(tmp_path, ["1", 5]), spoil))
    assert row.unfit["name"] is workbook.ERROR


def test_a_formula_counts_by_its_result_and_is_named_without_one(tmp_path: Path):
    path = sheet(tmp_path, ["1", "=1+1"], ["2", "=2+2"])

    def calculate(name: str, part: bytes) -> bytes:
        return part.replace(b"<f>1+1</f><v></v>", b"<f>1+1</f><v>2</v>").replace(
            b"<f>1+1</f><v />", b"<f>1+1</f><v>2</v>"
        )

    first, second = rows(repacked(path, calculate))
    assert (first.cells["name"], first.unfit) == ("2", {})
    assert second.unfit == {"name": workbook.NO_RESULT}


def test_empty_lines_and_cells_are_passed_over_and_lines_keep_their_numbers(tmp_path: Path):
    path = sheet(tmp_path, [None, None], ["1", "a", None, ""], [], ["2", "b"])
    assert [(row.line, row.cells) for row in rows(path)] == [
        (3, {"code": "1", "name": "a"}),
        (5, {"code": "2", "name": "b"}),
    ]


def test_the_sheet_that_has_the_columns_is_read(tmp_path: Path):
    path = files.workbook(
        tmp_path / "list.xlsx", ("说明", [["about"]]), ("名单", [["title"], HEAD, ["1", "a"]])
    )
    assert rows(path)[0].cells == {"code": "1", "name": "a"}


def test_of_several_sheets_one_must_be_named(tmp_path: Path):
    path = files.workbook(tmp_path / "l.xlsx", ("一月", [HEAD, ["1", "a"]]), ("二月", [HEAD, ["2", "b"]]))
    with pytest.raises(BadFile, match="--sheet: 一月, 二月"):
        rows(path)
    assert rows(path, sheet="二月")[0].cells["code"] == "2"
    with pytest.raises(BadFile, match="no such sheet"):
        rows(path, sheet="三月")


def test_a_sheet_without_the_columns_is_refused_by_their_names(tmp_path: Path):
    path = files.workbook(tmp_path / "list.xlsx", ("名单", [["code"], ["1"]]))
    with pytest.raises(BadFile, match="missing: name"):
        rows(path)


BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE b [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    b"<worksheet><sheetData><row><c><v>&b;</v></c></row></sheetData></worksheet>"
)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda name, part: BOMB if "sheet1" in name else part,
        lambda name, part: b"<worksheet" if "sheet1" in name else part,
        lambda name, part: b"" if "workbook.xml" in name else part,
        lambda name, part: part.replace(b"sheetId", b"cheetId"),
        lambda name, part: part.replace(b't="n"', b't="s"') if "sheet1" in name else part,
    ],
    ids=["entities", "cut", "empty", "renamed", "strings"],
)
def test_a_broken_or_hostile_spreadsheet_is_refused(tmp_path: Path, spoil: Callable[[str, bytes], bytes]):
    with pytest.raises(BadFile):
        rows(repacked(sheet(tmp_path, ["1", 5]), spoil))


@pytest.mark.parametrize("raw", [b"PK\x03\x04 and nothing else", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 old"])
def test_what_only_begins_like_a_spreadsheet_is_refused(tmp_path: Path, raw: bytes):
    path = tmp_path / "list.xlsx"
    path.write_bytes(raw)
    with pytest.raises(BadFile):
        rows(path)


@pytest.mark.parametrize(
    ("room", "limit", "value"),
    [
        (workbook, "UNZIPPED_BYTES_MAX", 2_000),
        (workbook, "MEMBERS_MAX", 3),
        (workbook, "SHEETS_MAX", 0),
        (workbook, "LINES_MAX", 2),
        (table, "ROWS_MAX", 1),
    ],
)
def test_a_spreadsheet_beyond_a_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, room: Any, limit: str, value: int
):
    path = sheet(tmp_path, ["1", "a"], ["2", "b"])
    assert len(rows(path)) == 2
    monkeypatch.setattr(room, limit, value)
    with pytest.raises(TooLarge):
        rows(path)


def test_a_cell_far_to_the_right_or_too_long_is_refused(tmp_path: Path):
    with pytest.raises(BadFile, match="more than 200 cells"):
        rows(sheet(tmp_path, ["1", "a", *[None] * 300, "x"]))
    (row,) = rows(sheet(tmp_path, ["1", "a" * (workbook.CHARS_MAX + 1)]))
    assert row.unfit["name"] is workbook.TOO_LONG


def test_a_row_that_claims_a_place_beyond_every_sheet_ends_soon(tmp_path: Path):
    def far(name: str, part: bytes) -> bytes:
        return (
            part.replace(b'<row r="2"', b'<row r="99999999"').replace(b'r="A2"', b'r="A99999999"')
            if "sheet1" in name
            else part
        )

    with pytest.raises((TooLarge, BadFile)):
        rows(repacked(sheet(tmp_path, ["1", "a"]), far))
