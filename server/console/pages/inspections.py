"""Inspections: the list, the calendar, one with its timeline; planning them, and who has had none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from server.console.pages.bundles import BundleOffer
from server.console.pages.evidence import EvidenceRow
from server.console.pages.findings import FindingRow
from server.console.pages.frame import CaptureInterval, Chip, Institution, Officer, Paging
from server.console.pages.rounds import RoundRow


@dataclass(frozen=True, kw_only=True, slots=True)
class InspectionRow:
    """One inspection in a list. draw_waits: its officers were ordered to be drawn and are not yet."""

    id: str
    version: int
    institution: Institution
    region: str
    kind: str
    mode: str
    stage: str
    planned_on: date
    lead: Officer
    officers: tuple[Officer, ...]
    draw_waits: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class InspectionsPage:
    """Inspections by filter. query: the words of the address; leads, officers: (id, name) to choose from."""

    template: ClassVar[str] = "console/inspections.html"
    chips: tuple[Chip, ...]
    rows: tuple[InspectionRow, ...]
    paging: Paging
    query: Mapping[str, str]
    regions: tuple[tuple[str, str], ...]
    leads: tuple[tuple[str, str], ...]
    officers: tuple[tuple[str, str], ...] = ()
    may_plan: bool = False
    failed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AgendaDay:
    """One day of the calendar. inside: of the month that is shown; left_out: how many more than are listed."""

    on: date
    working: bool
    inside: bool
    rows: tuple[InspectionRow, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class AgendaPage:
    """Inspections by their planned day. view: `month` or `week`; before, after: the days to turn to."""

    template: ClassVar[str] = "console/agenda.html"
    view: str
    first: date
    weeks: tuple[tuple[AgendaDay, ...], ...]
    before: date
    after: date
    total: int
    may_plan: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """One officer of an inspection. fault: why he may not go on its day; drawn: by the draw, and not named."""

    officer: Officer
    lead: bool
    until: date | None = None
    fault: str = ""
    drawn: bool = False
    away: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Happening:
    """Something that happened in an inspection.

    kind: of the record; what: `created`, `stage`, `team`, `answered` or `changed`; at: when it reached the ledger
    captured: when it was made, where a phone made it; record: the record's id
    """

    at: datetime
    kind: str
    what: str
    by: str
    record: str
    ledger_index: int
    note: str = ""
    captured: CaptureInterval | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class OfficerDraw:
    """How officers were drawn: of how many, how many, by which seed from which entry; entry None before."""

    size: int
    pool: int
    seed: str = ""
    entry: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class InspectionPage:
    """One inspection with everything that happened. blocked: why this reader cannot approve it, or ''."""

    template: ClassVar[str] = "console/inspection.html"
    row: InspectionRow
    members: tuple[Member, ...]
    rounds: tuple[RoundRow, ...]
    evidence: tuple[EvidenceRow, ...]
    findings: tuple[FindingRow, ...]
    happenings: tuple[Happening, ...]
    happenings_left_out: int = 0
    beds_checked: int = 0
    checklist: str = ""
    note: str = ""
    id_shown_at: datetime | None = None
    draw: OfficerDraw | None = None
    may_plan: bool = False
    blocked: str = ""
    officers: tuple[tuple[str, str], ...] = ()
    bundle: BundleOffer | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Available:
    """An officer who could be sent. fault: why he may not; busy: how many other visits he has that day."""

    id: str
    officer: Officer
    may_lead: bool
    fault: str = ""
    busy: int = 0
    away: bool = False
    chosen: bool = False
    leads: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanForm:
    """What was typed into the form of a plan; failed: what does not fit, by `inspection_marks.PLAN_FAULTS`."""

    institutions: tuple[str, ...] = ()
    planned_on: str = ""
    kind: str = "routine_check"
    mode: str = "open"
    lead: str = ""
    members: tuple[str, ...] = ()
    way: str = "named"
    draw_size: str = "1"
    per_day: str = ""
    checklist: str = ""
    note: str = ""
    failed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PlanPage:
    """The form that plans inspections of some institutions. places: those that are chosen, by name"""

    template: ClassVar[str] = "console/plan_inspection.html"
    form: PlanForm
    places: tuple[tuple[str, Institution], ...]
    officers: tuple[Available, ...]
    checklists: tuple[tuple[str, str], ...] = ()
    found: tuple[tuple[str, Institution], ...] = ()
    asked: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CoverageRow:
    """An institution that has had no inspection in its period; last_on: the day of its last one."""

    id: str
    institution: Institution
    region: str
    kind: str
    last_on: date | None = None
    planned_on: date | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CoveragePage:
    """Who is missing in the period. covered, planned, total: institutions of the kinds and region that are shown."""

    template: ClassVar[str] = "console/coverage.html"
    group: str
    since: date
    until: date
    covered: int
    planned: int
    total: int
    rows: tuple[CoverageRow, ...]
    left_out: int
    query: Mapping[str, str] = field(default_factory=dict)
    regions: tuple[tuple[str, str], ...] = ()
    may_plan: bool = False
