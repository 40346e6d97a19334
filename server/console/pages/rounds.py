"""Ward rounds: the list, the bed grid, one bed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from server.console.pages.evidence import EvidenceRow
from server.console.pages.frame import CaptureInterval, Chip, Institution, Officer, Paging, Place


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundRow:
    """One ward round in a list. presence: beds by presence code."""

    id: str
    institution: Institution
    wards: tuple[str, ...]
    mode: str
    state: str
    checked: int
    sample_size: int
    started_at: datetime | None = None
    officers: tuple[Officer, ...] = ()
    presence: Mapping[str, int] = field(default_factory=dict)
    suspected: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundsPage:
    """Ward rounds, newest first."""

    template: ClassVar[str] = "console/rounds.html"
    chips: tuple[Chip, ...]
    rows: tuple[RoundRow, ...]
    paging: Paging


@dataclass(frozen=True, kw_only=True, slots=True)
class BedTile:
    """One bed in the grid. presence: None until checked; flags: `marks.BED_FLAGS`."""

    id: str
    bed: str
    presence: str | None = None
    photos: int = 0
    suspected: bool = False
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Ward:
    """The beds of one ward in the order of the walk."""

    name: str
    beds: tuple[BedTile, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BedCheck:
    """One check of one bed; two checks are two of these. reason: a code of `marks.ABSENCE_REASONS`."""

    presence: str
    officer: Officer
    captured: CaptureInterval
    identity_method: str = ""
    reason: str = ""
    note: str = ""
    answers: str = ""
    observations: str = ""
    conclusion: str = ""
    flags: tuple[str, ...] = ()
    place: Place | None = None
    ledger_index: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BedPanel:
    """The bed opened beside the grid; the encounter's name and number arrive masked."""

    id: str
    ward: str
    bed: str
    presence: str | None
    person_name: str = ""
    person_number: str = ""
    diagnosis: str = ""
    admitted_on: date | None = None
    checks: tuple[BedCheck, ...] = ()
    photos: tuple[EvidenceRow, ...] = ()
    previous_bed: str | None = None
    next_bed: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundPage:
    """One ward round with its bed grid."""

    template: ClassVar[str] = "console/round.html"
    id: str
    institution: Institution
    mode: str
    state: str
    census_at: datetime
    census_count: int
    sample_size: int
    checked: int
    wards: tuple[Ward, ...]
    presence: Mapping[str, int]
    suspected: int = 0
    officers: tuple[Officer, ...] = ()
    started_at: datetime | None = None
    ended_at: datetime | None = None
    respond_by: datetime | None = None
    challenge: str = ""
    sample_method: str = ""
    seed_index: int | None = None
    selected: BedPanel | None = None
