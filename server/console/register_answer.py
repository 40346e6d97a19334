"""The rectification register as a file that a browser saves, for pages and API alike; that it left is logged."""

from __future__ import annotations

from flask import Response, request

from server.accounts import access_log
from server.console.table_answer import table_answer
from server.documents import tables
from server.documents.register import register_pdf
from server.queries.reading import Reading
from server.queries.rectification_register import NAME, Wanted, asked, register_table

PDF = "pdf"


def wanted() -> Wanted:
    """Return what the address of this request asks for; raises BadValue or BadCode."""
    return asked(request.args, request.args.getlist("column"))


def register_answer(look: Reading, form: str) -> Response:
    """Return the register as `csv`, `xlsx` or `pdf`; raises NotFound for another form.

    A header says `truncated` where there were more cases than one file holds.
    """
    if form != PDF:
        return table_answer(look, register_table(look, wanted(), rows_max=tables.ROWS_MAX), form)
    body, table = register_pdf(look, wanted())
    access_log.note(look.services, look.user, access_log.TAKE_TABLE)
    answer = Response(body, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{NAME}.pdf"'
    if table.more:
        answer.headers["X-Wardledger-Truncated"] = str(len(table.rows))
    return answer
