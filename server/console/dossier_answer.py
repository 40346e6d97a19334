"""A dossier as a file that a browser saves, for pages and API alike; that it left the server is logged."""

from __future__ import annotations

from flask import Response

from server.accounts import access_log
from server.documents.dossier import dossier_pdf
from server.queries.reading import Reading


def dossier_answer(look: Reading, institution: str) -> Response:
    """Return an institution's dossier; raises NotFound outside the reader's scope, NotAllowed by his role."""
    body = dossier_pdf(look, institution)
    access_log.note(look.services, look.user, access_log.READ_DOSSIER, institution)
    answer = Response(body, content_type="application/pdf")
    answer.headers["Content-Disposition"] = f'attachment; filename="dossier-{institution[-12:]}.pdf"'
    return answer
