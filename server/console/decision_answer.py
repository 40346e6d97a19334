"""A decision's papers as files that a browser saves, for pages and API alike; that they left the server is logged."""

from __future__ import annotations

from flask import Response

from server.accounts import access_log
from server.documents.decision import render
from server.documents.notice import render_slip
from server.queries import decision_paper
from server.queries.reading import Reading

DECISION, SLIP = "decision", "slip"


def decision_answer(look: Reading, sanction: str, paper: str) -> Response:
    """Return a decision or its service slip; raises NotFound, Recused or NotAllowed."""
    found = decision_paper.one(look, sanction)
    if paper == SLIP:
        body = render_slip(decision_paper.slip_of(look, found))
    else:
        body = render(decision_paper.paper_of(look, found))
    access_log.note(look.services, look.user, access_log.READ_NOTICE, sanction)
    answer = Response(body, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="{paper}-{sanction[-12:]}.pdf"'
    return answer
