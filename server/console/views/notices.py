"""Notices: what one says and how far it has come, and its papers."""

from __future__ import annotations

from flask import Response

from server.console.bulletin_answer import bulletin_answer
from server.console.desk import blueprint, looking, show
from server.console.notice_answer import PAPER, SLIP, notice_answer
from server.queries import notice_paper


@blueprint.get("/notices/<id>", endpoint="notice")
def notice(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one notice."""
    with looking() as look:
        return show(notice_paper.notice_page(look, id), look)


@blueprint.get("/notices/<id>/notice.pdf", endpoint="notice_file")
def notice_file(id: str) -> Response:  # noqa: A002 - the name that the templates ask for
    """Send a notice as PDF/A."""
    with looking() as look:
        return notice_answer(look, id, PAPER)


@blueprint.get("/notices/<id>/slip.pdf", endpoint="notice_slip")
def notice_slip(id: str) -> Response:  # noqa: A002 - the name that the templates ask for
    """Send a notice's service slip as PDF/A."""
    with looking() as look:
        return notice_answer(look, id, SLIP)


@blueprint.get("/bulletins/<id>/bulletin.pdf", endpoint="bulletin_file")
def bulletin_file(id: str) -> Response:  # noqa: A002 - the name that the templates ask for
    """Send a weekly bulletin as PDF/A."""
    with looking() as look:
        return bulletin_answer(look, id)
