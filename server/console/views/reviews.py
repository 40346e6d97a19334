"""Reviewing: one item, several in one act, and taking a review back within the minute."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import flash, make_response, redirect, request, session, url_for
from werkzeug.wrappers import Response

from server import problems
from server.accounts import cookie
from server.casework import reviewing
from server.casework.reasons import NOTE_CHARS_MIN
from server.casework.review import VOID, Review
from server.casework.reviewing import NotAll
from server.commit.submission import Result
from server.console.desk import blueprint, looking, show
from server.console.filters import ngettext
from server.console.signing import deciding
from server.console.views.evidence import whole
from server.current import services
from server.queries import evidence as queries
from server.queries.evidence_queue import PENDING, Wanted, asked
from server.queries.together import together_page
from server.queries.undoing import REVIEWED
from sync.errors import BadValue


@blueprint.post("/evidence/<id>/review")
def review(id: str) -> Response:  # noqa: A002 - the name that the templates ask for
    """Decide on the version that was on the screen, and go on to the next item."""
    who = cookie.signed_in()
    wanted = _wanted(request.form.get("decision", ""), whole(request.form.get("version"), "version"))
    within = asked(request.args)
    with looking() as look:
        after = queries.next_in_queue(look, id, within)
    result = reviewing.review_evidence(deciding(), who.id, id, wanted)
    _note(wanted.act, result)
    flash(_done(wanted.act, 1), "ok")
    return _on(after, within)


@blueprint.post("/evidence/together")
def together() -> Response:
    """Show what deciding on the chosen items would do; with `step=confirm`, do it in one act."""
    who = cookie.signed_in()
    act = request.form.get("decision", "")
    wanted = [(record, _wanted(act, version)) for record, version in _chosen()]
    if request.form.get("step") != "confirm":
        return _preview(wanted, act)
    try:
        result, prepared = reviewing.review_together(deciding(), who.id, wanted)
    except NotAll as refusal:
        return _preview(wanted, act, problems.status_of(refusal))
    _note(act, result)
    flash(_done(act, len(prepared)), "ok")
    return redirect(url_for("console.evidence_queue"), 303)


@blueprint.post("/evidence/undo")
def undo() -> Response:
    """Take the reader's own last reviews back, and show the first of them."""
    who = cookie.signed_in()
    chosen = _chosen()
    session.pop(REVIEWED, None)
    reviewing.undo_together(services(), who.id, chosen)
    flash(ngettext("Took %(num)s review back", "Took %(num)s reviews back", len(chosen)), "ok")
    return _on(chosen[0][0], Wanted())


def _preview(wanted: list[tuple[str, Review]], act: str, status: int = 200) -> Response:
    who = cookie.signed_in()
    # Why they are returned is asked for on this page; what else stands against each is told already.
    asked = [(record, replace(each, reason="other", note="–" * NOTE_CHARS_MIN)) for record, each in wanted]
    prepared = reviewing.prepare_together(services(), who.id, asked)
    reason, note = request.form.get("reason") or "", request.form.get("sentence") or ""
    with looking() as look:
        page = together_page(look, act, prepared, {record: each.version for record, each in wanted})
        return make_response(show(page.with_words(reason, note), look), status)


def _wanted(act: str, version: int) -> Review:
    return Review(
        act=act,
        version=version,
        reason=request.form.get("reason") or None,
        note=(request.form.get("sentence") or "").strip() or None,
    )


def _chosen() -> list[tuple[str, int]]:
    """Return the chosen items as the form names them, `<id>.<version>`; raises BadValue."""
    given = request.form.getlist("item")
    if not 1 <= len(given) <= reviewing.TOGETHER_MAX:
        raise BadValue(f"choose 1 to {reviewing.TOGETHER_MAX} items", field="item")
    parts = [each.partition(".") for each in given]
    return [(record, whole(version, "item")) for record, _, version in parts]


def _on(record: str | None, within: Wanted) -> Response:
    """Go on to an item of the queue that was worked off, or to the queue where none is left."""
    query: dict[str, Any] = dict(replace(within, state=PENDING).query)
    if record:
        return redirect(url_for("console.evidence", id=record, **query), 303)
    rest = {name: word for name, word in query.items() if name != "state"}
    return redirect(url_for("console.evidence_queue", **rest), 303)


def _note(act: str, result: Result) -> None:
    """Remember in the session where in the ledger the last reviews stand, for as long as they can be taken back."""
    if act == VOID:
        session.pop(REVIEWED, None)
    else:
        session[REVIEWED] = [result.first, len(result.outcomes)]


def _done(act: str, num: int) -> str:
    """Return what a review did, in the reader's words."""
    if act == "approve":
        return ngettext("Approved %(num)s item of evidence", "Approved %(num)s items of evidence", num)
    if act == "return":
        return ngettext(
            "Returned %(num)s item of evidence; the inspector sees the reason at the next sync",
            "Returned %(num)s items of evidence; the inspectors see the reason at the next sync",
            num,
        )
    if act == VOID:
        return ngettext("Voided %(num)s item of evidence", "Voided %(num)s items of evidence", num)
    return ngettext("Rejected %(num)s item of evidence", "Rejected %(num)s items of evidence", num)
