"""What somebody of the desk typed of a report on paper, read from the form of its case."""

from __future__ import annotations

from datetime import date

from flask import request

from server.casework import casefile
from server.casework.paper_reports import PaperReport
from server.casework.reports import CORRECTED, Answer
from server.wiring import Services
from sync.errors import BadValue


def paper_report(services: Services, user: str, case: str) -> PaperReport:
    """Return the report as it was typed; raises NotFound or BadValue. The scans prove what they say is corrected."""
    file, form = casefile.load(services, user, case), request.form
    scans = tuple(form.get("scans", "").lower().split())
    if (handed_in_on := _day("handed_in_on", "handed_in_on")) is None:
        raise BadValue("name the day on which it was handed in", field="handed_in_on")
    return PaperReport(
        handed_in_by=form.get("handed_in_by", ""),
        handed_in_on=handed_in_on,
        place=form.get("place", ""),
        scans=scans,
        answers=tuple(_answer(one.id, scans) for one in file.findings),
        instead=bool(form.get("instead")),
    )


def _answer(finding: str, scans: tuple[str, ...]) -> Answer:
    measure = request.form.get(f"measure-{finding}", "")
    return Answer(
        finding=finding,
        measure=measure,
        words=request.form.get(f"words-{finding}", ""),
        done_on=_day(f"done_on-{finding}", "done_on", finding),
        proof=scans if measure == CORRECTED else (),
    )


def _day(name: str, field: str, item: str | None = None) -> date | None:
    if not (typed := request.form.get(name, "").strip()):
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError as error:
        raise BadValue("a day is written like 2026-11-21", item=item, field=field) from error
