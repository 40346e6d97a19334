"""Confirming a finding: the party was heard, a supervisor confirms, and a case opens or takes one finding more.

The case is `assigned` until its notice is served. Where the notice was handed over on the spot, the confirmation says
on which day: notice and service are made in the same act, and the clock begins at once.
"""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

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
    """What a supervisor enters: the version seen, the day of service or None, the term in working days.

    case: an open case of the same inspection that takes the finding, None opens a new one
    """

    version: int
    served_on: datetime.date | None = None
    working_days: int = DEFAULT_WORKING_DAYS
    case: str | None = None


@dataclass(frozen=True)
class NewIds:
    """Fresh ids for the records that a confirmation makes."""

    decision: str
    case: str
    notice: str = ""


@dataclass(frozen=True)
class OnTheSpot:
    """The notice that was handed over: its number, and what it says as fields of the record.

    document: the digest of its paper
    """

    number: str
    values: Mapping[str, Any]
    legal_basis: tuple[str, ...] = ()
    document: str = ""


def decide(
    user: str,
    wanted: Confirmation,
    finding: Record,
    inspection: Record,
    *,
    calendar: Calendar,
    today: datetime.date,
    ids: NewIds,
    handed: OnTheSpot | None = None,
) -> Sequence[Draft]:
    """Return the drafts that confirm a finding and open its case.

    handed: the notice, where a day of service is given. Raises VersionChanged, OwnWork, ConflictOpen, BadTransition
    (not heard yet) or BadValue.
    """
    _check(user, wanted, finding, inspection, today)
    case: dict[str, Any] = {
        "inspection": inspection.id,
        "institution": inspection.values["institution"],
        "working_days": wanted.working_days,
        "owner": user,
    }
    served: list[Draft] = []
    if wanted.served_on is not None:
        assert handed is not None, "whoever gives a day of service has a notice"
        on = wanted.served_on.isoformat()
        due = due_date(wanted.served_on, wanted.working_days, calendar).isoformat()
        case |= {
            "number": handed.number,
            "served_on": on,
            "due_on": due,
            "first_due_on": due,
            "due_version": 1,
            "stage": {"from": "assigned", "to": "notified"},
        }
        served = _handed_over(handed, ids, case, on)
    return (
        *_confirmed(finding, ids),
        Draft("create", "rectification_case", ids.case, case, add={"findings": [finding.id]}),
        _joined(finding),
        *served,
    )


def decide_joining(
    user: str,
    wanted: Confirmation,
    finding: Record,
    inspection: Record,
    case: Record,
    *,
    notices: Sequence[Record],
    today: datetime.date,
    ids: NewIds,
) -> Sequence[Draft]:
    """Return the drafts that confirm a finding into a case of its inspection whose notice nobody signed yet.

    A draft of the notice no longer says everything: it is thrown away in the same act.
    Raises VersionChanged, OwnWork, ConflictOpen, BadTransition or BadValue.
    """
    _check(user, wanted, finding, inspection, today)
    if case.root != inspection.id:
        raise BadValue("the case is of another inspection", field="case")
    if wanted.served_on is not None:
        raise BadValue("the case has a notice of its own: it is served with that", field="served_on")
    if case.stage != "assigned" or any(one.stage != "draft" for one in notices):
        raise BadTransition("its notice was signed off: open another case", item=case.id, field="case")
    return (
        *_confirmed(finding, ids),
        Draft("edit", "rectification_case", case.id, add={"findings": [finding.id]}),
        _joined(finding),
        *(Draft("void", "notice", one.id) for one in notices),
    )


def _check(
    user: str, wanted: Confirmation, finding: Record, inspection: Record, today: datetime.date
) -> None:
    if finding.version != wanted.version:
        raise VersionChanged(item=finding.id, version=finding.version)
    check_outsider(user, finding, inspection)
    if finding.open_conflicts:
        raise ConflictOpen(item=finding.id, field=finding.open_conflicts[0])
    if finding.stage != "heard":
        raise BadTransition("the party's statement must be recorded first", item=finding.id, field="stage")
    if not 1 <= wanted.working_days <= WORKING_DAYS_MAX:
        raise BadValue(f"between 1 and {WORKING_DAYS_MAX} working days", field="working_days")
    if wanted.served_on is not None and wanted.served_on > today:
        raise BadValue("the date of service lies in the future", field="served_on")


def _confirmed(finding: Record, ids: NewIds) -> tuple[Draft, Draft]:
    decision = {"about": finding.id, "about_version": finding.version, "act": "confirm"}
    return (
        Draft("create", "decision", ids.decision, decision),
        Draft("edit", "finding", finding.id, {"stage": {"from": "heard", "to": "confirmed"}}),
    )


def _joined(finding: Record) -> Draft:
    return Draft("edit", "finding", finding.id, {"stage": {"from": "confirmed", "to": "in_case"}})


def _handed_over(handed: OnTheSpot, ids: NewIds, case: Mapping[str, Any], on: str) -> list[Draft]:
    """Return the notice's whole way, from its draft to its service on the spot."""
    values = {"institution": case["institution"], "case": ids.case, **handed.values}
    way: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("draft", "signed_off", {"number": handed.number}),
        (
            "signed_off",
            "issued",
            {"issued_on": on} | ({"document": handed.document} if handed.document else {}),
        ),
        ("issued", "served", {"method": "direct", "served_on": on}),
    )
    return [
        Draft("create", "notice", ids.notice, values, add={"legal_basis": list(handed.legal_basis)}),
        *(
            Draft("edit", "notice", ids.notice, {**more, "stage": {"from": source, "to": target}})
            for source, target, more in way
        ),
    ]
