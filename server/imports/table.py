"""A file as rows: read whole, bounded, with the digest that the ledger keeps of it. CSV in
server.imports.delimited, spreadsheets in server.imports.workbook.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sync.errors import Refusal, TooLarge

FILE_BYTES_MAX = 64 * 1024 * 1024
ROWS_MAX = 30_000
"""One entry is one commit under the ledger's lock: so many rows hold phones up for less than they wait for it."""
FAULTS_MAX = 1_000
"""How many faults an answer carries; a report file holds all of them."""
COLUMNS_MAX = 200
HEADING_ROWS_MAX = 10
"""How far down the headings may stand: exports like a title and a date above them."""
ZIP, OLD_OFFICE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Unfit(Exception):
    """Carries what is wrong with one cell to the row that it stands in; zh: the same in Chinese."""

    def __init__(self, code: str, detail: str, zh: str):
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.zh = zh


Cell = str | Unfit
Line = tuple[int, Sequence[Cell]]
"""The number of the line that a row begins on, and its cells."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the line of the file that it begins on, and its cells by column, without blanks around them.

    unfit: what is wrong with cells that the file itself could not say, by column
    """

    line: int
    cells: dict[str, str]
    unfit: Mapping[str, Unfit] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Table:
    """A file's rows, its SHA-256, the columns that nobody asked for and those that were found."""

    rows: tuple[Row, ...]
    digest: str
    left_out: tuple[str, ...]
    found: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with a row, in English and Chinese; never repeats the cell, which may name a person."""

    line: int
    column: str
    code: str
    detail: str
    zh: str

    def json(self) -> dict[str, Any]:
        """Return the fault for scripts."""
        return {
            "line": self.line,
            "column": self.column,
            "code": self.code,
            "detail": self.detail,
            "zh": self.zh,
        }


class BadRows(Refusal):
    """Rows of a file do not fit; nothing of it was imported."""

    code = "bad_rows"
    next = "Mend the rows named here in the file and import it again."

    def __init__(self, faults: Sequence[RowFault], rows: int):
        words = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        told = [fault.json() for fault in faults[:FAULTS_MAX]]
        super().__init__(f"{words} in {rows} rows; nothing was imported", rows=told, faults=len(faults))
        self.faults = tuple(faults)


class BadFile(Refusal):
    """The file is no table with the columns that it needs."""

    code = "bad_file"
    next = "Save it as .xlsx, or as CSV in UTF-8 or GB18030, with the columns named here in one of its first lines."


@dataclass(frozen=True, slots=True)
class Headings:
    """What columns are called: {heading: column}, and the columns that must be there."""

    names: Mapping[str, str]
    needed: tuple[str, ...]

    def read(self, cells: Iterable[Cell]) -> list[str]:
        """Return the columns of a row of headings; an unknown heading stands for itself."""
        plain = [normal(cell) if isinstance(cell, str) else "" for cell in cells]
        return [self.names.get(word.casefold(), word) for word in plain]

    def missing(self, columns: Sequence[str]) -> list[str]:
        """Return the columns that are needed and not there."""
        return [name for name in self.needed if name not in columns]


def normal(text: str) -> str:
    """Return a heading without what spreadsheets add: full-width signs, blanks around it."""
    return unicodedata.normalize("NFKC", text).strip()


def read(
    source: Path | bytes, headings: Headings, *, sheet: str | None = None, rows_max: int | None = None
) -> Table:
    """Return the rows of a CSV file or a spreadsheet; sheet: which of several sheets.

    source: where the file lies, or what it holds, of what was uploaded and lies nowhere
    rows_max: another limit than ROWS_MAX, for rows that do not become changes
    Raises BadFile, TooLarge, OSError.
    """
    from server.imports import delimited, workbook

    size = len(source) if isinstance(source, bytes) else source.stat().st_size
    if size > FILE_BYTES_MAX:
        raise TooLarge(f"the file has more than {FILE_BYTES_MAX} bytes")
    raw = source if isinstance(source, bytes) else source.read_bytes()
    if raw.startswith(OLD_OFFICE):
        raise BadFile("the file is an old .xls, or a spreadsheet under a password")
    in_sheets = raw.startswith(ZIP)
    if sheet is not None and not in_sheets:
        raise BadFile("the file is no spreadsheet and has no sheets")
    lines = workbook.lines(raw, headings, sheet) if in_sheets else delimited.lines(raw, headings)
    columns, rows = _gather(lines, headings, ragged=in_sheets, rows_max=rows_max or ROWS_MAX)
    known = set(headings.names.values())
    others = tuple(dict.fromkeys(column for column in columns if column and column not in known))
    found = tuple(column for column in columns if column in known)
    return Table(rows, hashlib.sha256(raw).hexdigest(), others, found)


def _gather(
    lines: Iterator[Line], headings: Headings, *, ragged: bool, rows_max: int
) -> tuple[list[str], tuple[Row, ...]]:
    """Return (columns, rows): the first lines are searched for the headings, what follows are rows.

    ragged: whether a line may end early; a text line that does has lost cells
    """
    columns = _find_headings(lines, headings)
    rows: list[Row] = []
    for number, cells in lines:
        if not any(isinstance(cell, Unfit) or cell.strip() for cell in cells):
            continue
        if len(rows) == rows_max:
            raise TooLarge(f"the file has more than {rows_max} rows; import it in parts")
        if len(cells) < len(columns) and not ragged:
            raise BadFile(f"line {number} has {len(cells)} cells, the headings are {len(columns)}")
        rows.append(_row(number, cells, columns))
    if not rows:
        raise BadFile("the file has headings and no rows")
    return columns, tuple(rows)


def _find_headings(lines: Iterator[Line], headings: Headings) -> list[str]:
    best: list[str] | None = None
    for _, (_, cells) in zip(range(HEADING_ROWS_MAX), lines, strict=False):
        columns = headings.read(cells)
        if not headings.missing(columns):
            return _checked(columns)
        if best is None or len(headings.missing(columns)) < len(headings.missing(best)):
            best = columns
    raise BadFile(f"columns are missing: {', '.join(headings.missing(best or []))}")


def _checked(columns: list[str]) -> list[str]:
    while columns and not columns[-1]:
        columns.pop()
    if len(columns) > COLUMNS_MAX:
        raise BadFile(f"the file has more than {COLUMNS_MAX} columns")
    named = [column for column in columns if column]
    if len(set(named)) != len(named):
        twice = next(column for column in named if named.count(column) > 1)
        raise BadFile(f"two columns have one name: {twice}")
    return columns


def _row(number: int, cells: Sequence[Cell], columns: Sequence[str]) -> Row:
    given: dict[str, str] = {}
    unfit: dict[str, Unfit] = {}
    for place, cell in enumerate(cells):
        name = columns[place] if place < len(columns) else ""
        if isinstance(cell, Unfit):
            unfit[name] = cell
        elif name:
            given[name] = cell.strip()
        elif cell.strip():
            raise BadFile(f"line {number} has a cell in column {place + 1}, which has no heading")
    return Row(number, given, {name: what for name, what in unfit.items() if name})
