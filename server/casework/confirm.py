"""Confirming a finding: the party was heard, a supervisor confirms, a case opens with its deadline."""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from dataclasses import dataclass

from schemas.drafting import Draft
from server.access.duties import check_outsider
from server.reminders.calendar import Calendar, due_date
from sync.errors import BadTransition, BadValue, ConflictOpen, VersionChanged
from sync.merge import Record

WORKING_DAYS_MAX = 250
PRESETS = (3, 7, 15, 30)
DEFAULT_WORKING_DAYS = 15


@dataclass(frozen=True)
class Confirmation:
    """What a supervisor enters: the version seen, the date of service, the term in working days."""

    version: int
    served_on: datetime.date
    working_days: int = DEFAULT_WORKING_DAYS


@dataclass(frozen=True)
class NewIds:
    """Fresh ids for the records that a confirmation makes."""

    decision: str
    case: str


def decide(
    user: str,
    wanted: Confirmation,
    finding: Record,
    inspection: Record,
    *,
    calendar: Calendar,
    today: datetime.date,
    ids: NewIds,
) -> Sequence[Draft]:
    """Return the drafts that confirm a finding and open its case, due in working days from service.

    Raises VersionChanged, OwnWork, ConflictOpen, BadTransition (not heard yet), BadValue.
    """
    if finding.version != wanted.version:
        raise VersionChanged(item=finding.id, version=finding.version)
    check_outsider(user, finding, inspection)
    if finding.open_conflicts:
        raise ConflictOpen(item=finding.id, field=finding.open_conflicts[0])
    if finding.stage != "heard":
        raise BadTransition("the party's statement must be recorded first", item=finding.id, field="stage")
    if not 1 <= wanted.working_days <= WORKING_DAYS_MAX:
        raise BadValue(f"between 1 and {WORKING_DAYS_MAX} working days", field="working_days")
    if wanted.served_on > today:
        raise BadValue("the date of service lies in the future", field="served_on")
    due = due_date(wanted.served_on, wanted.working_days, calendar)
    case = {
        "inspection": inspection.id,
        "institution": inspection.values["institution"],
        "served_on": wanted.served_on.isoformat(),
        "working_days": wanted.working_days,
        "due_on": due.isoformat(),
        "due_version": 1,
        "owner": user,
        "stage": {"from": "assigned", "to": "notified"},
    }
    decision = {"about": finding.id, "about_version": finding.version, "act": "confirm"}
    return (
        Draft("create", "decision", ids.decision, decision),
        Draft("edit", "finding", finding.id, {"stage": {"from": "heard", "to": "confirmed"}}),
        Draft("create", "rectification_case", ids.case, case, add={"findings": [finding.id]}),
        Draft("edit", "finding", finding.id, {"stage": {"from": "confirmed", "to": "in_case"}}),
    )
