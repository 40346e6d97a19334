"""Service of a notice, pure: the day of service begins the term, and with it the clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from schemas.drafting import Draft
from schemas.records.notice import SERVICE_METHODS
from server.casework.casefile import CaseFile, check_stage, check_version, moved
from server.casework.notices import DRAFT, ISSUED, SERVED, TYPES
from server.casework.slips import chosen
from server.reminders.calendar import Calendar, due_date
from sync.errors import BadTransition, BadValue
from sync.merge import Record

DIRECT, LEFT, ELECTRONIC = "direct", "left", "electronic"
NAME_CHARS_MAX = 60
SERVABLE = ("assigned", "notified", "rectifying")
"""Stages of a case in which a notice may be served; a later one than the first begins the term anew."""


@dataclass(frozen=True, kw_only=True)
class Service:
    """How and when a notice was served.

    slip: the evidence that is the signed slip, photographed on a phone; receipt: its digest, or that of a scan
    """

    method: str
    served_on: date
    received_by: str = ""
    witness: str = ""
    receipt: str = ""
    slip: str = ""


def by_slip(service: Service, slips: Iterable[Record]) -> Service:
    """Return a service whose slip's digest is fixed as it was photographed; raises BadValue."""
    if not service.slip:
        return service
    if service.receipt:
        raise BadValue("name the slip, or the digest of a scan, and not both", field="receipt")
    if service.method == ELECTRONIC:
        raise BadValue("what is sent electronically has no slip on paper", field="slip")
    return replace(service, receipt=str(chosen(slips, service.slip).values["digest"]))


def decide_service(
    file: CaseFile, notice: Record, service: Service, *, version: int, calendar: Calendar, today: date
) -> list[Draft]:
    """Return the drafts by which a notice was served and its case's last day is set, in working days.

    Raises VersionChanged, BadTransition (not issued, replaced, or the case is past it) or BadValue.
    """
    check_version(notice, version)
    check_stage(notice, ISSUED)
    if any(one.values.get("replaces") == notice.id and one.stage != DRAFT for one in file.notices):
        raise BadTransition("another notice replaces it", item=notice.id, field="replaces")
    _check(service, notice, today)
    values: dict[str, Any] = {"method": service.method, "served_on": service.served_on.isoformat()}
    for name in ("received_by", "witness", "receipt"):
        if text := getattr(service, name).strip():
            values[name] = text
    drafts = [moved(notice, SERVED, values)]
    if notice.values["type"] not in TYPES:
        return drafts
    check_stage(file.case, *SERVABLE)
    working_days = int(notice.values["working_days"])
    due = due_date(service.served_on, working_days, calendar).isoformat()
    term: dict[str, Any] = {
        "served_on": service.served_on.isoformat(),
        "working_days": working_days,
        "due_on": due,
        "due_version": int(file.case.values.get("due_version") or 0) + 1,
    }
    if "first_due_on" not in file.case.values:
        term["first_due_on"] = due
    else:
        term["due_reason"] = "service"
    if file.case.stage == "assigned":
        return [*drafts, moved(file.case, "notified", term)]
    return [*drafts, Draft("edit", file.case.type, file.case.id, term)]


def _check(service: Service, notice: Record, today: date) -> None:
    if service.method not in SERVICE_METHODS:
        raise BadValue("there is no such method of service", field="method")
    issued = date.fromisoformat(str(notice.values["issued_on"]))
    if service.method == ELECTRONIC and service.served_on != today:
        raise BadValue("what is sent electronically is served on the day it is sent", field="served_on")
    if not issued <= service.served_on <= today:
        raise BadValue("service lies between the day of issue and today", field="served_on")
    if service.method == DIRECT and not service.received_by.strip():
        raise BadValue("direct service names who received it", field="received_by")
    if service.method == LEFT and not service.witness.strip():
        raise BadValue("what is left at the place is left before a witness", field="witness")
    for name in ("received_by", "witness"):
        if len(getattr(service, name)) > NAME_CHARS_MAX:
            raise BadValue(f"at most {NAME_CHARS_MAX} characters", field=name)
