"""Handing a visit over while it goes on: the form, and the act."""

from __future__ import annotations

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from server.accounts import cookie
from server.casework import plans
from server.casework.planning import OfficerUnfit
from server.casework.plans import Handing
from server.console.desk import blueprint, looking, show
from server.console.inspection_marks import HANDOVER_FAULTS
from server.console.pages.handover import HandoverForm
from server.console.signing import deciding
from server.problems import status_of
from server.queries.handover import handover_page
from sync.errors import BadTransition, BadValue, NotFound, OwnWork, Refusal, VersionChanged

FAULTS = (BadValue, BadTransition, NotFound, OfficerUnfit, OwnWork, VersionChanged)


@blueprint.get("/inspections/<id>/handover")
def handover(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show who could go on with a visit, and what its team's phones have not sent yet."""
    with looking() as look:
        return show(handover_page(look, id), look)


@blueprint.post("/inspections/<id>/handover")
def hand_over(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Hand the visit over, or show the form again with what does not fit."""
    who, form = cookie.signed_in(), request.form
    typed = HandoverForm(
        giver=form.get("giver", ""),
        taker=form.get("taker", ""),
        leaves=form.get("leaves") == "1",
        reason=form.get("reason", "").strip(),
    )
    with looking() as look:
        handover_page(look, id)
    wanted = Handing(giver=typed.giver, taker=typed.taker, reason=typed.reason, leaves=typed.leaves)
    try:
        plans.hand_over(deciding(), who.id, id, wanted)
    except FAULTS as refusal:
        with looking() as look:
            page = handover_page(look, id, _again(typed, refusal))
            return make_response(show(page, look), status_of(refusal))
    flash(gettext("Handed over. The colleague’s phone has the visit after its next sync."), "ok")
    return redirect(url_for("console.inspection", id=id), 303)


def _again(typed: HandoverForm, refusal: Refusal) -> HandoverForm:
    named = refusal.field or ""
    failed = named if named in HANDOVER_FAULTS else refusal.code
    return HandoverForm(
        giver=typed.giver, taker=typed.taker, leaves=typed.leaves, reason=typed.reason, failed=failed
    )
