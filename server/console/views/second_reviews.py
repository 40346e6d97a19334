"""The second review: what was drawn, and the word of whoever looks again."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from server.accounts import cookie
from server.casework import second_reviewing
from server.casework.second_review import DISAGREE, Second
from server.console.desk import blueprint, looking, show
from server.console.signing import deciding
from server.console.views.evidence import whole
from server.queries import second_reviews as queries
from server.queries.reading import page_number


@blueprint.get("/second-reviews")
def second_reviews() -> str:
    """List the drawn reviews that wait for somebody else, `?state=done` those that are done."""
    with looking() as look:
        page = page_number(request.args.get("page"))
        state = request.args.get("state", queries.OPEN)
        return show(queries.second_reviews(look, state=state, page=page, given=request.args), look)


@blueprint.get("/second-reviews/<id>")
def second_review(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one drawn review with its picture."""
    with looking() as look:
        return show(queries.second_review(look, id), look)


@blueprint.post("/second-reviews/<id>")
def review_again(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Agree or disagree with the version that was on the screen."""
    who = cookie.signed_in()
    form = request.form
    wanted = Second(
        str(form.get("decision")),
        whole(form.get("version"), "version"),
        form.get("reason") or None,
        form.get("sentence") or None,
    )
    second_reviewing.review_again(deciding(), who.id, id, wanted)
    if wanted.act == DISAGREE:
        flash(gettext("You disagreed. The item is open again; a third person decides."), "waiting")
    else:
        flash(gettext("You agreed with the first review."), "ok")
    return redirect(url_for("console.second_reviews"), 303)
