"""Findings: the list, one finding, and its confirmation."""

from __future__ import annotations

from datetime import date

from flask import Response, flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from server.accounts import cookie
from server.casework import asking_party, desk
from server.casework.confirm import Confirmation
from server.console import formats
from server.console.desk import blueprint, language, looking, show
from server.console.refusals import told
from server.console.signing import deciding
from server.console.views.evidence import whole
from server.current import services
from server.documents import issuing
from server.queries import findings as queries
from server.queries.findings import Term
from server.queries.reading import page_number
from server.reminders import working_calendars
from server.reminders.calendar import due_date
from sync.errors import BadTransition, BadValue


@blueprint.get("/findings")
def findings() -> str:
    """List findings."""
    with looking() as look:
        page = page_number(request.args.get("page"))
        found = queries.findings_page(
            look, state=request.args.get("state", ""), page=page, given=request.args
        )
        return show(found, look)


@blueprint.get("/findings/<id>")
def finding(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one finding; `?served_on=&working_days=` fill its form."""
    with looking() as look:
        try:
            wanted = queries.term(request.args.get("served_on"), request.args.get("working_days"), look.today)
        except BadValue as refusal:
            wanted = Term(look.today, failed=told(refusal).next)
        return show(queries.finding_page(look, id, wanted), look)


@blueprint.post("/findings/<id>/confirm")
def confirm(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Confirm the version that was on the screen, due on the day that was on it; or only work out another day."""
    who = cookie.signed_in()
    form = request.form
    if form.get("action") == "preview":
        served_on, working_days = form.get("served_on"), form.get("working_days")
        address = url_for("console.finding", id=id, served_on=served_on, working_days=working_days)
        return redirect(address, 303)
    if form.get("action") == "open":
        return _opened(who.id, id)
    with looking() as look:
        wanted = queries.term(form.get("served_on"), form.get("working_days"), look.today)
    due_on = due_date(wanted.served_on, wanted.working_days, working_calendars.of_record(services(), id))
    if form.get("due_on") != due_on.isoformat():
        words = gettext(
            "The last day is %(day)s, not the one that was on the screen. Nothing was decided; look at it, "
            "then confirm again.",
            day=formats.day(due_on, language()),
        )
        return _again(id, Term(wanted.served_on, wanted.working_days, words))
    confirmation = Confirmation(whole(form.get("version"), "version"), wanted.served_on, wanted.working_days)
    result = issuing.confirm_finding(deciding(), who.id, id, confirmation)
    opened = next(each.id for each in result.records.values() if each.type == "rectification_case")
    words = gettext(
        "The finding is confirmed and a case is open, due on %(day)s", day=formats.day(due_on, language())
    )
    flash(words, "ok")
    return redirect(url_for("console.case", id=opened), 303)


@blueprint.post("/findings/<id>/ask", endpoint="ask_party")
def ask(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Ask the party to state by a last day, or show the finding again with what keeps it from being asked."""
    who, form = cookie.signed_in(), request.form
    days = queries.working_days_of(form.get("working_days"), asking_party.DEFAULT_WORKING_DAYS)
    try:
        done = desk.ask_party(
            services(), who.id, id, working_days=days, version=whole(form.get("version"), "version")
        )
    except (BadTransition, BadValue) as refusal:
        with looking() as look:
            page = queries.finding_page(look, id, Term(look.today), asking_failed=_why_not_asked(refusal))
            return make_response(show(page, look), 409)
    until = date.fromisoformat(str(done.records[id].values["answer_by"]))
    flash(
        gettext("The party is asked to state by the end of %(day)s.", day=formats.day(until, language())),
        "ok",
    )
    return redirect(url_for("console.finding", id=id), 303)


def _why_not_asked(refusal: BadTransition | BadValue) -> str:
    said = {
        "institution": gettext(
            "Nobody of the institution has an account. Invite somebody on the institution’s page, or let the team "
            "hear the party and record it."
        ),
        "stage": gettext("The party is asked once the finding is proposed and the record is signed."),
        "working_days": gettext("A last day that was told only moves later, at most 60 working days ahead."),
    }
    return str(said.get(str(refusal.field), gettext("Something that was entered does not fit.")))


def _opened(user: str, finding: str) -> AnyResponse:
    """Confirm the version that was on the screen into a case whose notice is to be drafted and served."""
    form = request.form
    days = queries.working_days_of(form.get("working_days"))
    version = whole(form.get("version"), "version")
    confirmation = Confirmation(version, None, days, form.get("case") or None)
    result = issuing.confirm_finding(deciding(), user, finding, confirmation)
    case = next(each.id for each in result.records.values() if each.type == "rectification_case")
    flash(gettext("The finding is confirmed. Draft the notice; the term begins when it is served."), "ok")
    return redirect(url_for("console.case", id=case), 303)


def _again(finding: str, wanted: Term) -> Response:
    with looking() as look:
        return make_response(show(queries.finding_page(look, finding, wanted), look), 409)
