"""Late changes and held ones, and what lies in quarantine: lists, one of them, and a supervisor's word."""

from __future__ import annotations

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from schemas.values import UUID
from server.accounts import access_log, cookie
from server.casework import late_changes, readmissions
from server.casework.late_changes import ADOPT, Ruling
from server.console.desk import blueprint, looking, show
from server.console.device_marks import WAITING_FAULTS
from server.console.signing import deciding
from server.current import services
from server.intake.followed import follow
from server.problems import status_of
from server.queries import quarantine as kept_queries
from server.queries import waiting as queries
from server.queries.records import place_of
from server.queries.waiting import Tried
from sync.errors import BadValue, Refusal

REASON_CHARS_MAX = 500


@blueprint.get("/waiting")
def waiting() -> str:
    """List what waits, `?state=held` for what waits by itself."""
    with looking() as look:
        return show(
            queries.waiting_page(
                look, state=request.args.get("state", "late"), after=request.args.get("after", "")
            ),
            look,
        )


@blueprint.get("/waiting/<index>")
def late(index: str) -> str:
    """Show a late change beside what the record says now; reading it is logged."""
    place = place_of(index)
    with looking() as look:
        page = queries.late_page(look, place)
    access_log.note(services(), cookie.signed_in().id, access_log.READ_LATE)
    with looking() as look:
        return show(page, look)


@blueprint.post("/waiting/<index>/rule")
def rule(index: str) -> AnyResponse:
    """Adopt a late change with its group, or set it aside with a reason."""
    place = place_of(index)
    who, form = cookie.signed_in(), request.form
    act, reason, note = form.get("act", ""), form.get("reason", ""), form.get("note", "").strip()
    with looking() as look:
        queries.late_page(look, place)
    try:
        late_changes.rule(deciding(), who.id, place, Ruling(act, reason or None, note or None))
    except Refusal as refusal:
        if refusal.code not in WAITING_FAULTS:
            raise
        with looking() as look:
            page = queries.late_page(look, place, Tried(refusal.code, reason, note))
            return make_response(show(page, look), status_of(refusal))
    words = gettext("Adopted. The phone hears of it at its next sync.")
    if act != ADOPT:
        words = gettext("Set aside. The phone hears why at its next sync.")
    flash(words, "ok")
    if UUID.fullmatch(form.get("back", "")):
        return redirect(url_for("console.evidence", id=form["back"]), 303)
    return redirect(url_for("console.waiting"), 303)


@blueprint.get("/quarantine")
def quarantine() -> str:
    """List what phones sent and could not be accepted."""
    with looking() as look:
        return show(kept_queries.quarantine_page(look, after=request.args.get("after", "")), look)


@blueprint.get("/quarantine/<id>")
def kept(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Say what is known of one thing without showing its words."""
    with looking() as look:
        return show(kept_queries.kept_page(look, id), look)


@blueprint.post("/quarantine/<id>/readmit")
def readmit(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Let a whole set into the ledger, as a named supervisor and with a reason."""
    who, reason = cookie.signed_in(), request.form.get("reason", "").strip()
    with looking() as look:
        kept_queries.kept_page(look, id)
    try:
        if not 2 <= len(reason) <= REASON_CHARS_MAX:
            raise BadValue("say why, in a sentence", field="reason")
        _, result = readmissions.readmit(services(), who.id, id, reason)
    except Refusal as refusal:
        if refusal.code not in WAITING_FAULTS:
            raise
        with looking() as look:
            page = kept_queries.kept_page(look, id, failed=refusal.code, reason=reason)
            return make_response(show(page, look), status_of(refusal))
    if result is not None:
        follow(services(), result)
    flash(gettext("Let in. It was judged as of now."), "ok")
    return redirect(url_for("console.kept", id=id), 303)
