"""What each page of the portal shows: frozen nouns without a reviewer's remark, an officer's name or a person's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from server.console.pages.frame import HandedFile


@dataclass(frozen=True, kw_only=True)
class PartyNotice:
    """A notice as its addressee reads it. case: its case's id, '' where it has none that is shown."""

    id: str
    number: str
    type: str
    stage: str
    issued_on: date | None
    served_on: date | None
    acknowledged_at: datetime | None
    method: str
    facts: str
    demands: str
    legal_basis: tuple[str, ...]
    working_days: int | None
    case: str
    document: str


@dataclass(frozen=True, kw_only=True)
class PartyFinding:
    """What was found, as it was put to the party. statement: the code of its answer before the case, '' for none."""

    id: str
    violation: str
    basis: str
    facts: str
    amount_fen: int
    stage: str
    statement: str = ""
    answer_by: date | None = None


@dataclass(frozen=True, kw_only=True)
class PartyCase:
    """A case as the institution meets it. next: what it has to do now (`portal_marks.NEXT`)."""

    id: str
    number: str
    stage: str
    due_on: date | None
    days_left: int | None
    working_days: int
    findings: int
    amount_fen: int
    returns: int
    next: str


@dataclass(frozen=True, kw_only=True)
class PartyReport:
    """A report that the institution wrote, and what came of it."""

    id: str
    case: str
    round: int
    stage: str
    return_reason: str


@dataclass(frozen=True, kw_only=True)
class PartyExtension:
    """More time that was asked for, and the answer."""

    id: str
    version: int
    stage: str
    reason: str
    words: str
    working_days: int
    granted_working_days: int | None
    due_on: date | None
    answer: str


@dataclass(frozen=True, kw_only=True)
class TypedFile:
    """A file that was sent for a form which came back. value: what names it, as the form carries it."""

    number: int
    size: int
    value: str


@dataclass(frozen=True, kw_only=True)
class PartyAppeal:
    """What the institution said against a sanction, and what came of it."""

    id: str
    version: int
    sanction: str
    kind: str
    stage: str
    filed_on: date
    reasons: str
    answer: str
    outcome: str
    files: tuple[HandedFile, ...] = ()


@dataclass(frozen=True, kw_only=True)
class PartySanction:
    """A sanction from the day on which the party was told of it; decided: only what was decided and served."""

    id: str
    stage: str
    track: str
    level: str
    measures: tuple[str, ...]
    reasons: str
    amount_fen: int | None
    told_on: date | None
    decided_level: str
    decided_amount_fen: int | None
    decision_reasons: str
    decided_on: date | None
    appeals: tuple[PartyAppeal, ...]


@dataclass(frozen=True, kw_only=True)
class PortalHome:
    """Everything that waits for the institution, and all that it has met so far."""

    template: ClassVar[str] = "portal/home.html"
    institution: str
    code: str
    cases: tuple[PartyCase, ...]
    past: tuple[PartyCase, ...]
    notices: tuple[PartyNotice, ...]
    put: tuple[PartyFinding, ...]
    sanctions: tuple[PartySanction, ...]


@dataclass(frozen=True, kw_only=True)
class PortalNotice:
    """One notice. may_acknowledge: it was served, and nobody has confirmed it yet."""

    template: ClassVar[str] = "portal/notice.html"
    notice: PartyNotice
    version: int
    findings: tuple[PartyFinding, ...]
    case: PartyCase | None
    may_acknowledge: bool


@dataclass(frozen=True, kw_only=True)
class PortalCase:
    """One case: its deadline, what was found, what was served, and what the institution answered."""

    template: ClassVar[str] = "portal/case.html"
    case: PartyCase
    findings: tuple[PartyFinding, ...]
    notices: tuple[PartyNotice, ...]
    reports: tuple[PartyReport, ...]
    sanctions: tuple[PartySanction, ...]
    extension: PartyExtension | None
    provisional: bool
    extension_max: int
    typed: Mapping[str, str] = field(default_factory=dict)
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class PortalSanction:
    """One sanction. ways: the kinds of appeal that are open now."""

    template: ClassVar[str] = "portal/sanction.html"
    sanction: PartySanction
    ways: tuple[str, ...]
    file_bytes_max: int
    files_max: int
    typed: Mapping[str, str] = field(default_factory=dict)
    typed_files: tuple[TypedFile, ...] = ()
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class PortalFinding:
    """A finding that was put to the party. may_state: nobody was heard on it yet; words: what it said."""

    template: ClassVar[str] = "portal/finding.html"
    finding: PartyFinding
    version: int
    may_state: bool
    words: str
    file_bytes_max: int
    files_max: int
    files: tuple[HandedFile, ...] = ()
    typed: Mapping[str, str] = field(default_factory=dict)
    typed_files: tuple[TypedFile, ...] = ()
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class PartyFile:
    """A file of a report; number: from 1, as people speak of it."""

    digest: str
    number: int
    media_type: str
    size: int


@dataclass(frozen=True, kw_only=True)
class PartyAnswer:
    """What stands, or was typed, in answer to a finding. fault: the field that does not fit, '' for none."""

    finding: PartyFinding
    measure: str
    words: str
    done_on: str
    proof: tuple[str, ...]
    verdict: str = ""
    fault: str = ""

    @property
    def done_day(self) -> date | None:
        """The day that was entered, None for none or for what is no day."""
        try:
            return date.fromisoformat(self.done_on)
        except ValueError:
            return None

    @property
    def is_blank(self) -> bool:
        """Whether nothing was said yet."""
        return not (self.measure or self.words.strip() or self.done_on or self.proof)


@dataclass(frozen=True, kw_only=True)
class PortalReport:
    """A report: a form while it is a draft, then what was handed in and what came of it.

    missing: how many findings are not answered yet; failed: what kept it from being saved, '' for nothing
    """

    template: ClassVar[str] = "portal/report.html"
    report: PartyReport
    version: int
    case: PartyCase
    answers: tuple[PartyAnswer, ...]
    files: tuple[PartyFile, ...]
    files_max: int
    file_bytes_max: int
    today: date
    missing: int
    returned_before: str = ""
    failed: str = ""


@dataclass(frozen=True, kw_only=True)
class AckPage:
    """The page of a message's link. state: '' before the link was read; `ready`, `done`, or the code of a refusal."""

    template: ClassVar[str] = "portal/ack.html"
    state: str = ""
    token: str = ""
    institution: str = ""
    number: str = ""
    due_on: date | None = None


@dataclass(frozen=True, kw_only=True)
class PortalError:
    """A problem told to an institution's user, in words of his language."""

    template: ClassVar[str] = "portal/error.html"
    status: int
    code: str
    happened: str
    kept: str = ""
    next: str = ""
    item: str = ""
    back: str = ""
