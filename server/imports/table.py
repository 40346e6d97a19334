"""A file as rows: read whole, bounded, with the digest that the ledger keeps of it."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sync.errors import Refusal, TooLarge

FILE_BYTES_MAX = 64 * 1024 * 1024
ROWS_MAX = 30_000
"""One entry is one commit under the ledger's lock: so many rows hold phones up for less than they wait for it."""
FAULTS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line of the file that it begins on, and its cells by column, without blanks around them."""

    line: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows, its SHA-256 and the columns that nobody asked for."""

    rows: tuple[Row, ...]
    digest: str
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with a row; never repeats the cell, which may name a person."""

    line: int
    column: str
    code: str
    detail: str

    def words(self) -> str:
        """Return the fault as one line of text."""
        return f"line {self.line}, {self.column}: {self.code}: {self.detail}"


class BadRows(Refusal):
    """Rows of a file do not fit; nothing of it was imported."""

    code = "bad_rows"
    next = "Mend the rows named here in the file and import it again."


class BadFile(Refusal):
    """The file is no table with the columns that it needs."""

    code = "bad_file"
    next = "Save it as CSV in UTF-8 with the columns named here in its first line."


def refuse(faults: Sequence[RowFault], rows: int) -> BadRows:
    """Return the refusal that lists what is wrong, line by line, at most FAULTS_MAX of them."""
    words = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    told = [
        {"line": f.line, "column": f.column, "code": f.code, "detail": f.detail} for f in faults[:FAULTS_MAX]
    ]
    return BadRows(f"{words} in {rows} rows; nothing was imported", rows=told)


def read(path: Path, *, needed: Sequence[str], known: Sequence[str]) -> Table:
    """Return the rows of a CSV file in UTF-8, with or without a byte order mark.

    needed: columns that must be there; known: all that are looked at; others are named in `left_out`
    Raises BadFile, TooLarge, OSError.
    """
    if path.stat().st_size > FILE_BYTES_MAX:
        raise TooLarge(f"the file has more than {FILE_BYTES_MAX} bytes")
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadFile("the file is not text in UTF-8") from error
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        columns = [cell.strip() for cell in next(reader, [])]
        _check_columns(columns, needed)
        rows = _rows(reader, columns)
    except csv.Error as error:
        raise BadFile(f"line {reader.line_num}: {error}") from error
    others = tuple(column for column in columns if column not in known)
    return Table(rows, hashlib.sha256(raw).hexdigest(), others)


def _check_columns(columns: list[str], needed: Sequence[str]) -> None:
    if missing := [column for column in needed if column not in columns]:
        raise BadFile(f"columns are missing: {', '.join(missing)}")
    if len(set(columns)) != len(columns):
        raise BadFile("two columns have one name")


def _rows(reader: Any, columns: list[str]) -> tuple[Row, ...]:
    rows: list[Row] = []
    line = reader.line_num + 1
    for cells in reader:
        # A quoted cell may hold line feeds: a row is named by the line that it begins on.
        began, line = line, reader.line_num + 1
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) != len(columns):
            raise BadFile(f"line {began} has {len(cells)} cells, the first line names {len(columns)} columns")
        if len(rows) == ROWS_MAX:
            raise TooLarge(f"the file has more than {ROWS_MAX} rows; import it in parts")
        rows.append(Row(began, {name: cell.strip() for name, cell in zip(columns, cells, strict=True)}))
    return tuple(rows)
