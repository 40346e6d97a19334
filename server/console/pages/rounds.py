"""Ward rounds: the list, the bed grid, one bed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, ClassVar

from server.console.pages.evidence import EvidenceRow
from server.console.pages.frame import CaptureInterval, Chip, Institution, Officer, OneOf, Paging, Place
from server.rounds import flags as bed_flags

BedFlag = Annotated[str, OneOf(bed_flags.WORDS)]
"""A doubt about a bed, `marks.BED_FLAGS`."""


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundRow:
    """One ward round in a list. presence: beds by presence code; waiting_for: why an order is not carried out."""

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
    called_at: datetime | None = None
    respond_by: datetime | None = None
    waiting_for: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundsPage:
    """Ward rounds, newest first."""

    template: ClassVar[str] = "console/rounds.html"
    chips: tuple[Chip, ...]
    rows: tuple[RoundRow, ...]
    paging: Paging
    may_call: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class BedTile:
    """One bed in the grid. presence: None until checked; flags: `marks.BED_FLAGS`."""

    id: str
    bed: str
    presence: str | None = None
    photos: int = 0
    suspected: bool = False
    flags: tuple[BedFlag, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Ward:
    """The beds of one ward in the order of the walk."""

    name: str
    beds: tuple[BedTile, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class BedCheck:
    """One check of one bed; two checks are two of these. reason: a code of `marks.ABSENCE_REASONS`.

    slip: what proves why somebody is away, `marks.SLIPS`; signed_by arrives masked
    typed: the challenge as it was typed; by_ward: whether the ward itself answered
    """

    presence: str
    officer: Officer
    captured: CaptureInterval
    identity_method: str = ""
    reason: str = ""
    note: str = ""
    answers: str = ""
    observations: str = ""
    conclusion: str = ""
    flags: tuple[BedFlag, ...] = ()
    place: Place | None = None
    ledger_index: int | None = None
    call_result: str = ""
    slip: str = ""
    slip_signed_by: str = ""
    slip_from: datetime | None = None
    slip_until: datetime | None = None
    returned_at: datetime | None = None
    admission_need: str = ""
    typed: str = ""
    by_ward: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class HangingRule:
    """What counts as a phantom bed where the round is: so many unexplained absences within so many days."""

    region: str
    since: date
    absences: int
    days: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Sample:
    """How the server drew a round's sample. number: which draw from its census; drawn_entry: the ledger entry."""

    ordered: int | None = None
    population: int | None = None
    number: int | None = None
    seed: str = ""
    drawn_entry: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CalledRound:
    """What a remote round adds. challenge_size: the ledger's entries when it was called; by_bed: each its own.

    answered_in_time: beds with an answer that is not late; flagged: beds with any flag
    """

    operator: Officer
    call_at: datetime | None = None
    called_at: datetime | None = None
    explain_by: datetime | None = None
    closed_at: datetime | None = None
    challenge_size: int | None = None
    by_bed: bool = False
    answered_in_time: int = 0
    flagged: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class BedPanel:
    """The bed opened beside the grid; the encounter's name and number arrive masked.

    flags: what makes the bed's answers doubtful; challenge: what its pictures must show, of a called round
    hanging: where the in-patient stands by the local rule, `marks.BED_HANGING`; absences: rounds that count
    """

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
    flags: tuple[BedFlag, ...] = ()
    challenge: str = ""
    hanging: str = "none"
    absences: tuple[str, ...] = ()
    hanging_rule: HangingRule | None = None
    previous_bed: str | None = None
    next_bed: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class RoundPage:
    """One ward round with its bed grid. flags: how many beds have each, `marks.BED_FLAGS`."""

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
    sample: Sample = Sample()
    called: CalledRound | None = None
    waiting_for: str = ""
    inspection: str | None = None
    may_call: bool = False
    flags: Mapping[str, int] = field(default_factory=dict)
    selected: BedPanel | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Foreseen:
    """What a call would draw at an institution: drawn of listed, in so many wards.

    entry: of the census, from whose tree the seed comes; fault: why the order would wait, `marks.ORDER_FAULTS`
    """

    listed: int = 0
    wards: int = 0
    drawn: int = 0
    entry: int | None = None
    fault: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallPlace:
    """An institution that can be called. operators: (user, name) of who could answer; operator: the one chosen.

    foreseen: what would be drawn there, where that was asked
    """

    id: str
    institution: Institution
    region: str
    census_at: datetime
    census_count: int
    operators: tuple[tuple[str, str], ...] = ()
    operator: str = ""
    chosen: bool = False
    foreseen: Foreseen | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CallForm:
    """A call as it was typed. institutions: record ids; operators: {institution: user}; region: whose are listed.

    size, respond_minutes, explain_minutes: '' for the region's rule
    failed: the field that does not fit, `marks.CALL_FAULTS`
    """

    institutions: tuple[str, ...] = ()
    operators: Mapping[str, str] = field(default_factory=dict)
    method: str = "random"
    size: str = ""
    wards: str = ""
    respond_minutes: str = ""
    explain_minutes: str = ""
    by_bed: bool = False
    region: str = ""
    failed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CallPage:
    """The form that calls remote rounds. regions: (code, name) of those to choose from; left_out: institutions more."""

    template: ClassVar[str] = "console/call.html"
    places: tuple[CallPlace, ...]
    form: CallForm
    regions: tuple[tuple[str, str], ...] = ()
    left_out: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ExecutionRow:
    """How one institution's remote rounds were carried out, or all of them.

    planned: by schedules and by order; called: of them; waiting: ordered and not to be carried out as they stand
    complete: rounds whose every bed was answered in time; concluded: rounds that the officers have concluded
    beds: asked for; answered: of them; in_time: of them, by arrival or by a proven capture time
    """

    institution: Institution
    planned: int = 0
    called: int = 0
    complete: int = 0
    concluded: int = 0
    waiting: int = 0
    beds: int = 0
    answered: int = 0
    in_time: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class ExecutionPage:
    """How the remote rounds of some days were carried out. failed: whether the period that was asked for is none."""

    template: ClassVar[str] = "console/execution.html"
    since: date
    until: date
    rows: tuple[ExecutionRow, ...]
    total: ExecutionRow
    failed: bool = False
