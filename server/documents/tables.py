"""A table as a file: CSV that spreadsheets open without a question, or XLSX."""

from __future__ import annotations

import csv
import io
from datetime import date
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from server.console.pages.reports import MONEY, SHARE, Table, TableColumn
from sync.errors import NotFound

CSV, XLSX = "csv", "xlsx"
MEDIA = {
    CSV: "text/csv; charset=utf-8",
    XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ROWS_MAX = 20_000
"""Of one file; a longer list is narrowed first."""
SHEET_TITLE_CHARS = 31
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet would begin to compute with (OWASP, CSV injection)."""
BYTE_ORDER_MARK = "\ufeff"
"""Without it Excel reads a CSV file as of the system's own code page, and Chinese becomes noise."""


def file_of(table: Table, form: str) -> bytes:
    """Return a table as a file; raises NotFound for a form that there is not."""
    if form == CSV:
        return _csv(table)
    if form == XLSX:
        return _xlsx(table)
    raise NotFound(f"the forms are {CSV} and {XLSX}", field="form")


def _csv(table: Table) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow([column.label for column in table.columns])
    for row in table.rows:
        writer.writerow([_plain(column, value) for column, value in zip(table.columns, row, strict=True)])
    return (BYTE_ORDER_MARK + text.getvalue()).encode("utf-8")


def _plain(column: TableColumn, value: Any) -> Any:
    """Return a value as a line of text holds it; what could be taken for a formula is quoted."""
    if value is None:
        return ""
    if column.kind == SHARE:
        return f"{value:.4f}"
    if column.kind == MONEY:
        return str(_yuan(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str) and value.startswith(FORMULA):
        return f"'{value}"
    return value


def _xlsx(table: Table) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("".join(" " if c in "[]:*?/\\" else c for c in table.title)[:SHEET_TITLE_CHARS])
    sheet.freeze_panes = "A2"
    head = [WriteOnlyCell(sheet, value=column.label) for column in table.columns]
    for cell in head:
        cell.font = Font(bold=True)
    sheet.append(head)
    for row in table.rows:
        sheet.append([_cell(sheet, column, value) for column, value in zip(table.columns, row, strict=True)])
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def _yuan(fen: int) -> Decimal:
    return Decimal(fen).scaleb(-2)


def _cell(sheet: Any, column: TableColumn, value: Any) -> Any:
    if column.kind == MONEY and value is not None:
        value = _yuan(value)
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, str):
        # A text that begins like a formula stays the text that it is.
        cell.data_type = "s"
    elif column.kind == SHARE:
        cell.number_format = "0.0%"
    elif column.kind == MONEY:
        cell.number_format = "#,##0.00"
    return cell
