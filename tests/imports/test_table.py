"""A text file is read whole or refused: its form, its columns, its size; each row by the line that it begins on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from server.imports import table
from server.imports.table import BadFile, Headings, Table, read
from sync.errors import TooLarge

HEADINGS = Headings({"code": "code", "name": "name", "名称": "name", "colour": "colour"}, ("code", "name"))


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


def cells(found: Table) -> list[dict[str, str]]:
    return [row.cells for row in found.rows]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_a_file_is_read_in_the_encodings_and_by_the_delimiters_of_spreadsheets(
    tmp_path: Path, encoding: str, delimiter: str
):
    text = "code,name,shape\r\n 1 ,第一䶮,red\r\n".replace(",", delimiter)
    path = written(tmp_path, text, encoding)
    found = read(path, HEADINGS)
    assert cells(found) == [{"code": "1", "name": "第一䶮", "shape": "red"}]
    assert found.left_out == ("shape",)
    assert found.digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_row_is_named_by_the_line_that_it_begins_on(tmp_path: Path):
    path = written(tmp_path, 'code,name\n1,"two\nlines"\n\n2,b\n')
    assert [row.line for row in read(path, HEADINGS).rows] == [2, 5]


def test_headings_may_be_chinese_in_full_width_and_below_a_title(tmp_path: Path):
    path = written(tmp_path, "六安市名单,\n,\nＣＯＤＥ , 名称\n1,a\n")
    found = read(path, HEADINGS)
    assert (cells(found), found.rows[0].line) == ([{"code": "1", "name": "a"}], 4)


def test_headings_further_down_than_a_title_are_not_found(tmp_path: Path):
    path = written(tmp_path, "title,\n" * 10 + "code,name\n1,a\n")
    with pytest.raises(BadFile, match="missing: code, name"):
        read(path, HEADINGS)


@pytest.mark.parametrize(
    ("text", "encoding", "words"),
    [
        ("", "utf-8", "columns are missing: code, name"),
        ("code|name\n1|2\n", "utf-8", "columns are missing"),
        ("code,colour\n1,2\n", "utf-8", "columns are missing: name"),
        ("code,name,name\n1,2,3\n", "utf-8", "two columns have one name: name"),
        ("code,name,名称\n1,2,3\n", "utf-8", "two columns have one name: name"),
        ("code,name\n1\n", "utf-8", "line 2 has 1 cells"),
        ("code,name\n1,2,3\n", "utf-8", "line 2 has a cell in column 3"),
        ("code,name,\n1,2,3\n", "utf-8", "line 2 has a cell in column 3"),
        ('code,name\n1,"2\n', "utf-8", "line"),
        ("code,name\n1,\0\n", "utf-8", "NUL"),
        ("code,name\n", "utf-8", "no rows"),
        ("code,name\n1,ÿ\n", "latin-1", "UTF-8 or GB18030"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str, encoding: str, words: str):
    with pytest.raises(BadFile, match=words):
        read(written(tmp_path, text, encoding), HEADINGS)


def test_a_sheet_of_a_text_file_is_refused(tmp_path: Path):
    with pytest.raises(BadFile, match="no sheets"):
        read(written(tmp_path, "code,name\n1,a\n"), HEADINGS, sheet="Sheet1")


def test_more_columns_than_a_table_has_are_refused(tmp_path: Path):
    names = ",".join(f"c{n}" for n in range(table.COLUMNS_MAX - 1))
    with pytest.raises(BadFile, match="more than 200 columns"):
        read(written(tmp_path, f"code,name,{names}\n"), HEADINGS)


@pytest.mark.parametrize(("limit", "value"), [("ROWS_MAX", 1), ("FILE_BYTES_MAX", 10)])
def test_a_file_beyond_a_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
):
    monkeypatch.setattr(table, limit, value)
    with pytest.raises(TooLarge, match=str(value)):
        read(written(tmp_path, "code,name\n1,a\n2,b\n"), HEADINGS)
