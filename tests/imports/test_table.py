"""A file is read whole or refused: its form, its columns, its size; each row by the line that it begins on."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from server.imports import table
from server.imports.table import BadFile, read
from sync.errors import TooLarge

NEEDED = ("code", "name")


def written(tmp_path: Path, text: str, encoding: str = "utf-8") -> Path:
    path = tmp_path / "list.csv"
    path.write_bytes(text.encode(encoding))
    return path


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_a_file_is_read_with_and_without_a_byte_order_mark(tmp_path: Path, encoding: str):
    path = written(tmp_path, "code,name,colour\r\n 1 ,第一,red\r\n", encoding)
    found = read(path, needed=NEEDED, known=NEEDED)
    assert [row.cells for row in found.rows] == [{"code": "1", "name": "第一", "colour": "red"}]
    assert found.left_out == ("colour",)
    assert found.digest == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_row_is_named_by_the_line_that_it_begins_on(tmp_path: Path):
    path = written(tmp_path, 'code,name\n1,"two\nlines"\n\n2,b\n')
    assert [row.line for row in read(path, needed=NEEDED, known=NEEDED).rows] == [2, 5]


@pytest.mark.parametrize(
    ("text", "encoding", "words"),
    [
        ("", "utf-8", "columns are missing: code, name"),
        ("code;name\n1;2\n", "utf-8", "columns are missing"),
        ("code,name,name\n1,2,3\n", "utf-8", "two columns"),
        ("code,name\n1\n", "utf-8", "line 2 has 1 cells"),
        ('code,name\n1,"2\n', "utf-8", "line"),
        ("code,name\n1,第一\n", "gb18030", "UTF-8"),
    ],
)
def test_what_is_no_table_is_refused(tmp_path: Path, text: str, encoding: str, words: str):
    with pytest.raises(BadFile, match=words):
        read(written(tmp_path, text, encoding), needed=NEEDED, known=NEEDED)


@pytest.mark.parametrize(("limit", "value"), [("ROWS_MAX", 1), ("FILE_BYTES_MAX", 10)])
def test_a_file_beyond_a_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
):
    monkeypatch.setattr(table, limit, value)
    with pytest.raises(TooLarge, match=str(value)):
        read(written(tmp_path, "code,name\n1,a\n2,b\n"), needed=NEEDED, known=NEEDED)
