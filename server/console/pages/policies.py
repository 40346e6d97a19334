"""Reminder policies: the ladder that counts at the reader's place, its history, a new one and a sample case of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from server.reminders.policies import DIGEST_LIMIT, RECTIFICATION


@dataclass(frozen=True, kw_only=True, slots=True)
class RungRow:
    """One rung; name '' in an empty row of the form."""

    name: str = ""
    roles: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    task: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyForm:
    """What was typed; times as 08:30; failed: what does not fit, by `reminder_marks.POLICY_FAULTS`."""

    region: str
    rungs: tuple[RungRow, ...]
    quiet_from: str = "20:00"
    quiet_until: str = "08:00"
    morning: str = "08:30"
    digest_limit: str = str(DIGEST_LIMIT)
    words: str = ""
    case_type: str = RECTIFICATION.name
    failed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PolicyRow:
    """One policy that was laid down."""

    id: str
    region: str
    at: datetime
    by: str
    rungs: int
    words: str = ""
    counts: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SampleRow:
    """What a sample case would get: a rung's instant, who hears of it, and what it asks for."""

    at: datetime
    rung: str
    roles: tuple[str, ...]
    channels: tuple[str, ...]
    task: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PoliciesPage:
    """The ladder of one case type in force and its history.

    origin: the region that laid it down, '' for the one brought along
    sample: of a case served today with 15 working days and not acknowledged, due on sample_due, by the form's ladder
    """

    template: ClassVar[str] = "console/policies.html"
    region: str
    origin: str
    ladder: PolicyForm
    form: PolicyForm
    history: tuple[PolicyRow, ...]
    sample: tuple[SampleRow, ...]
    sample_due: date
    case_type: str = RECTIFICATION.name
    may_lay_down: bool = False
