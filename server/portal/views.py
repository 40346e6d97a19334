"""The portal's pages: the institution's first page, a notice, a case."""

from __future__ import annotations

from flask import Response as AnyResponse
from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from server.accounts import cookie
from server.console.views.evidence import whole
from server.current import services
from server.portal import acknowledging, reading
from server.portal.papers import paper_answer
from server.portal.rim import blueprint, looking, show


@blueprint.get("")
def home() -> str:
    """Show what waits for the institution."""
    with looking() as look:
        return show(reading.home(look))


@blueprint.get("/notices/<id>")
def notice(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one notice."""
    with looking() as look:
        return show(reading.notice_page(look, id))


@blueprint.get("/notices/<id>/paper.pdf")
def paper(id: str) -> AnyResponse:  # noqa: A002
    """Give a notice as the paper that was signed off."""
    with looking() as look:
        return paper_answer(look, id)


@blueprint.post("/notices/<id>/acknowledge")
def acknowledge(id: str) -> Response:  # noqa: A002
    """Acknowledge a notice that was served."""
    who = cookie.signed_in()
    acknowledging.by_user(services(), who.id, id, whole(request.form.get("version"), "version"))
    flash(gettext("You have acknowledged the notice; the bureau sees it from now on."), "ok")
    return redirect(url_for("portal.notice", id=id), 303)


@blueprint.get("/cases/<id>")
def case(id: str) -> str:  # noqa: A002
    """Show one case."""
    with looking() as look:
        return show(reading.case_page(look, id))
