"""The page of a report: each finding with what stands in answer to it, or with what was typed and does not fit."""

from __future__ import annotations

from collections.abc import Mapping

from server.casework import proofs, reports
from server.portal.looking import Look
from server.portal.pages import PartyAnswer, PartyFile, PortalReport
from server.portal.reading import party_cases, party_findings, party_report
from sync.merge import Record

REPORT = "rectification_report"


def report_page(
    look: Look, record: str, *, typed: Mapping[str, PartyAnswer] | None = None, failed: str = ""
) -> PortalReport:
    """Return a report's page; typed: answers by finding that could not be saved; raises NotFound."""
    found = look.one(REPORT, record)
    case = look.one("rectification_case", str(found.values["case"]))
    answers = blank_answers(look, found, case)
    before = [one for one in look.of_case(REPORT, case.id) if one.stage == "returned" and one.id < found.id]
    return PortalReport(
        report=party_report(found),
        version=found.version,
        case=party_cases(look, [case])[0],
        answers=tuple((typed or {}).get(one.finding.id, one) for one in answers),
        files=tuple(
            PartyFile(
                digest=one["digest"], number=number, media_type=one["media_type"], size=int(one["size"])
            )
            for number, one in enumerate(found.values.get("files") or (), start=1)
        ),
        files_max=reports.FILES_MAX,
        file_bytes_max=proofs.FILE_BYTES_MAX,
        today=look.today,
        missing=len(reports.unanswered(found, case)),
        returned_before=str(before[-1].values.get("return_reason") or "") if before else "",
        failed=failed,
    )


def blank_answers(look: Look, report: Record, case: Record) -> list[PartyAnswer]:
    """Return for each finding what stands in answer to it, empty where nothing does.

    A checker's verdict is told with a returned report; his remarks are not.
    """
    found = look.named(case.values.get("findings") or ())
    known = {one["finding"]: one for one in report.values.get("answers") or ()}
    verdicts = {one["finding"]: one["verdict"] for one in report.values.get("checks") or ()}
    told = verdicts if report.stage == "returned" else {}
    return [
        PartyAnswer(
            finding=finding,
            measure=str(known.get(finding.id, {}).get("measure", "")),
            words=str(known.get(finding.id, {}).get("words", "")),
            done_on=str(known.get(finding.id, {}).get("done_on", "")),
            proof=tuple(known.get(finding.id, {}).get("proof", ())),
            verdict=str(told.get(finding.id, "")),
        )
        for finding in party_findings(look, [found[name] for name in sorted(found)])
    ]
