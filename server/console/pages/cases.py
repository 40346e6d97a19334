"""Rectification cases: the list, one case with its deadline and timeline."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from server.console.pages.bundles import BundleOffer
from server.console.pages.casework import CaseWork
from server.console.pages.courses import CoursePanel
from server.console.pages.findings import FindingRow
from server.console.pages.frame import Chip, Institution, Officer, Paging
from server.console.pages.narrowing import Narrowing


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseRow:
    """One case in a list. days_left: working days, 0 due today, negative overdue, None once closed or not served yet.

    due_on: None until the notice was served
    number: of the document, such as 六医保改〔2026〕12号; empty until it has one
    """

    id: str
    number: str
    institution: Institution
    violation_codes: tuple[str, ...]
    stage: str
    due_on: date | None
    days_left: int | None
    amount_fen: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CasesPage:
    """Cases, the most urgent first."""

    template: ClassVar[str] = "console/cases.html"
    chips: tuple[Chip, ...]
    rows: tuple[CaseRow, ...]
    paging: Paging
    narrowing: Narrowing = field(default_factory=Narrowing)


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarDay:
    """One day of the deadline's calendar; number counts working days from the day after service."""

    on: date
    working: bool
    number: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Reminder:
    """One reminder of the ladder. rung: `served`, `T-3`, `T`, `T+1`; delivery: `marks.DELIVERIES`.

    message: the id under which the log shows it, '' for what is only planned
    """

    rung: str
    recipient: str
    channel: str
    delivery: str
    address: str = ""
    failure: str = ""
    message: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TimelineEntry:
    """Something that happened to a case, or will. kind: `marks.EVENTS`; reminder only with `reminder`."""

    at: datetime
    kind: str
    by: str = ""
    note: str = ""
    reminder: Reminder | None = None
    ledger_index: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CasePage:
    """One rectification case.

    planned: reminders still to come, soonest first
    calendar: every day from the service to the due date, or to today if that is later
    """

    template: ClassVar[str] = "console/case.html"
    row: CaseRow
    served_on: date | None
    working_days: int
    findings: tuple[FindingRow, ...]
    timeline: tuple[TimelineEntry, ...]
    planned: tuple[TimelineEntry, ...] = ()
    calendar: tuple[CalendarDay, ...] = ()
    provisional: bool = False
    contact: str = ""
    level: str = ""
    owner: Officer | None = None
    bundle: BundleOffer | None = None
    panels: tuple[CoursePanel, ...] = ()
    work: CaseWork | None = None
