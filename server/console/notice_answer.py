"""A notice's papers as files that a browser saves, for pages and API alike; that they left the server is logged."""

from __future__ import annotations

from flask import Response

from server.accounts import access_log
from server.documents.notice import render, render_slip
from server.queries import notice_paper
from server.queries.reading import Reading

PAPER, SLIP = "notice", "slip"


def notice_answer(look: Reading, notice: str, paper: str) -> Response:
    """Return a notice or its service slip; raises NotFound outside the reader's scope, NotAllowed by his role."""
    found = notice_paper.one(look, notice)
    if paper == SLIP:
        body = render_slip(notice_paper.slip_of(look, found))
    else:
        body = render(notice_paper.paper_of(look, found))
    access_log.note(look.services, look.user, access_log.READ_NOTICE, notice)
    answer = Response(body, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{paper}-{notice[-12:]}.pdf"'
    return answer
