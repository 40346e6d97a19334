"""Asking a party to state by a last day, and that it said nothing until then, pure.

Silence is no agreement: it is the fact that somebody was asked, could answer, and did not. So a finding is heard by it
only where a supervisor asked, on a day that stands in the ledger, an institution whose users could read it then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from schemas.drafting import Draft
from server.casework.casefile import check_stage, check_version
from server.casework.statements import HEARD, PROPOSED
from server.reminders.calendar import Calendar, due_date
from sync.errors import BadTransition, BadValue
from sync.merge import Record

RECORD_SIGNED = ("record_signed", "submitted", "accepted", "returned", "archived")
"""Stages of an inspection whose record lay before the party."""
WORKING_DAYS_MAX = 60
DEFAULT_WORKING_DAYS = 5
SILENT = "silent"


def decide(
    finding: Record,
    inspection: Record,
    *,
    version: int,
    working_days: int,
    today: date,
    calendar: Calendar,
    has_account: bool,
) -> Draft:
    """Return the draft that asks a party to state by the end of its last day; asked again, the day moves later alone.

    has_account: whether somebody of the institution can sign in. Raises VersionChanged, BadTransition (heard already,
    the record was not signed yet, or nobody could read it) or BadValue.
    """
    check_version(finding, version)
    check_stage(finding, PROPOSED)
    if inspection.stage not in RECORD_SIGNED:
        raise BadTransition("the record is not signed yet", item=inspection.id, field="stage")
    if not has_account:
        raise BadTransition("nobody of the institution has an account", item=finding.id, field="institution")
    if not 1 <= working_days <= WORKING_DAYS_MAX:
        raise BadValue(f"between 1 and {WORKING_DAYS_MAX} working days", field="working_days")
    until = due_date(today, working_days, calendar).isoformat()
    if until <= str(finding.values.get("answer_by") or ""):
        raise BadValue("a last day that was told only moves later", field="working_days")
    return Draft("edit", finding.type, finding.id, {"asked_on": today.isoformat(), "answer_by": until})


def silence(finding: Record, statements: Iterable[Record], *, today: date) -> list[Draft]:
    """Return the step by which a finding is heard by silence; nothing before its last day is over or where it spoke."""
    until = finding.values.get("answer_by")
    if finding.stage != PROPOSED or not until or today.isoformat() <= str(until):
        return []
    if any(one.values["finding"] == finding.id for one in statements):
        return []
    values = {
        "stage": {"from": PROPOSED, "to": HEARD},
        "statement_kind": SILENT,
        "heard_on": today.isoformat(),
    }
    return [Draft("edit", finding.type, finding.id, values)]
