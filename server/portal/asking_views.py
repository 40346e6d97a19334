"""Asking for more time and appealing at the portal, and taking either back."""

from __future__ import annotations

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response

from server.accounts import cookie
from server.casework.asking_time import Asked
from server.casework.filing_appeals import Filing
from server.console.views.evidence import whole
from server.current import services
from server.portal import asking
from server.portal.handed_files import typed_files
from server.portal.reading import case_page, sanction_page
from server.portal.rim import blueprint, looking, show
from sync.errors import BadTransition, BadValue


@blueprint.post("/cases/<id>/extension")
def ask_time(id: str) -> Response:  # noqa: A002 - the name that the templates ask for
    """Ask for an extension, or show the case again with what does not fit."""
    who, form = cookie.signed_in(), request.form
    typed = {name: form.get(name, "") for name in ("working_days", "reason", "words")}
    try:
        asked = Asked(
            working_days=whole(typed["working_days"], "working_days"),
            reason=typed["reason"],
            words=typed["words"],
        )
        asking.ask_time(services(), who.id, id, asked)
    except (BadValue, BadTransition) as refusal:
        with looking() as look:
            page = case_page(look, id, typed=typed, fault=str(refusal.field or "words"))
        return make_response(show(page), 422)
    flash(gettext("The extension is asked for. Until the bureau decides, the last day stays as it is."), "ok")
    return redirect(url_for("portal.case", id=id), 303)


@blueprint.get("/sanctions/<id>")
def sanction(id: str) -> str:  # noqa: A002
    """Show one sanction, with the ways that are open against it."""
    with looking() as look:
        return show(sanction_page(look, id))


@blueprint.post("/sanctions/<id>/appeal")
def appeal(id: str) -> Response:  # noqa: A002
    """File an appeal, or show the sanction again with what does not fit."""
    who, form = cookie.signed_in(), request.form
    files = typed_files(form.getlist("file"))
    filing = Filing(kind=form.get("kind", ""), reasons=form.get("reasons", ""), files=files)
    try:
        asking.appeal(services(), who.id, id, filing)
    except (BadValue, BadTransition) as refusal:
        typed = {"kind": filing.kind, "reasons": filing.reasons}
        with looking() as look:
            page = sanction_page(look, id, typed=typed, files=files, fault=str(refusal.field or "reasons"))
        return make_response(show(page), 422)
    flash(gettext("It is filed. The bureau answers it; you see the answer here."), "ok")
    return redirect(url_for("portal.sanction", id=id), 303)


@blueprint.post("/<kind>/<id>/withdraw")
def take_back(kind: str, id: str) -> Response:  # noqa: A002
    """Take back what was asked for and nobody has decided."""
    who = cookie.signed_in()
    if kind not in asking.TAKEN_BACK:
        raise BadValue("an extension or an appeal is taken back", field="kind")
    asking.take_back(services(), who.id, kind, id, whole(request.form.get("version"), "version"))
    flash(gettext("It is taken back."), "ok")
    return redirect(url_for("portal.home"), 303)
