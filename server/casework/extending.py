"""Deciding on an extension (延期), pure: asked before the last day was over, once, for at most half of the term.

The clock runs until somebody decides: a request by itself moves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.drafting import Draft
from server.casework.casefile import CASE, CaseFile, check_stage, check_version, moved
from server.reminders.calendar import Calendar, add_working_days
from sync.errors import BadTransition, BadValue, OwnWork
from sync.merge import Record

ANSWER_CHARS_MAX = 2_000
RUNNING = ("notified", "rectifying")
"""Stages of a case in which more time can be given: its notice was served, no report is in."""
GRANT, REFUSE = "granted", "refused"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a supervisor answers. working_days: how many more, for a grant; words: wanted for a refusal"""

    act: str
    working_days: int = 0
    words: str = ""


def most(original: int) -> int:
    """Return by how many working days a term can be extended: half of it, rounded down."""
    return original // 2


def decide(
    user: str,
    file: CaseFile,
    extension: Record,
    answer: Answer,
    *,
    version: int,
    asked_on: date,
    calendar: Calendar,
) -> list[Draft]:
    """Return the drafts that grant an extension, which is a new last day, or refuse it, which changes nothing else.

    asked_on: the day of its entry. What counts is when it was asked, not when it is decided; the last day itself is in
    time, and the new one counts from the old.
    Raises VersionChanged, OwnWork, BadTransition (decided, asked too late, or not the first) or BadValue.
    """
    check_version(extension, version)
    check_stage(extension, "asked")
    if user == extension.created_by:
        raise OwnWork("whoever asked does not decide", item=extension.id)
    if len(answer.words) > ANSWER_CHARS_MAX:
        raise BadValue(f"at most {ANSWER_CHARS_MAX} characters", field="words")
    if answer.act == REFUSE:
        if not answer.words.strip():
            raise BadValue("a refusal says why", field="words")
        return [moved(extension, REFUSE, {"answer": answer.words.strip()})]
    if answer.act != GRANT:
        raise BadValue("it is granted or refused", field="act")
    return _granted(file, extension, answer, asked_on, calendar)


def _granted(
    file: CaseFile, extension: Record, answer: Answer, asked_on: date, calendar: Calendar
) -> list[Draft]:
    case = file.case
    check_stage(case, *RUNNING)
    others = [one for one in file.extensions if one.id != extension.id]
    if "extension" in case.values or any(one.stage in (GRANT, REFUSE) for one in others):
        raise BadTransition("more time is asked for once", item=case.id, field="extension")
    if asked_on > date.fromisoformat(str(case.values["due_on"])):
        raise BadTransition("it was asked after the last day", item=extension.id, field="due_on")
    if extension.values["due_version"] != case.values["due_version"]:
        raise BadTransition("the last day changed since it was asked", item=case.id, field="due_version")
    limit = most(int(case.values["working_days"]))
    if not 1 <= answer.working_days <= limit:
        raise BadValue(f"between 1 and {limit} working days, half of the term", field="working_days")
    due = add_working_days(
        date.fromisoformat(str(case.values["due_on"])), answer.working_days, calendar
    ).isoformat()
    given: dict[str, Any] = {"granted_working_days": answer.working_days, "due_on": due}
    given |= {"answer": answer.words.strip()} if answer.words.strip() else {}
    moved_day = {
        "extension": extension.id,
        "due_on": due,
        "due_version": int(case.values["due_version"]) + 1,
        "due_reason": "extension",
    }
    return [moved(extension, GRANT, given), Draft("edit", CASE, case.id, moved_day)]
