"""Evidence: the queue, one item, its file, and the review."""

from __future__ import annotations

from flask import Response, flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server.accounts import cookie
from server.casework import desk
from server.casework.review import Review
from server.console.desk import blueprint, looking, show
from server.console.file_answer import file_answer
from server.console.filters import ngettext
from server.current import services
from server.queries import evidence as queries
from server.queries.reading import page_number
from sync.errors import BadValue


@blueprint.get("/evidence")
def evidence_queue() -> str:
    """List evidence in one state; what waits for review unless another is asked for."""
    with looking() as look:
        state = request.args.get("state", queries.PENDING)
        page = page_number(request.args.get("page"))
        return show(queries.evidence_queue(look, state=state, page=page), look)


@blueprint.get("/evidence/<id>")
def evidence(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one item with its proof recomputed now."""
    with looking() as look:
        state = request.args.get("state", queries.PENDING)
        return show(queries.evidence_page(look, id, state=state), look)


@blueprint.get("/evidence/<id>/file")
def photo(id: str) -> Response:  # noqa: A002 - the name that the templates ask for
    """Send the original, or a small version of it."""
    return file_answer(services(), cookie.signed_in().id, id, request.args.get("width"))


@blueprint.post("/evidence/<id>/review")
def review(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Decide on the version that was on the screen, and go on to the next item."""
    who = cookie.signed_in()
    act = request.form.get("decision", "")
    wanted = Review(
        act=act,
        version=whole(request.form.get("version"), "version"),
        reason=request.form.get("reason") or None,
        note=(request.form.get("sentence") or "").strip() or None,
    )
    with looking() as look:
        after = queries.next_in_queue(look, id)
    desk.review_evidence(services(), who.id, id, wanted)
    flash(_done(act), "ok")
    if after:
        return redirect(url_for("console.evidence", id=after, state=queries.PENDING), 303)
    return redirect(url_for("console.evidence_queue"), 303)


def _done(act: str) -> str:
    """Return what a review did, in the reader's words."""
    if act == "approve":
        return ngettext("Approved %(num)s item of evidence", "Approved %(num)s items of evidence", 1)
    if act == "return":
        return ngettext(
            "Returned %(num)s item of evidence; the inspector sees the reason at the next sync",
            "Returned %(num)s items of evidence; the inspectors see the reason at the next sync",
            1,
        )
    return ngettext("Rejected %(num)s item of evidence", "Rejected %(num)s items of evidence", 1)


def whole(text: str | None, field: str) -> int:
    """Return a whole number from a form; raises BadValue."""
    if text is None or not text.isascii() or not text.isdigit() or len(text) > 15:
        raise BadValue("a whole number is missing", field=field)
    return int(text)
