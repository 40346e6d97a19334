"""A written record's paper as a file to save, for pages and API alike; that it left the server is logged."""

from __future__ import annotations

from flask import Response

from server.accounts import access_log
from server.documents.record import render
from server.queries import record_paper
from server.queries.reading import Reading


def record_answer(look: Reading, evidence: str) -> Response:
    """Return a written record as PDF/A; raises NotFound outside the reader's scope, FileUnverified or FileCorrupt."""
    body = render(record_paper.paper_of(look, look.ever("evidence", evidence)))
    # Whoever takes its paper has read the file.
    access_log.note(look.services, look.user, access_log.READ_FILE, evidence)
    answer = Response(body, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="record-{evidence[-12:]}.pdf"'
    return answer
