"""A weekly bulletin as a file that a browser saves, for pages and API alike; that it left the server is logged."""

from __future__ import annotations

from flask import Response

from server.accounts import access_log
from server.documents.bulletin import render
from server.queries import bulletin_paper
from server.queries.reading import Reading


def bulletin_answer(look: Reading, bulletin: str) -> Response:
    """Return a bulletin as PDF/A; raises NotFound outside the reader's scope, NotAllowed by his role."""
    body = render(bulletin_paper.paper_of(look, bulletin_paper.one(look, bulletin)))
    access_log.note(look.services, look.user, access_log.READ_NOTICE, bulletin)
    answer = Response(body, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="bulletin-{bulletin[-12:]}.pdf"'
    return answer
