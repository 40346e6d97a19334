"""The log of accesses: lines by person, record and day; one line with its proof; the whole as a file."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from server.console.desk import blueprint, looking, show
from server.console.table_answer import table_answer
from server.queries import accesses as queries
from sync.errors import NotFound


@blueprint.get("/access-log", endpoint="accesses")
def accesses() -> str:
    """List lines: `?user= &record= &act= &day= &after=`."""
    with looking() as look:
        return show(queries.accesses_page(look, request.args), look)


@blueprint.post("/access-log", endpoint="accesses_of")
def of_person() -> AnyResponse:
    """Go to the lines of who has a user name: it is posted, and the address holds his id alone."""
    record, act, day = (request.form.get(name, "") or None for name in ("record", "act", "day"))
    login = request.form.get("login", "").strip()
    with looking() as look:
        queries.asked(look, {})
        try:
            user = queries.person(look, login) if login else None
        except NotFound:
            flash(gettext("Nobody has this user name."), "problem")
            user = None
    return redirect(url_for("console.accesses", user=user, record=record, act=act, day=day), 303)


@blueprint.get("/access-log/<id>", endpoint="access")
def access(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one line with its proof, computed now."""
    with looking() as look:
        return show(queries.access_page(look, id), look)


@blueprint.get("/access-log.<form>", endpoint="accesses_file")
def as_file(form: str) -> Response:
    """Send the lines that are asked for as a table."""
    with looking() as look:
        return table_answer(look, queries.as_table(look, request.args), form)
