"""What is done on a case: its notice, report and extension, what is next, and the forms that take it there."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from server.console.pages.notices import SlipPart


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticePart:
    """The notice that counts, or the draft that waits. blocked: why this reader may not sign it off, or ''"""

    id: str
    version: int
    type: str
    stage: str
    number: str
    facts: str
    demands: str
    legal_basis: tuple[str, ...]
    working_days: int
    drafted_by: str
    issued_on: date | None = None
    served_on: date | None = None
    method: str = ""
    received_by: str = ""
    witness: str = ""
    acknowledged_at: datetime | None = None
    slips: tuple[SlipPart, ...] = ()
    blocked: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class AnswerPart:
    """What a report says of one finding, and what was found of it. proof: digests of its files"""

    finding: str
    violation_code: str
    measure: str = ""
    words: str = ""
    done_on: date | None = None
    proof: tuple[str, ...] = ()
    verdict: str = ""
    verdict_words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperPart:
    """What is known of a report that came on paper. scans: digests of its pages, which lie with the paper"""

    handed_in_by: str
    handed_in_on: date | None
    place: str
    scans: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class PaperForm:
    """The form for a report that came on paper. findings: (id, violation); begun: the portal has a draft of its own"""

    findings: tuple[tuple[str, str], ...]
    served_on: date | None
    begun: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportPart:
    """The newest report. own: this reader wrote or entered it, and so does not verify it."""

    id: str
    version: int
    stage: str
    round: int
    by: str
    answers: tuple[AnswerPart, ...]
    own: bool
    return_reason: str = ""
    paper: PaperPart | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class ExtensionPart:
    """A request for more time. most: working days that can be granted; own: this reader entered it"""

    id: str
    version: int
    stage: str
    reason: str
    words: str
    working_days: int
    most: int
    own: bool
    due_on: date | None = None
    answer: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class LackPart:
    """One thing that stands against closing. code: `casework_marks.LACKS`; about: a violation or a failing, or ''"""

    code: str
    about: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Aftermath:
    """What came after closing, and why the report went back or the case was opened again."""

    look_back_on: date | None = None
    looked_back_on: date | None = None
    look_back_result: str = ""
    call_back_on: date | None = None
    call_back_result: str = ""
    return_code: str = ""
    return_reason: str = ""
    reopen_reason: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class FailedForm:
    """A form that was refused. form: its step; field: what does not fit, or ''; typed: what had been entered.

    item: the record that the fault is about, or ''
    """

    form: str
    code: str
    field: str
    happened: str
    next: str
    item: str = ""
    typed: Mapping[str, str] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseWork:
    """Where a case stands, what is next and whether this reader does it.

    next: `casework_marks.NEXT`; may: the reader has the office for it; blocked: `casework_marks.BLOCKS` or ''
    draft: the notice as the findings word it, where none was written yet
    paper_form: where the case waits for a report and this reader may enter one
    """

    version: int
    next: str
    may: bool
    today: date
    blocked: str = ""
    notice: NoticePart | None = None
    replaced: NoticePart | None = None
    report: ReportPart | None = None
    extensions: tuple[ExtensionPart, ...] = ()
    lacks: tuple[LackPart, ...] = ()
    after: Aftermath = dataclasses.field(default_factory=Aftermath)
    look_back_day: date | None = None
    failed: FailedForm | None = None
    paper_form: PaperForm | None = None
