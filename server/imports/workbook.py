"""Lines of a spreadsheet (.xlsx): one sheet, bounded, each cell as the text that a person would type for it.

A spreadsheet knows things that a text file does not: a number that lost its last digits, a formula
without a result, an error. Such a cell is not guessed at; its row says what is wrong.
"""

from __future__ import annotations

import datetime
import io
import warnings
import zlib
from collections.abc import Iterable, Iterator, Sequence
from itertools import zip_longest
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.xml import DEFUSEDXML

from server.imports.table import COLUMNS_MAX, HEADING_ROWS_MAX, BadFile, Cell, Headings, Line, Unfit
from sync.errors import BadValue, TooLarge

UNZIPPED_BYTES_MAX = 512 * 1024 * 1024
MEMBERS_MAX = 1_000
SHEETS_MAX = 50
LINES_MAX = 100_000
"""Lines of a sheet that are looked at, empty ones among them: a sheet can claim a million."""
DIGITS_MAX = 15
"""A spreadsheet's numbers are exact to 15 digits; longer ones were rounded when somebody typed them."""
CHARS_MAX = 10_000
FORMULA = (b"<f>", b"<f ", b"<f/")
BROKEN = (
    ArithmeticError, AttributeError, BadZipFile, EOFError, LookupError, NotImplementedError, OSError, ParseError,
    RuntimeError, TypeError, ValueError, zlib.error,
)  # fmt: skip
"""What reading a broken or hostile spreadsheet can raise; defusedxml's refusals are ValueErrors."""
ROUNDED = Unfit(
    BadValue.code,
    f"is a number of more than {DIGITS_MAX} digits, of which the spreadsheet has lost the last: "
    "format the column as text and enter it again",
    f"是超过{DIGITS_MAX}位的数字，表格软件已丢失末尾几位：请将该列设为文本格式后重新录入",
)
NO_RESULT = Unfit(
    BadValue.code,
    "is a formula without a result: open the file, save it, or paste the values",
    "是没有计算结果的公式：请打开后重新保存，或粘贴为数值",
)
ERROR = Unfit(BadValue.code, "is an error of the spreadsheet", "是表格软件的错误值")
TOO_LONG = Unfit(BadValue.code, f"has more than {CHARS_MAX} characters", f"超过{CHARS_MAX}个字符")
if not DEFUSEDXML:
    raise ImportError("openpyxl must read XML by defusedxml, which refuses what a parser can be hurt with")


def lines(raw: bytes, headings: Headings, sheet: str | None = None) -> Iterator[Line]:
    """Yield the lines of a spreadsheet; sheet: its name, else the one visible sheet that has the headings.

    Raises BadFile and TooLarge.
    """
    try:
        with warnings.catch_warnings():
            # Oddities of dates and styles; what they spoil shows in the cells.
            warnings.simplefilter("ignore")
            formulas = _look_inside(raw)
            book = load_workbook(io.BytesIO(raw), read_only=True, data_only=True, keep_links=False)
            name = _chosen(book, headings, sheet)
            asked = load_workbook(io.BytesIO(raw), read_only=True, keep_links=False) if formulas else None
            yield from _lines(book[name], asked[name] if asked else None)
    except BROKEN as error:
        raise BadFile(f"the spreadsheet cannot be read: {type(error).__name__}") from error


def _look_inside(raw: bytes) -> bool:
    """Return whether there are formulas; raises TooLarge for what would not fit when unpacked."""
    with ZipFile(io.BytesIO(raw)) as packed:
        members = packed.infolist()
        # A member is never read further than the size it declares.
        if len(members) > MEMBERS_MAX or sum(one.file_size for one in members) > UNZIPPED_BYTES_MAX:
            raise TooLarge(f"the spreadsheet has more than {UNZIPPED_BYTES_MAX} bytes unpacked")
        sheets = [one for one in members if one.filename.startswith("xl/worksheets/")]
        return any(_mentions(packed, one, FORMULA) for one in sheets)


def _mentions(packed: ZipFile, member: Any, wanted: Sequence[bytes]) -> bool:
    tail = b""
    with packed.open(member) as stream:
        while piece := stream.read(1 << 20):
            if any(word in tail + piece for word in wanted):
                return True
            tail = piece[-3:]
    return False


def _chosen(book: Any, headings: Headings, wanted: str | None) -> str:
    sheets: dict[str, Any] = {str(sheet.title): sheet for sheet in book.worksheets}
    if len(sheets) > SHEETS_MAX:
        raise TooLarge(f"the spreadsheet has more than {SHEETS_MAX} sheets")
    if wanted is not None:
        if wanted not in sheets:
            raise BadFile(f"there is no such sheet; there are {', '.join(sheets)}")
        return wanted
    visible = [name for name, sheet in sheets.items() if sheet.sheet_state == "visible"]
    fit = [name for name in visible if _has_headings(sheets[name], headings)]
    if len(fit) > 1:
        raise BadFile(f"several sheets have these columns; name one by --sheet: {', '.join(fit)}")
    if not (fit or visible):
        raise BadFile("the spreadsheet has no visible sheet")
    return fit[0] if fit else visible[0]


def _has_headings(sheet: Any, headings: Headings) -> bool:
    return any(
        not headings.missing(headings.read(cells))
        for _, (_, cells) in zip(range(HEADING_ROWS_MAX), _lines(sheet, None), strict=False)
    )


def _lines(sheet: Any, asked: Any) -> Iterator[Line]:
    """Yield the lines of a sheet; asked: the same sheet read for its formulas, None where there are none."""
    rows: Iterable[tuple[Any, Any]]
    rows = zip_longest(sheet.rows, asked.rows) if asked is not None else ((row, ()) for row in sheet.rows)
    for number, (row, formulas) in enumerate(rows, start=1):
        if number > LINES_MAX:
            raise TooLarge(f"the sheet has more than {LINES_MAX} lines; delete the empty ones")
        cells = [_cell(cell) for cell in row]
        for place, formula in enumerate(formulas or ()):
            if formula.data_type == "f" and cells[place] == "":
                cells[place] = NO_RESULT
        while cells and cells[-1] == "":
            cells.pop()
        if len(cells) > COLUMNS_MAX:
            raise BadFile(f"line {number} has more than {COLUMNS_MAX} cells")
        yield number, cells


def _cell(cell: Any) -> Cell:
    """Return a cell as the text that a person would type, or what is wrong with it."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        return ERROR
    if isinstance(value, str):
        return value if len(value) <= CHARS_MAX else TOO_LONG
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return value.date().isoformat() if midnight else value.isoformat(" ", "seconds")
    return str(value)


def _number(value: float) -> Cell:
    if abs(value) >= 10**DIGITS_MAX:
        return ROUNDED
    return str(int(value)) if value == int(value) else repr(value)
