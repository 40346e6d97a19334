"""Conflicts: the queue, one with its values side by side, and the decision."""

from __future__ import annotations

from typing import Any

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from server.accounts import cookie
from server.casework import conflicts as deciding
from server.casework.conflicts import Resolution
from server.console.desk import blueprint, looking, show
from server.console.device_marks import CONFLICT_FAULTS
from server.console.typed import value_of
from server.current import services
from server.problems import status_of
from server.queries import conflicts as queries
from server.queries.conflicts import Tried
from server.queries.reading import page_number
from sync.errors import Refusal

THIRD = "third"


@blueprint.get("/conflicts")
def conflicts() -> str:
    """List the conflicts that wait, `?state=` of one type of record."""
    with looking() as look:
        page = page_number(request.args.get("page"))
        return show(queries.conflicts_page(look, kind=request.args.get("state", ""), page=page), look)


@blueprint.get("/conflicts/<id>")
def conflict(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one conflict with every value that stands there."""
    with looking() as look:
        return show(queries.conflict_page(look, id), look)


@blueprint.post("/conflicts/<id>/resolve")
def resolve(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Decide on the values that were on the screen, and go on to the next; what was typed is kept on a refusal."""
    who = cookie.signed_in()
    over, typed = frozenset(request.form.getlist("over")), request.form.get("value", "")
    take = request.form.get("take", "")
    with looking() as look:
        field, after = queries.field_of(look, id), queries.next_in_queue(look, id)
    try:
        third: Any = value_of(field, typed) if take == THIRD else None
        wanted = Resolution(over, None if take == THIRD else take, third)
        deciding.resolve(services(), who.id, id, wanted)
    except Refusal as refusal:
        code = "bad_value" if refusal.code == "bad_code" else refusal.code
        if code not in CONFLICT_FAULTS:
            raise
        with looking() as look:
            page = queries.conflict_page(look, id, Tried(code, typed, over))
            return make_response(show(page, look), status_of(refusal))
    flash(gettext("Decided. The phones hear of it at their next sync."), "ok")
    if after:
        return redirect(url_for("console.conflict", id=after), 303)
    return redirect(url_for("console.conflicts"), 303)
