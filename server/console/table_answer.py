"""A table as a file that a browser saves; that it left the server is logged."""

from __future__ import annotations

from flask import Response

from server.accounts import access_log
from server.console.pages.reports import Table
from server.documents import tables
from server.queries.reading import Reading


def table_answer(look: Reading, table: Table, form: str) -> Response:
    """Return a table as CSV or XLSX, named for its content and the day; raises NotFound for another form.

    A header says `truncated` where the list was longer than one file holds.
    """
    body = tables.file_of(table, form)
    access_log.note(look.services, look.user, access_log.TAKE_TABLE)
    answer = Response(body, content_type=tables.MEDIA[form])
    name = f"{table.name}-{look.today.isoformat()}.{form}"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if table.more:
        answer.headers["X-Wardledger-Truncated"] = str(len(table.rows))
    return answer
