"""Closing a case (销号), pure: what it lacks is named piece by piece; then call-back, look-back, and reopening."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from schemas.drafting import Draft
from schemas.records.rectification_case import CALLS_BACK, FAILINGS, LOOKS_BACK
from server.casework.casefile import CASE, CaseFile, check_stage, check_version, moved, rows_of, stepped
from server.casework.confirm import WORKING_DAYS_MAX
from server.casework.verifying import WORDS_CHARS_MAX, author_of, further_term
from server.reminders.calendar import Calendar
from sync.errors import BadTransition, BadValue, OwnWork, Refusal
from sync.merge import Record

LOOK_BACK_DAYS_MAX = 400
LOOK_BACK_DAYS = 90
"""Days after which a closed case is looked at again unless somebody says otherwise."""
SETTLED = ("agreed", "partly_paid", "paid", "written_off")
"""Stages of a recovery that is paid, or of which it is laid down when it will be."""
UNANSWERED, UNPROVEN, NOT_MET, MONEY, FAILING, NOT_RECHECKED = (
    "unanswered", "unproven", "not_met", "money", "failing", "not_rechecked",
)  # fmt: skip
LACKS = (UNANSWERED, UNPROVEN, NOT_MET, MONEY, FAILING, NOT_RECHECKED)


class NotFitToClose(Refusal):
    """The case lacks what a closing wants; `lacks` names each thing, with its finding where it is about one."""

    code = "not_fit_to_close"
    next = "Return the report with its reason, or settle what is named and verify again."


@dataclass(frozen=True)
class Lack:
    """One thing that stands against closing. code: one of LACKS; about: a finding, or one of FAILINGS, or ''."""

    code: str
    about: str = ""


def proposer_of(case: Record) -> str | None:
    """Return who verified the report last, and so proposed to close."""
    steps = [write.act for write in case.writes.get("stage", ()) if write.value == "verifying"]
    writer = max(steps, key=lambda one: (one.index, one.n)).writer if steps else ""
    return writer.removeprefix("desk:") if writer.startswith("desk:") else None


def lacking(file: CaseFile) -> tuple[Lack, ...]:
    """Return what stands against closing a case, whoever would close it: of each finding, the money, the failings."""
    report = file.report
    answers, checks = rows_of(report, "answers"), rows_of(report, "checks")
    found: list[Lack] = []
    for finding in file.findings:
        answer, check = answers.get(finding.id), checks.get(finding.id)
        if answer is None:
            found.append(Lack(UNANSWERED, finding.id))
        elif not answer.get("proof"):
            found.append(Lack(UNPROVEN, finding.id))
        if check is None or check["verdict"] != "met":
            found.append(Lack(NOT_MET, finding.id))
    if not is_money_settled(file):
        found.append(Lack(MONEY))
    found += [Lack(FAILING, one) for one in sorted(file.case.values.get("failings") or ()) if one in FAILINGS]
    if proposer_of(file.case) is None:
        found.append(Lack(NOT_RECHECKED))
    return tuple(found)


def is_money_settled(file: CaseFile) -> bool:
    """Return whether the money is recovered or planned: by its recoveries, else by the word of who verified."""
    if not file.amount_fen:
        return True
    refunds = [one for one in file.recoveries if one.values["kind"] != "penalty"]
    if refunds:
        return all(one.stage in SETTLED for one in refunds)
    return bool(file.case.values.get("money_settled"))


def decide_closing(
    user: str, file: CaseFile, *, version: int, look_back_on: date, today: date, decision: str
) -> list[Draft]:
    """Return the drafts by which a case is closed, its report accepted and its look-back dated.

    decision: a fresh id. Raises VersionChanged, BadTransition, OwnWork, BadValue or NotFitToClose.
    """
    check_version(file.case, version)
    check_stage(file.case, "verifying")
    report = file.report
    if user == proposer_of(file.case):
        raise OwnWork("whoever proposed to close a case does not close it", item=file.case.id)
    if report is not None and user == author_of(report):
        raise OwnWork("whoever wrote or entered a report does not close on it", item=report.id)
    lacks = lacking(file)
    if lacks:
        raise NotFitToClose(
            ", ".join(one.code for one in lacks),
            item=file.case.id,
            lacks=[{"code": one.code, "about": one.about} for one in lacks],
        )
    if not timedelta(days=1) <= look_back_on - today <= timedelta(days=LOOK_BACK_DAYS_MAX):
        raise BadValue(f"a day within {LOOK_BACK_DAYS_MAX} days from tomorrow", field="look_back_on")
    assert report is not None, "a case without a report lacks every answer"
    values = {"rechecked_by": user, "look_back_on": look_back_on.isoformat()}
    return [
        Draft(
            "create",
            "decision",
            decision,
            {"about": file.case.id, "about_version": file.case.version, "act": "close"},
        ),
        moved(report, "accepted"),
        moved(file.case, "closed", values),
    ]


def decide_call_back(file: CaseFile, *, version: int, on: date, result: str, today: date) -> list[Draft]:
    """Return the drafts that enter the answer to a call-back; raises VersionChanged, BadTransition or BadValue."""
    check_version(file.case, version)
    check_stage(file.case, "closed", "satisfied")
    if result not in CALLS_BACK:
        raise BadValue("there is no such answer", field="result")
    if on > today:
        raise BadValue("the call lies in the future", field="on")
    values = {"call_back_on": on.isoformat(), "call_back_result": result}
    return [Draft("edit", CASE, file.case.id, values)]


def decide_look_back(file: CaseFile, *, version: int, on: date, result: str, today: date) -> list[Draft]:
    """Return the drafts that enter what a look-back found; raises VersionChanged, BadTransition or BadValue."""
    check_version(file.case, version)
    check_stage(file.case, "closed", "satisfied")
    if result not in LOOKS_BACK:
        raise BadValue("there is no such result", field="result")
    if on > today:
        raise BadValue("the look-back lies in the future", field="on")
    values = {"looked_back_on": on.isoformat(), "look_back_result": result}
    return [Draft("edit", CASE, file.case.id, values)]


def decide_satisfied(file: CaseFile, *, version: int) -> list[Draft]:
    """Return the drafts by which a closed case ends to satisfaction: the call-back said so, no look-back spoke against.

    Raises VersionChanged or BadTransition.
    """
    check_version(file.case, version)
    check_stage(file.case, "closed")
    if file.case.values.get("call_back_result") not in ("satisfied", "fair"):
        raise BadTransition("the call-back comes first", item=file.case.id, field="call_back_result")
    if file.case.values.get("look_back_result") == "relapsed":
        raise BadTransition("the look-back found a relapse", item=file.case.id, field="look_back_result")
    return [moved(file.case, "satisfied")]


def decide_reopening(
    file: CaseFile, *, version: int, words: str, working_days: int, calendar: Calendar, today: date
) -> list[Draft]:
    """Return the drafts that open a closed case again, with a reason and a new last day.

    Raises VersionChanged, BadTransition or BadValue.
    """
    check_version(file.case, version)
    check_stage(file.case, "closed")
    if not 1 <= len(words.strip()) <= WORDS_CHARS_MAX:
        raise BadValue(f"the reason has 1 to {WORDS_CHARS_MAX} characters", field="words")
    if not 1 <= working_days <= WORKING_DAYS_MAX:
        raise BadValue(f"between 1 and {WORKING_DAYS_MAX} working days", field="working_days")
    term: dict[str, Any] = further_term(file.case, working_days, "reopening", calendar=calendar, today=today)
    return [
        moved(file.case, "reopened", {"reopen_reason": words.strip()}),
        stepped(CASE, file.case.id, "reopened", "rectifying", term),
    ]
