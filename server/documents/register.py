"""The rectification register (整改台账) as PDF/A: landscape, heads repeated; the same bytes from one head."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask_babel import gettext

from server.console import formats
from server.console.pages.reports import DAY, MONEY, TEXT, WHOLE, Table, TableColumn
from server.documents.paper import pdf
from server.queries.reading import Reading, moment
from server.queries.rectification_register import Wanted, register_table
from server.queries.register_columns import COLUMNS
from server.storage import ledger_store

ROWS_MAX = 1_000
"""Of one paper; a longer register is narrowed first, or taken along as a table."""
SMALL_COLUMNS = 12
"""More columns than these need the larger sheet."""
WIDTHS = {TEXT: 1.3, WHOLE: 0.7, MONEY: 1.2, DAY: 1.0}
WIDE = {
    "institution": 2.2,
    "violations": 2.2,
    "number": 1.8,
    "code": 1.5,
    "articles": 2.2,
    "return_reasons": 2.2,
}


def register_pdf(reading: Reading, wanted: Wanted) -> tuple[bytes, Table]:
    """Return the register as PDF/A-2b with the table that it shows; without chosen columns those meant for paper.

    What is overdue is counted by the day of the ledger's newest entry, and that is the paper's own time.
    """
    head = ledger_store.head(reading.connection, reading.services.ledger.id)
    at = moment(head.at)
    on = at.astimezone(reading.services.config.zone).date()
    columns = wanted.columns or tuple(column for column in COLUMNS if column.printed)
    table = register_table(reading, replace(wanted, columns=columns), rows_max=ROWS_MAX, on=on)
    told = {
        "lang": "zh" if reading.locale == "zh_CN" else "en",
        "title": table.title,
        "origin": reading.services.ledger.origin,
        "subtitle": gettext(
            "As the ledger stood at %(at)s; %(rows)s cases",
            at=formats.moment(at, reading.services.config.timezone, reading.locale),
            rows=len(table.rows),
        ),
        "more": gettext("There are more cases than one paper holds: narrow the register.")
        if table.more
        else "",
        "foot": gettext(
            "Ledger %(origin)s, %(size)s entries", origin=reading.services.ledger.origin, size=head.size
        ),
        "sheet": "a4" if len(columns) <= SMALL_COLUMNS else "a3",
        "heads": [column.label for column in table.columns],
        "widths": [WIDE.get(column.name, WIDTHS[column.kind]) for column in table.columns],
        "right": [column.kind in (MONEY, WHOLE) for column in table.columns],
        "rows": [_cells(table.columns, row) for row in table.rows],
        "nothing": gettext("No case here"),
    }
    return pdf("register.typ", told, at=int(head.at // 1000)), table


def _cells(columns: Sequence[TableColumn], row: Sequence[Any]) -> list[str]:
    return [_words(column, value) for column, value in zip(columns, row, strict=True)]


def _words(column: TableColumn, value: Any) -> str:
    if value is None:
        return ""
    if column.kind == MONEY:
        return f"{value // 100:,}.{value % 100:02d}"
    if isinstance(value, date):
        return value.isoformat()
    return str(value)
