"""Acting on a case for programs: what the forms of its page do, and by the same rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, jsonify

from server.accounts import cookie
from server.api import case_bodies as bodies
from server.api.answers import plain
from server.api.blueprint import blueprint
from server.api.bodies import body
from server.api.operations import ACTS, Operation, described
from server.api.views.acts import DECIDING, SIGNING
from server.casework import case_desk
from server.casework.closing import NotFitToClose
from server.casework.extending import Answer
from server.casework.notices import Wording
from server.casework.paper_reports import PaperReport
from server.casework.reports import Answer as Reported
from server.casework.serving import Service
from server.casework.verifying import Checked, Return, Verdict
from server.commit.numbers import NumberTaken
from server.commit.submission import Result
from server.current import services
from server.documents.issuing import issue
from sync.errors import BadValue, NotFound

REFUSALS = (*DECIDING, BadValue, NotFound)
CASE = "rectification_case"


@dataclass(frozen=True, kw_only=True)
class CaseActed:
    """An act on a case. version, stage, due_on, due_version: of the case after it, None where it did not move.

    ledger_index: the first entry of the act
    """

    ledger_index: int
    case: str | None = None
    version: int | None = None
    stage: str | None = None
    due_on: date | None = None
    due_version: int | None = None


@dataclass(frozen=True, kw_only=True)
class NoticeMade:
    """A notice that was drafted, or signed off with its number."""

    id: str
    number: str | None = None


def _step(zh: str, en: str, given: Any = bodies.VersionBody, *more: type) -> Operation:
    return Operation(ACTS, zh, en, CaseActed, body=given, refusals=(*REFUSALS, *more))


def _answer(result: Result) -> Response:
    case = next((one for one in result.records.values() if one.type == CASE), None)
    if case is None:
        return jsonify(plain(CaseActed(ledger_index=result.first)))
    due = case.values.get("due_on")
    acted = CaseActed(
        ledger_index=result.first,
        case=case.id,
        version=case.version,
        stage=str(case.stage),
        due_on=date.fromisoformat(str(due)) if due else None,
        due_version=case.values.get("due_version"),
    )
    return jsonify(plain(acted))


@blueprint.post("/cases/<record>/notices")
@described(
    Operation(
        ACTS,
        "草拟整改通知书，内容由问题带出",
        "Draft the notice of a case, worded by its findings",
        NoticeMade,
        status=201,
        body=bodies.DraftBody,
        refusals=REFUSALS,
    )
)
def draft_case_notice(record: str) -> tuple[Response, int]:
    """Draft a notice."""
    who = cookie.signed_in().id
    given = body(bodies.DraftBody())
    made = case_desk.draft_notice(services(), who, record, **given)
    return jsonify(plain(NoticeMade(id=made))), 201


@blueprint.post("/notices/<record>/change")
@described(_step("修改文书草稿", "Change what a draft says", bodies.WordingBody))
def change_notice(record: str) -> Response:
    """Change a draft."""
    who = cookie.signed_in().id
    given = body(bodies.WordingBody())
    version = given.pop("version")
    articles = tuple(given.pop("legal_basis", ()))
    said = Wording(**given, legal_basis=articles)
    return _answer(case_desk.change_notice(services(), who, record, said, version=version))


@blueprint.post("/notices/<record>/drop")
@described(_step("作废文书草稿", "Throw a draft away"))
def drop_notice(record: str) -> Response:
    """Throw a draft away."""
    who = cookie.signed_in().id
    given = body(bodies.VersionBody())
    return _answer(case_desk.drop_notice(services(), who, record, **given))


@blueprint.post("/notices/<record>/sign-off")
@described(
    Operation(
        ACTS,
        "由他人签发审定文书并编号",
        "Sign a draft off, by somebody who did not write it, with the next number of the year",
        NoticeMade,
        body=bodies.VersionBody,
        refusals=(*REFUSALS, NumberTaken),
    )
)
def sign_off_notice(record: str) -> Response:
    """Sign a draft off."""
    who = cookie.signed_in().id
    given = body(bodies.VersionBody())
    number = case_desk.sign_off_notice(services(), who, record, **given)
    return jsonify(plain(NoticeMade(id=record, number=number)))


@blueprint.post("/notices/<record>/issue")
@described(_step("制发文书", "Issue a notice that was signed off", bodies.IssueBody))
def issue_notice(record: str) -> Response:
    """Issue a notice."""
    who = cookie.signed_in().id
    given = body(bodies.IssueBody())
    return _answer(issue(services(), who, record, **given))


@blueprint.post("/notices/<record>/serve")
@described(
    _step("登记送达，期限自次日起算", "Enter the service of a notice; the term begins", bodies.ServeBody)
)
def serve_notice(record: str) -> Response:
    """Enter a service."""
    who = cookie.signed_in().id
    given = body(bodies.ServeBody())
    version = given.pop("version")
    return _answer(case_desk.serve_notice(services(), who, record, Service(**given), version=version))


@blueprint.post("/notices/<record>/acknowledge")
@described(_step("登记书面确认", "Enter an acknowledgement that came on paper"))
def enter_acknowledgement(record: str) -> Response:
    """Enter an acknowledgement."""
    who = cookie.signed_in().id
    given = body(bodies.VersionBody())
    return _answer(case_desk.acknowledge_notice(services(), who, record, **given))


@blueprint.post("/cases/<record>/report")
@described(
    _step(
        "录入纸质整改报告，录入人不得核查",
        "Enter a report that came on paper; whoever enters it does not verify it",
        bodies.PaperReportBody,
    )
)
def enter_report(record: str) -> Response:
    """Enter a report on paper."""
    who = cookie.signed_in().id
    given = body(bodies.PaperReportBody())
    version, answers = given.pop("version"), given.pop("answers")
    said = PaperReport(
        **{**given, "scans": tuple(given["scans"])},
        answers=tuple(Reported(**{**one, "proof": tuple(one.get("proof", ()))}) for one in answers),
    )
    return _answer(case_desk.enter_report(services(), who, record, said, version=version))


@blueprint.post("/cases/<record>/verify")
@described(_step("逐项核查整改报告", "Verify a report, finding by finding", bodies.VerifyBody, *SIGNING))
def verify_report(record: str) -> Response:
    """Verify a report."""
    who = cookie.signed_in().id
    given = body(bodies.VerifyBody())
    said = Checked(
        verdicts={one["finding"]: Verdict(one["verdict"], one.get("words", "")) for one in given["verdicts"]},
        failings=frozenset(given.get("failings", ())),
        money_settled=given["money_settled"],
    )
    here = cookie.deciding(given.get("assertion"))
    return _answer(case_desk.verify_report(here, who, record, said, version=given["version"]))


@blueprint.post("/cases/<record>/return")
@described(
    _step("退回整改报告并定补充期限", "Return a report with a reason and a further term", bodies.ReturnBody)
)
def return_report(record: str) -> Response:
    """Return a report."""
    who = cookie.signed_in().id
    given = body(bodies.ReturnBody())
    version = given.pop("version")
    return _answer(case_desk.return_report(services(), who, record, Return(**given), version=version))


@blueprint.post("/cases/<record>/close")
@described(
    _step(
        "销号：不具备条件时逐项说明",
        "Close a case; what it lacks is named",
        bodies.CloseBody,
        NotFitToClose,
        *SIGNING,
    )
)
def close_case(record: str) -> Response:
    """Close a case."""
    who = cookie.signed_in().id
    given = body(bodies.CloseBody())
    here = cookie.deciding(given.pop("assertion", None))
    return _answer(case_desk.close_case(here, who, record, **given))


@blueprint.post("/cases/<record>/call-back")
@described(_step("登记回访", "Enter the answer to a call-back", bodies.CallBackBody))
def call_back(record: str) -> Response:
    """Enter a call-back."""
    who = cookie.signed_in().id
    given = body(bodies.CallBackBody())
    return _answer(case_desk.call_back(services(), who, record, **given))


@blueprint.post("/cases/<record>/look-back")
@described(_step("登记回头看", "Enter what a look-back found", bodies.LookBackBody))
def look_back(record: str) -> Response:
    """Enter a look-back."""
    who = cookie.signed_in().id
    given = body(bodies.LookBackBody())
    return _answer(case_desk.look_back(services(), who, record, **given))


@blueprint.post("/cases/<record>/satisfy")
@described(_step("满意办结", "End a closed case to satisfaction"))
def satisfy_case(record: str) -> Response:
    """End a case."""
    who = cookie.signed_in().id
    given = body(bodies.VersionBody())
    return _answer(case_desk.satisfy(services(), who, record, **given))


@blueprint.post("/cases/<record>/reopen")
@described(_step("重开并定新期限", "Open a closed case again with a new last day", bodies.ReopenBody))
def reopen_case(record: str) -> Response:
    """Open a case again."""
    who = cookie.signed_in().id
    given = body(bodies.ReopenBody())
    return _answer(case_desk.reopen(services(), who, record, **given))


@blueprint.post("/extensions/<record>/decide")
@described(_step("批准或不批准延期", "Grant more time, or refuse it", bodies.DecideExtensionBody))
def decide_extension(record: str) -> Response:
    """Decide on more time."""
    who = cookie.signed_in().id
    given = body(bodies.DecideExtensionBody())
    version = given.pop("version")
    return _answer(case_desk.decide_extension(services(), who, record, Answer(**given), version=version))
