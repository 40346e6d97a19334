"""What a reader sees of the work on a case, and what is next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

from server.casework import casefile, closing, extending, notices, paper_reports, verifying
from server.casework.casefile import CaseFile
from server.console.pages.casework import (
    Aftermath,
    AnswerPart,
    CaseWork,
    ExtensionPart,
    FailedForm,
    LackPart,
    NoticePart,
    PaperForm,
    PaperPart,
    ReportPart,
)
from server.queries import people, slips
from server.queries.reading import Reading, moment
from server.queries.record_values import said
from sync.merge import Record

NOTICE_NEXT = {
    notices.DRAFT: "sign_off",
    notices.SIGNED_OFF: "issue",
    notices.ISSUED: "serve",
    notices.SERVED: "acknowledge",
}
STAGE_NEXT = {
    "notified": "acknowledge",
    "rectifying": "report",
    "report_submitted": "verify",
    "verifying": "close",
    "returned": "report",
    "reopened": "report",
    "satisfied": "nothing",
}
OFFICES = ("supervisor",)


def work_of(reading: Reading, case: Record, failed: FailedForm | None = None) -> CaseWork:
    """Return the work on a case that this reader sees."""
    whole = casefile.within(reading.connection, reading.vault, reading.user, case.id)
    file = _seen(reading, whole)
    notice, draft = notices.standing(file), notices.drafted(file)
    waiting = draft if draft is not None and notice is not None and draft.id != notice.id else None
    shown = waiting or notice
    names = _names(reading, file)
    following = next_of(file)
    roles = reading.roles_over(case)
    may = bool(roles & set(OFFICES)) or (following == "sign_off" and "leader" in roles)
    return CaseWork(
        version=case.version,
        next=following,
        may=may,
        today=reading.today,
        blocked=_blocked(reading.user, file, following, draft),
        notice=_notice(reading, whole, shown, names) if shown else None,
        replaced=_notice(reading, whole, notice, names) if waiting and notice else None,
        report=_report(reading, file, names),
        extensions=tuple(_extension(reading, file, one) for one in file.extensions),
        lacks=_lacks(whole) if case.stage == "verifying" else (),
        after=_after(reading, case),
        look_back_day=reading.today + timedelta(days=closing.LOOK_BACK_DAYS),
        failed=failed,
        paper_form=_paper_form(file) if "supervisor" in roles and paper_reports.waits(file) else None,
    )


def _paper_form(file: CaseFile) -> PaperForm:
    return PaperForm(
        findings=tuple((one.id, str(one.values["violation_code"])) for one in file.findings),
        served_on=_day(file.case, "served_on"),
        begun=any(one.stage == "draft" for one in file.reports),
    )


def _seen(reading: Reading, file: CaseFile) -> CaseFile:
    """Return a file as far as its reader may see what is private in it."""

    def each(some: Iterable[Record]) -> tuple[Record, ...]:
        return tuple(reading.seen(one) for one in some)

    return replace(
        file,
        case=reading.seen(file.case),
        findings=each(file.findings),
        notices=each(file.notices),
        reports=each(file.reports),
        extensions=each(file.extensions),
    )


def next_of(file: CaseFile) -> str:
    """Return what is next on a case, by `casework_marks.NEXT`."""
    stage = str(file.case.stage)
    if stage == "assigned":
        notice = notices.standing(file)
        return NOTICE_NEXT.get(str(notice.stage), "serve") if notice is not None else "draft"
    if stage == "closed":
        return "satisfy" if "call_back_result" in file.case.values else "call_back"
    return STAGE_NEXT[stage]


def _blocked(user: str, file: CaseFile, following: str, draft: Record | None) -> str:
    """Return why this reader in person does not do what is next; the act itself checks again."""
    report = file.report
    if following == "sign_off" and draft is not None and user in notices.writers(draft):
        return "drafted"
    if following == "verify" and report is not None and user == verifying.author_of(report):
        return "reported"
    if following == "close" and user == closing.proposer_of(file.case):
        return "verified"
    if following == "close" and report is not None and user == verifying.author_of(report):
        return "reported"
    return ""


def _names(reading: Reading, file: CaseFile) -> dict[str, str]:
    made = {one.created_by for one in (*file.notices, *file.reports, *file.extensions)}
    return {user: officer.name for user, officer in people.officers(reading, made).items()}


def _day(record: Record, name: str) -> date | None:
    return date.fromisoformat(on) if (on := record.values.get(name)) else None


def _notice(reading: Reading, file: CaseFile, notice: Record, names: dict[str, str]) -> NoticePart:
    values = notice.values
    at = values.get("acknowledged_at")
    return NoticePart(
        id=notice.id,
        version=notice.version,
        type=str(values["type"]),
        stage=str(notice.stage),
        number=str(values.get("number") or ""),
        facts=said(notice, "facts", reading.locale),
        demands=said(notice, "demands", reading.locale),
        legal_basis=tuple(values.get("legal_basis") or ()),
        working_days=int(values.get("working_days") or 0),
        drafted_by=names[notice.created_by],
        issued_on=_day(notice, "issued_on"),
        served_on=_day(notice, "served_on"),
        method=str(values.get("method") or ""),
        received_by=said(notice, "received_by", reading.locale),
        witness=said(notice, "witness", reading.locale),
        acknowledged_at=moment(int(at)) if at else None,
        slips=slips.parts_of(reading, file.case, notice) if notice.stage == notices.ISSUED else (),
        blocked="drafted" if reading.user in notices.writers(notice) else "",
    )


def _report(reading: Reading, file: CaseFile, names: dict[str, str]) -> ReportPart | None:
    report = file.report
    if report is None:
        return None
    answers, checks = casefile.rows_of(report, "answers"), casefile.rows_of(report, "checks")
    return ReportPart(
        id=report.id,
        version=report.version,
        stage=str(report.stage),
        round=int(report.values["round"]),
        by=names[report.created_by],
        answers=tuple(
            _answer(one, answers.get(one.id) or {}, checks.get(one.id) or {}) for one in file.findings
        ),
        own=reading.user == verifying.author_of(report),
        return_reason=said(report, "return_reason", reading.locale),
        paper=_paper(reading, report) if report.values.get("form") == paper_reports.PAPER else None,
    )


def _paper(reading: Reading, report: Record) -> PaperPart:
    return PaperPart(
        handed_in_by=said(report, "handed_in_by", reading.locale),
        handed_in_on=_day(report, "handed_in_on"),
        place=said(report, "paper_place", reading.locale),
        scans=tuple(report.values.get("proof") or ()),
    )


def _answer(finding: Record, answer: Mapping[str, object], check: Mapping[str, object]) -> AnswerPart:
    done, proof = answer.get("done_on"), answer.get("proof")
    return AnswerPart(
        finding=finding.id,
        violation_code=str(finding.values["violation_code"]),
        measure=str(answer.get("measure") or ""),
        words=str(answer.get("words") or ""),
        done_on=date.fromisoformat(str(done)) if done else None,
        proof=tuple(str(one) for one in proof) if isinstance(proof, list | tuple) else (),
        verdict=str(check.get("verdict") or ""),
        verdict_words=str(check.get("words") or ""),
    )


def _extension(reading: Reading, file: CaseFile, extension: Record) -> ExtensionPart:
    values = extension.values
    return ExtensionPart(
        id=extension.id,
        version=extension.version,
        stage=str(extension.stage),
        reason=str(values["reason"]),
        words=said(extension, "words", reading.locale),
        working_days=int(values["working_days"]),
        most=extending.most(int(file.case.values["working_days"])),
        own=reading.user == extension.created_by,
        due_on=_day(extension, "due_on"),
        answer=said(extension, "answer", reading.locale),
    )


def _lacks(file: CaseFile) -> tuple[LackPart, ...]:
    codes = {one.id: str(one.values["violation_code"]) for one in file.findings}
    return tuple(
        LackPart(code=one.code, about=codes.get(one.about, one.about)) for one in closing.lacking(file)
    )


def _after(reading: Reading, case: Record) -> Aftermath:
    values = case.values
    return Aftermath(
        look_back_on=_day(case, "look_back_on"),
        looked_back_on=_day(case, "looked_back_on"),
        look_back_result=str(values.get("look_back_result") or ""),
        call_back_on=_day(case, "call_back_on"),
        call_back_result=str(values.get("call_back_result") or ""),
        return_code=str(values.get("return_code") or ""),
        return_reason=said(case, "return_reason", reading.locale),
        reopen_reason=said(case, "reopen_reason", reading.locale),
    )
