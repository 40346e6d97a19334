"""A notice as the paper that was signed off, for its addressee."""

from __future__ import annotations

from flask import Response

from server.accounts import access_log
from server.documents.notice import render
from server.portal.looking import Look
from server.queries import notice_paper
from server.queries.reading import Reading


def paper_answer(look: Look, notice: str) -> Response:
    """Return a notice that was issued to the institution as PDF; raises NotFound for any other."""
    found = look.one("notice", notice)
    reading = Reading(look.services, look.connection, look.vault, look.user, look.locale)
    answer = Response(render(notice_paper.paper_of(reading, found)), content_type="application/pdf")
    access_log.note(look.services, look.user, access_log.READ_NOTICE, notice)
    answer.headers["Content-Disposition"] = f'attachment; filename="notice-{notice[-12:]}.pdf"'
    return answer
