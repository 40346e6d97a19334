"""The report at the portal: begun, answered finding by finding, handed in, and its files shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask import Response, flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from server.accounts import cookie
from server.casework.reports import Answer
from server.console.proof_answer import REPORT, proof_answer
from server.console.views.evidence import whole
from server.current import services
from server.portal import reporting
from server.portal.pages import PartyAnswer
from server.portal.report_page import report_page
from server.portal.rim import blueprint, looking, show
from sync.errors import BadValue, VersionChanged


@blueprint.post("/cases/<id>/report")
def begin_report(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Begin a report, or go on with the one that is being written."""
    report = reporting.begin(services(), cookie.signed_in().id, id)
    return redirect(url_for("portal.report", id=report), 303)


@blueprint.get("/reports/<id>")
def report(id: str) -> str:  # noqa: A002
    """Show a report: a form while it is a draft."""
    with looking() as look:
        return show(report_page(look, id))


@blueprint.post("/reports/<id>")
def write_report(id: str) -> AnyResponse:  # noqa: A002
    """Save what was answered, and hand the report in where that was asked; else show again what does not fit."""
    who = cookie.signed_in()
    with looking() as look:
        page = report_page(look, id)
    typed = {one.finding.id: _typed(one) for one in page.answers}
    try:
        version = _save(who.id, id, typed)
    except (BadValue, VersionChanged) as refusal:
        return _again(id, typed, refusal)
    if request.form.get("act") != "submit":
        flash(gettext("Saved as a draft. It is handed in only once you submit it."), "ok")
        return redirect(url_for("portal.report", id=id), 303)
    try:
        case = reporting.submit(services(), who.id, id, version)
    except (BadValue, VersionChanged) as refusal:
        return _again(id, typed, refusal)
    flash(gettext("The report is handed in. The bureau verifies it; you see here what comes of it."), "ok")
    return redirect(url_for("portal.case", id=case), 303)


@blueprint.get("/reports/<id>/files/<digest>")
def report_file(id: str, digest: str) -> Response:  # noqa: A002
    """Show a file of one's own report."""
    return file_answer(id, digest)


def file_answer(report: str, digest: str) -> Response:
    """Return a file of a report as it was handed in; raises NotFound."""
    with looking() as look:
        found = look.one(REPORT, report)
    return proof_answer(services(), found, digest)


def _save(user: str, report: str, typed: dict[str, PartyAnswer]) -> int:
    version = whole(request.form.get("version"), "version")
    answers = [_answer(one) for one in typed.values() if not one.is_blank]
    return reporting.answer(services(), user, report, answers, version)


def _typed(known: PartyAnswer) -> PartyAnswer:
    form, key = request.form, known.finding.id
    return replace(
        known,
        measure=form.get(f"measure-{key}", ""),
        words=form.get(f"words-{key}", ""),
        done_on=form.get(f"done_on-{key}", ""),
        proof=tuple(form.getlist(f"proof-{key}")),
    )


def _answer(typed: PartyAnswer) -> Answer:
    try:
        done_on = date.fromisoformat(typed.done_on) if typed.done_on else None
    except ValueError as error:
        raise BadValue("a day is written 2026-11-30", item=typed.finding.id, field="done_on") from error
    return Answer(
        finding=typed.finding.id,
        measure=typed.measure,
        words=typed.words,
        done_on=done_on,
        proof=typed.proof,
    )


def _again(report: str, typed: dict[str, PartyAnswer], refusal: BadValue | VersionChanged) -> AnyResponse:
    """Show what was typed once more, with what does not fit; nothing that was typed is lost."""
    if (one := typed.get(refusal.item or "")) is not None:
        typed[one.finding.id] = replace(one, fault=str(refusal.field or "words"))
    failed = "changed" if isinstance(refusal, VersionChanged) else "missing"
    with looking() as look:
        return make_response(show(report_page(look, report, typed=typed, failed=failed)), 422)
