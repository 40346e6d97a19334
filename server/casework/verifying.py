"""Checking a report, pure: a verdict for each finding by somebody who did not write it; back with a reason, or on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.drafting import Draft
from schemas.records.rectification_case import FAILINGS, RETURNS
from schemas.records.rectification_report import VERDICTS
from server.casework.casefile import REPORT, CaseFile, check_stage, check_version, moved, stepped
from server.casework.confirm import WORKING_DAYS_MAX
from server.reminders.calendar import Calendar, add_working_days
from sync.errors import BadTransition, BadValue, OwnWork
from sync.merge import Record

WORDS_CHARS_MAX = 2_000
RETURNED_DAYS = 5
"""Working days that a returned report is given unless somebody says otherwise."""


@dataclass(frozen=True)
class Verdict:
    """What was found of one finding's answer. verdict: one of VERDICTS; words: wanted unless it is met"""

    verdict: str
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Checked:
    """What somebody who verified a report says. verdicts: by finding; money_settled: recovered or planned"""

    verdicts: Mapping[str, Verdict]
    failings: frozenset[str] = frozenset()
    money_settled: bool = False


@dataclass(frozen=True, kw_only=True)
class Return:
    """Why a report goes back, and how many working days from today there are for the next one."""

    code: str
    words: str = ""
    working_days: int = RETURNED_DAYS


def author_of(report: Record) -> str:
    """Return who wrote a report, or entered it where it came on paper."""
    return report.created_by


def reported(file: CaseFile) -> Record:
    """Return the report that waits to be looked at; raises BadTransition where there is none."""
    report = file.report
    if report is None or report.stage != "submitted":
        raise BadTransition("no report waits to be looked at", item=file.case.id, field="report")
    return report


def decide_check(user: str, file: CaseFile, said: Checked, *, version: int) -> list[Draft]:
    """Return the drafts by which a report was verified: its verdicts, and the case to where its closing is checked.

    Whoever takes this step proposes to close; somebody else closes.
    Raises VersionChanged, BadTransition, OwnWork (he wrote the report) or BadValue (a finding without a verdict).
    """
    check_version(file.case, version)
    check_stage(file.case, "report_submitted")
    report = reported(file)
    if user == author_of(report):
        raise OwnWork("whoever wrote or entered a report does not verify it", item=report.id)
    _check(file, said)
    checks = [
        {"finding": finding, "verdict": one.verdict}
        | ({"words": one.words.strip()} if one.words.strip() else {})
        for finding, one in said.verdicts.items()
    ]
    known = frozenset(file.case.values.get("failings") or ())
    return [
        Draft("edit", REPORT, report.id, add={"checks": checks}),
        moved(
            file.case,
            "verifying",
            {"money_settled": said.money_settled},
            add={"failings": sorted(said.failings - known)},
            remove={"failings": sorted(known - said.failings)},
        ),
    ]


def _check(file: CaseFile, said: Checked) -> None:
    wanted = {one.id for one in file.findings}
    for missing in sorted(wanted - said.verdicts.keys()):
        raise BadValue("every finding gets a verdict", item=missing, field="verdict")
    for strange in sorted(said.verdicts.keys() - wanted):
        raise BadValue("the case has no such finding", item=strange, field="verdict")
    for finding, one in said.verdicts.items():
        if one.verdict not in VERDICTS:
            raise BadValue("there is no such verdict", item=finding, field="verdict")
        if one.verdict != "met" and not one.words.strip():
            raise BadValue("what is not met is said in words", item=finding, field="words")
        if len(one.words) > WORDS_CHARS_MAX:
            raise BadValue(f"at most {WORDS_CHARS_MAX} characters", item=finding, field="words")
    if said.failings - FAILINGS.keys():
        raise BadValue("there is no such failing", field="failings")


def decide_return(
    file: CaseFile, why: Return, *, version: int, calendar: Calendar, today: date
) -> list[Draft]:
    """Return the drafts by which a verified report goes back: the reason, and a new last day in working days.

    Raises VersionChanged, BadTransition or BadValue.
    """
    check_version(file.case, version)
    check_stage(file.case, "verifying")
    check_return(why)
    report = reported(file)
    known = frozenset(file.case.values.get("failings") or ())
    words = {"return_reason": why.words.strip()} if why.words.strip() else {}
    values: dict[str, Any] = {
        "returns": int(file.case.values.get("returns") or 0) + 1,
        "return_code": why.code,
        **words,
    }
    failing = [why.code] if why.code in FAILINGS and why.code not in known else []
    first = moved(file.case, "returned", values, add={"failings": failing})
    term = further_term(file.case, why.working_days, "return", calendar=calendar, today=today)
    told = {"return_reason": words.get("return_reason") or RETURNS[why.code][0]}
    return [
        moved(report, "returned", told),
        first,
        stepped(file.case.type, file.case.id, "returned", "rectifying", term),
    ]


def check_return(why: Return) -> None:
    """Raise BadValue for a return without a reason, or without a term."""
    if why.code not in RETURNS:
        raise BadValue("there is no such reason", field="code")
    if why.code == "other" and not why.words.strip():
        raise BadValue("another reason is said in words", field="words")
    if len(why.words) > WORDS_CHARS_MAX:
        raise BadValue(f"at most {WORDS_CHARS_MAX} characters", field="words")
    if not 1 <= why.working_days <= WORKING_DAYS_MAX:
        raise BadValue(f"between 1 and {WORKING_DAYS_MAX} working days", field="working_days")


def further_term(
    case: Record, working_days: int, because: str, *, calendar: Calendar, today: date
) -> dict[str, Any]:
    """Return a further term of a case as fields: counted from today, under a new version of its last day."""
    return {
        "further_days": working_days,
        "due_on": add_working_days(today, working_days, calendar).isoformat(),
        "due_version": int(case.values["due_version"]) + 1,
        "due_reason": because,
    }
