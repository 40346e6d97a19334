"""Weekly bulletins at the desk: read, and issued by a supervisor."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from server.accounts import cookie
from server.console.desk import blueprint, looking, show
from server.console.views.evidence import whole
from server.current import services
from server.documents import issuing
from server.queries import bulletins as queries


@blueprint.get("/bulletins", endpoint="bulletins")
def listed() -> str:
    """Show the newest bulletins."""
    with looking() as look:
        return show(queries.bulletins_page(look), look)


@blueprint.post("/bulletins/<id>/issue", endpoint="issue_bulletin")
def issue(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Issue the version that was on the screen; what follows from its streaks becomes tasks and proposals."""
    who = cookie.signed_in()
    made = issuing.issue_bulletin(services(), who.id, id, whole(request.form.get("version"), "version"))
    words = ngettext(
        "The bulletin is issued; %(num)s task follows.", "The bulletin is issued; %(num)s tasks follow.", made
    )
    flash(words, "ok")
    return redirect(url_for("console.bulletins"), 303)
