"""Findings: the list, one finding, the form that confirms it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from server.console.pages.evidence import EvidenceRow
from server.console.pages.frame import CaptureInterval, Chip, HandedFile, Institution, Officer, Paging
from server.console.pages.narrowing import Narrowing


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingRow:
    """One finding in a list; violation: its name, where its inspection's catalogue says one."""

    id: str
    institution: Institution
    violation_code: str
    amount_fen: int | None
    state: str
    violation: str = ""
    proposed_at: datetime | None = None
    evidence_count: int = 0
    conflict: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingsPage:
    """Findings, those that wait for this reader first."""

    template: ClassVar[str] = "console/findings.html"
    chips: tuple[Chip, ...]
    rows: tuple[FindingRow, ...]
    paging: Paging
    narrowing: Narrowing = field(default_factory=Narrowing)


@dataclass(frozen=True, kw_only=True, slots=True)
class Statement:
    """What the inspected party said. kind: a code of `marks.STATEMENTS`; text may be empty."""

    kind: str
    recorded_by: Officer
    text: str = ""
    heard_on: date | None = None
    files: tuple[HandedFile, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class AskParty:
    """The form that asks the party to state, and what was asked so far. failed: in words, '' for nothing."""

    working_days: int
    asked_on: date | None = None
    answer_by: date | None = None
    may: bool = False
    failed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """One of the values that stand against each other; value: fen for `amount_fen`, else text or code."""

    value: str | int
    officer: Officer
    captured: CaptureInterval


@dataclass(frozen=True, kw_only=True, slots=True)
class FieldConflict:
    """A field with several values; the lead inspector decides, confirmation waits."""

    field: str
    candidates: tuple[Candidate, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DuePreset:
    """A number of working days and the day it leads to from the chosen date of service."""

    working_days: int
    due_on: date


@dataclass(frozen=True, kw_only=True, slots=True)
class OpenCase:
    """A case of the same inspection whose notice nobody signed yet. findings: how many it has"""

    id: str
    findings: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ConfirmForm:
    """The form that confirms a finding and opens its case, or puts it into one of `cases`.

    provisional: the calendar of the due date's year is not published yet
    earliest, latest: bounds of the date of service
    """

    served_on: date
    working_days: int
    due_on: date
    presets: tuple[DuePreset, ...]
    earliest: date
    latest: date
    provisional: bool = False
    blocked: str | None = None
    failed: str = ""
    cases: tuple[OpenCase, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class FindingPage:
    """One finding; form is None when there is nothing left to confirm, asking unless the party is still to be heard.

    violation: its name, where its inspection's catalogue says one; legal_basis: the article in words
    """

    template: ClassVar[str] = "console/finding.html"
    id: str
    version: int
    institution: Institution
    violation_code: str
    amount_fen: int | None
    state: str
    facts: str
    violation: str = ""
    legal_basis: str = ""
    legal_basis_on: date | None = None
    persons: tuple[str, ...] = ()
    officers: tuple[Officer, ...] = ()
    proposed_at: datetime | None = None
    statement: Statement | None = None
    evidence: tuple[EvidenceRow, ...] = ()
    conflicts: tuple[FieldConflict, ...] = ()
    form: ConfirmForm | None = None
    asking: AskParty | None = None
    case_id: str | None = None
