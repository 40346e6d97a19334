"""Acting on a case: its notice, its report, more time, and its end; a refused form is shown again with its fault."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from server.accounts import cookie
from server.casework import case_desk, casefile
from server.casework.case_desk import prefilled
from server.casework.closing import NotFitToClose
from server.casework.extending import GRANT, REFUSE, Answer
from server.casework.notices import Wording
from server.casework.serving import Service
from server.casework.verifying import Checked, Return, Verdict
from server.commit.numbers import NumberTaken
from server.console.desk import blueprint, looking, show
from server.console.pages.casework import FailedForm
from server.console.paper_form import paper_report
from server.console.refusals import told
from server.console.signing import deciding
from server.console.views.evidence import whole
from server.current import services
from server.documents.issuing import issue
from server.problems import status_of
from server.queries import cases as queries
from sync.errors import BadTransition, BadValue, NotFound, OwnWork, VersionChanged

TYPED_CHARS_MAX = 8_000
TOLD_AT_THE_FORM = (BadValue, BadTransition, VersionChanged, OwnWork, NotFitToClose, NumberTaken)


Words = Any
"""What gettext answers."""


def _version() -> int:
    return whole(request.form.get("version"), "version")


def _text(name: str) -> str:
    return request.form.get(name, "").strip()


def _days(name: str = "working_days") -> int:
    return whole(request.form.get(name), name)


def _day(name: str) -> date:
    try:
        return date.fromisoformat(request.form.get(name, ""))
    except ValueError as error:
        raise BadValue("a day is written like 2026-11-21", field=name) from error


def _acted(case: str, form: str, do: Callable[[], Words]) -> AnyResponse:
    """Do what a form asks and go back to the case, saying what was done; or show the case with the form's fault."""
    try:
        words = do()
    except TOLD_AT_THE_FORM as refusal:
        spoken = told(refusal)
        typed = {
            name: text[:TYPED_CHARS_MAX]
            for name, text in request.form.items()
            if name not in ("csrf_token", "version")
        }
        failed = FailedForm(
            form=form,
            code=refusal.code,
            field=refusal.field or "",
            item=refusal.item or "",
            happened=str(spoken.happened),
            next=str(spoken.next),
            typed=typed,
        )
        with looking() as look:
            return make_response(show(queries.case_page(look, case, failed), look), status_of(refusal))
    flash(words, "ok")
    return redirect(url_for("console.case", id=case), 303)


# -- the notice ---------------------------------------------------------------------------------------


@blueprint.post("/cases/<id>/notices")
def draft_notice(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Draft a case's notice, worded by its findings; `replaces` names the one that it mends."""
    who = cookie.signed_in()

    def do() -> Words:
        case_desk.draft_notice(
            services(), who.id, id, version=_version(), replaces=request.form.get("replaces") or None
        )
        return gettext("The notice is drafted. Read it, mend it, and leave it to another to sign off.")

    return _acted(id, "draft", do)


@blueprint.post("/notices/<id>/<step>")
def notice_step(id: str, step: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Take a notice further: `change`, `drop`, `sign_off`, `issue`, `serve` or `acknowledge`."""
    who = cookie.signed_in()
    act = NOTICE_STEPS.get(step)
    if act is None:
        raise NotFound(item=step)
    file = casefile.holding(services(), who.id, id)
    return _acted(file.case.id, step, lambda: act(who.id, id))


def _change(user: str, notice: str) -> Words:
    file = casefile.holding(services(), user, notice)
    usual = prefilled(file)
    said = Wording(
        type=_text("type") or usual.type,
        facts=_text("facts"),
        demands=_text("demands"),
        working_days=_days(),
        legal_basis=usual.legal_basis,
        legal_basis_on=usual.legal_basis_on,
    )
    case_desk.change_notice(services(), user, notice, said, version=_version())
    return gettext("The draft is changed.")


def _drop(user: str, notice: str) -> Words:
    case_desk.drop_notice(services(), user, notice, version=_version())
    return gettext("The draft is thrown away; it stays in the ledger as voided.")


def _sign_off(user: str, notice: str) -> Words:
    number = case_desk.sign_off_notice(services(), user, notice, version=_version())
    return gettext("The notice is signed off as %(number)s.", number=number)


def _issue(user: str, notice: str) -> Words:
    issue(services(), user, notice, version=_version())
    return gettext("The notice is issued.")


def _serve(user: str, notice: str) -> Words:
    service = Service(
        method=_text("method"),
        served_on=_day("served_on"),
        received_by=_text("received_by"),
        witness=_text("witness"),
        slip=_text("slip"),
    )
    case_desk.serve_notice(services(), user, notice, service, version=_version())
    return gettext("The notice is served; the term has begun.")


def _acknowledge(user: str, notice: str) -> Words:
    case_desk.acknowledge_notice(services(), user, notice, version=_version())
    return gettext("The acknowledgement is entered.")


NOTICE_STEPS: dict[str, Callable[[str, str], Words]] = {
    "change": _change,
    "drop": _drop,
    "sign_off": _sign_off,
    "issue": _issue,
    "serve": _serve,
    "acknowledge": _acknowledge,
}


# -- report, closing and after ------------------------------------------------------------------------


@blueprint.post("/cases/<id>/<step>")
def case_step(id: str, step: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Take a case further: `report`, `verify`, `return`, `close`, `call_back`, `look_back`, `satisfy` or `reopen`."""
    who = cookie.signed_in()
    act = CASE_STEPS.get(step)
    if act is None:
        raise NotFound(item=step)
    casefile.load(services(), who.id, id)
    return _acted(id, step, lambda: act(who.id, id))


def _report(user: str, case: str) -> Words:
    case_desk.enter_report(services(), user, case, paper_report(services(), user, case), version=_version())
    return gettext("The report on paper is entered. Somebody else verifies it.")


def _verify(user: str, case: str) -> Words:
    form, file = request.form, casefile.load(services(), user, case)
    verdicts = {
        one.id: Verdict(form.get(f"verdict-{one.id}", ""), form.get(f"words-{one.id}", "").strip())
        for one in file.findings
    }
    said = Checked(
        verdicts=verdicts,
        failings=frozenset(form.getlist("failing")),
        money_settled=bool(form.get("money_settled")),
    )
    case_desk.verify_report(deciding(), user, case, said, version=_version())
    return gettext("The verdicts are entered. Somebody else closes the case, or the report goes back.")


def _return(user: str, case: str) -> Words:
    why = Return(code=_text("code"), words=_text("words"), working_days=_days())
    case_desk.return_report(services(), user, case, why, version=_version())
    return gettext("The report went back; the new last day stands.")


def _close(user: str, case: str) -> Words:
    case_desk.close_case(deciding(), user, case, version=_version(), look_back_on=_day("look_back_on"))
    return gettext("The case is closed.")


def _call_back(user: str, case: str) -> Words:
    case_desk.call_back(services(), user, case, version=_version(), on=_day("on"), result=_text("result"))
    return gettext("The answer to the call-back is entered.")


def _look_back(user: str, case: str) -> Words:
    case_desk.look_back(services(), user, case, version=_version(), on=_day("on"), result=_text("result"))
    return gettext("What the look-back found is entered.")


def _satisfy(user: str, case: str) -> Words:
    case_desk.satisfy(services(), user, case, version=_version())
    return gettext("The case has ended to satisfaction.")


def _reopen(user: str, case: str) -> Words:
    case_desk.reopen(services(), user, case, version=_version(), words=_text("words"), working_days=_days())
    return gettext("The case is open again; the new last day stands.")


CASE_STEPS: dict[str, Callable[[str, str], Words]] = {
    "report": _report,
    "verify": _verify,
    "return": _return,
    "close": _close,
    "call_back": _call_back,
    "look_back": _look_back,
    "satisfy": _satisfy,
    "reopen": _reopen,
}


# -- more time ----------------------------------------------------------------------------------------


@blueprint.post("/extensions/<id>/decide")
def decide_extension(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Grant more time, or refuse it."""
    who = cookie.signed_in()
    file = casefile.holding(services(), who.id, id)

    def do() -> Words:
        act = _text("act")
        days = _days() if act == GRANT else 0
        answer = Answer(act=act, working_days=days, words=_text("words"))
        case_desk.decide_extension(services(), who.id, id, answer, version=_version())
        if act == REFUSE:
            return gettext("More time is refused; the last day stays.")
        return gettext("More time is granted; the new last day stands.")

    return _acted(file.case.id, f"extension-{id}", do)
