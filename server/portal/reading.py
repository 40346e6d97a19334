"""What the portal shows, read from the records: field by field, so that nothing comes along unasked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from server.casework import asking_time, filing_appeals
from server.casework.proofs import FILE_BYTES_MAX, WRITING_FILES_MAX, ProofFile
from server.catalogues import naming
from server.portal.handed_files import still_typed
from server.portal.looking import Look
from server.portal.pages import (
    PartyAppeal,
    PartyCase,
    PartyExtension,
    PartyFinding,
    PartyNotice,
    PartyReport,
    PartySanction,
    PortalCase,
    PortalFinding,
    PortalHome,
    PortalNotice,
    PortalSanction,
)
from server.queries.cases import CLOSED, days_left
from server.queries.handed_files import files_of
from server.storage.record_store import TABLE
from sync.errors import BadTransition
from sync.merge import Record

SHOWN_MAX = 200
"""So many of each kind stand on the home page, the newest; an institution that has more has another trouble."""
DECIDED = frozenset({"served", "executing", "done", "appealed", "revoked"})
"""Stages in which what was decided has been served: before, it is the bureau's own."""
NEXT = {
    "notified": "acknowledge",
    "rectifying": "report",
    "reopened": "wait",
    "report_submitted": "wait",
    "verifying": "wait",
    "returned": "report",
    "closed": "done",
    "satisfied": "done",
}


def home(look: Look) -> PortalHome:
    """Return the first page."""
    cases = party_cases(look, _newest(look, "rectification_case"))
    here = look.named([look.institution])[look.institution].values
    notices = [party_notice(look, one) for one in _newest(look, "notice")]
    return PortalHome(
        institution=str(here.get("name", here["fixmedins_code"])),
        code=str(here["fixmedins_code"]),
        cases=tuple(sorted((one for one in cases if one.next != "done"), key=_urgency)),
        past=tuple(one for one in cases if one.next == "done"),
        notices=tuple(notices),
        put=party_findings(look, [one for one in _newest(look, "finding") if one.stage == "proposed"]),
        sanctions=tuple(party_sanctions(look, _newest(look, "sanction"))),
    )


def notice_page(look: Look, record: str) -> PortalNotice:
    """Return one notice with what was found in its case; raises NotFound."""
    found = look.one("notice", record)
    cases = look.records(look.own("rectification_case").where(TABLE.c.id == found.values.get("case", "")))
    return PortalNotice(
        notice=party_notice(look, found),
        version=found.version,
        findings=_of_cases(look, cases),
        case=next(iter(party_cases(look, cases)), None),
        may_acknowledge=found.stage == "served",
    )


def case_page(
    look: Look, record: str, *, typed: Mapping[str, str] | None = None, fault: str = ""
) -> PortalCase:
    """Return one case; typed, fault: of an extension that could not be asked for; raises NotFound."""
    found = look.one("rectification_case", record)
    sanctions = look.records(look.own("sanction").where(TABLE.c.parent == record).order_by(TABLE.c.id))
    extensions = look.of_case("extension", record)
    case = party_cases(look, [found])[0]
    calendar, due_on = look.calendar_of(found.region), case.due_on
    served = _day(found.values, "served_on")
    return PortalCase(
        case=case,
        findings=_of_cases(look, [found]),
        notices=tuple(party_notice(look, one) for one in look.of_case("notice", record)),
        reports=tuple(party_report(one) for one in look.of_case("rectification_report", record)),
        sanctions=tuple(party_sanctions(look, sanctions)),
        extension=party_extension(extensions[-1]) if extensions else None,
        provisional=bool(served and due_on and calendar.provisional_years(served, due_on)),
        extension_max=_most(look, found, extensions),
        typed=typed or {},
        fault=fault,
    )


def _most(look: Look, case: Record, extensions: list[Record]) -> int:
    """Return how many working days more can be asked for now: 0 where none can."""
    try:
        asking_time.check_possible(case, extensions, look.today)
    except BadTransition:
        return 0
    return asking_time.most(case)


def sanction_page(
    look: Look,
    record: str,
    *,
    typed: Mapping[str, str] | None = None,
    files: Iterable[ProofFile] = (),
    fault: str = "",
) -> PortalSanction:
    """Return one sanction; typed, files, fault: of an appeal that could not be filed; raises NotFound."""
    found = look.one("sanction", record)
    return PortalSanction(
        sanction=party_sanctions(look, [found])[0],
        ways=filing_appeals.possible(found),
        file_bytes_max=FILE_BYTES_MAX,
        files_max=WRITING_FILES_MAX,
        typed=typed or {},
        typed_files=still_typed(files),
        fault=fault,
    )


def finding_page(
    look: Look,
    record: str,
    *,
    typed: Mapping[str, str] | None = None,
    files: Iterable[ProofFile] = (),
    fault: str = "",
) -> PortalFinding:
    """Return a finding that was put to the party.

    typed, files, fault: of a statement that does not fit; raises NotFound
    """
    found = look.one("finding", record)
    stated = [one for one in look.records(look.own("statement")) if one.values["finding"] == record]
    return PortalFinding(
        finding=party_findings(look, [found])[0],
        version=found.version,
        may_state=found.stage == "proposed",
        words=str(found.values.get("statement") or ""),
        file_bytes_max=FILE_BYTES_MAX,
        files_max=WRITING_FILES_MAX,
        files=files_of(sorted(stated, key=lambda one: one.id)),
        typed=typed or {},
        typed_files=still_typed(files),
        fault=fault,
    )


def party_cases(look: Look, cases: Iterable[Record]) -> list[PartyCase]:
    """Return cases as the institution meets them, in their order."""
    every = list(cases)
    findings = look.named(name for each in every for name in each.values.get("findings") or ())
    return [_case(look, each, findings) for each in every]


def _case(look: Look, case: Record, findings: Mapping[str, Record]) -> PartyCase:
    values, due_on = case.values, _day(case.values, "due_on")
    mine = [findings[name] for name in values.get("findings") or () if name in findings]
    over = case.stage in CLOSED
    return PartyCase(
        id=case.id,
        number=str(values.get("number") or ""),
        stage=str(case.stage),
        due_on=due_on,
        days_left=None
        if over or due_on is None
        else days_left(due_on, look.today, look.calendar_of(case.region)),
        working_days=int(values.get("working_days") or 0),
        findings=len(mine),
        amount_fen=sum(int(each.values.get("amount_fen") or 0) for each in mine),
        returns=int(values.get("returns") or 0),
        next=NEXT.get(str(case.stage), "wait"),
    )


def party_notice(look: Look, notice: Record) -> PartyNotice:
    """Return a notice as its addressee reads it."""
    values = notice.values
    at = values.get("acknowledged_at")
    return PartyNotice(
        id=notice.id,
        number=str(values.get("number", "")),
        type=str(values["type"]),
        stage=str(notice.stage),
        issued_on=_day(values, "issued_on"),
        served_on=_day(values, "served_on"),
        acknowledged_at=datetime.fromtimestamp(int(at) / 1000, UTC) if at else None,
        method=str(values.get("method") or ""),
        facts=str(values.get("facts") or ""),
        demands=str(values.get("demands") or ""),
        legal_basis=tuple(values.get("legal_basis") or ()),
        working_days=values.get("working_days"),
        case=str(values.get("case") or ""),
        document=str(values.get("document") or ""),
    )


def _of_cases(look: Look, cases: Iterable[Record]) -> tuple[PartyFinding, ...]:
    names = [name for each in cases for name in each.values.get("findings") or ()]
    found = look.named(names)
    return party_findings(look, [found[name] for name in sorted(found) if found[name].type == "finding"])


def party_findings(look: Look, findings: Iterable[Record]) -> tuple[PartyFinding, ...]:
    """Return findings with their words; the persons concerned and the evidence stay with the bureau."""
    every = list(findings)
    inspections = look.named(each.root for each in every)
    words = naming.named(look.connection, look.services.ledger.id, every, inspections)
    return tuple(
        PartyFinding(
            id=each.id,
            violation=words[each.id].said(look.locale)[0],
            basis=words[each.id].said(look.locale)[1],
            facts=str(each.values.get("facts") or ""),
            amount_fen=int(each.values.get("amount_fen") or 0),
            stage=str(each.stage),
            statement=str(each.values.get("statement_kind") or ""),
            answer_by=_day(each.values, "answer_by"),
        )
        for each in every
    )


def party_report(report: Record) -> PartyReport:
    """Return a report as a line; why it was returned is told, what a checker noted besides is not."""
    return PartyReport(
        id=report.id,
        case=str(report.values["case"]),
        round=int(report.values["round"]),
        stage=str(report.stage),
        return_reason=str(report.values.get("return_reason") or "") if report.stage == "returned" else "",
    )


def party_extension(one: Record) -> PartyExtension:
    """Return what was asked for, and the answer."""
    values, answered = one.values, one.stage in ("granted", "refused")
    return PartyExtension(
        id=one.id,
        version=one.version,
        stage=str(one.stage),
        reason=str(values["reason"]),
        words=str(values.get("words") or ""),
        working_days=int(values["working_days"]),
        granted_working_days=values.get("granted_working_days") if answered else None,
        due_on=_day(values, "due_on") if answered else None,
        answer=str(values.get("answer") or "") if answered else "",
    )


def party_sanctions(look: Look, sanctions: Iterable[Record]) -> list[PartySanction]:
    """Return sanctions as the party was told of them: no opinion of the legal reviewer, nobody's name."""
    appeals: dict[str, list[PartyAppeal]] = {}
    for one in look.records(look.own("appeal").order_by(TABLE.c.id)):
        appeals.setdefault(str(one.values["sanction"]), []).append(party_appeal(one))
    return [_sanction(one, tuple(appeals.get(one.id, ()))) for one in sanctions]


def _sanction(one: Record, appeals: tuple[PartyAppeal, ...]) -> PartySanction:
    values, served = one.values, one.stage in DECIDED
    return PartySanction(
        id=one.id,
        stage=str(one.stage),
        track=str(values["track"]),
        level=str(values.get("level") or ""),
        measures=tuple(values.get("measures") or ()),
        reasons=str(values.get("reasons") or ""),
        amount_fen=values.get("amount_fen"),
        told_on=_day(values, "told_on"),
        decided_level=str(values.get("decided_level") or "") if served else "",
        decided_amount_fen=values.get("decided_amount_fen") if served else None,
        decision_reasons=str(values.get("decision_reasons") or "") if served else "",
        decided_on=_day(values, "decided_on") if served else None,
        appeals=appeals,
    )


def party_appeal(one: Record) -> PartyAppeal:
    """Return an appeal with its answer."""
    values = one.values
    return PartyAppeal(
        id=one.id,
        version=one.version,
        sanction=str(values["sanction"]),
        kind=str(values["kind"]),
        stage=str(one.stage),
        filed_on=date.fromisoformat(values["filed_on"]),
        reasons=str(values.get("reasons") or ""),
        answer=str(values.get("answer") or "") if one.stage in ("decided", "rejected") else "",
        outcome=str(values.get("outcome") or "") if one.stage == "decided" else "",
        files=files_of([one]),
    )


def _newest(look: Look, kind: str) -> list[Record]:
    return look.records(look.own(kind).order_by(TABLE.c.id.desc()).limit(SHOWN_MAX))


def _urgency(case: PartyCase) -> tuple[bool, date, str]:
    return (case.next == "wait", case.due_on or date.max, case.id)


def _day(values: Mapping[str, Any], name: str) -> date | None:
    found = values.get(name)
    return date.fromisoformat(str(found)) if found else None
