"""What will be sent if nothing changes: reminders of the coming days, and what people will have to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from server.console.pages.frame import Institution
from server.console.pages.registers import Choice


@dataclass(frozen=True, kw_only=True, slots=True)
class ComingRow:
    """One reminder. role: of `reminder.ADDRESSEES`; recipient: a name, '' where the role says it; why: in English

    joined: of so many reminders the digest is within which it will go, as far as its reader sees them; 1: by itself
    about: `rectification_case`, or `petition`, which has a number and no institution here
    """

    at: datetime
    case: str
    institution: Institution | None
    due_on: date
    rung: str
    role: str
    recipient: str
    channel: str
    task: str
    why: str
    joined: int = 1
    about: str = "rectification_case"
    number: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ComingDay:
    """The reminders of one day, in the order of sending."""

    on: date
    rows: tuple[ComingRow, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class ComingPage:
    """What is coming. total: as far as was looked; more: whether cases or reminders were left out"""

    template: ClassVar[str] = "console/coming.html"
    days: int
    days_choices: tuple[int, ...]
    coming: tuple[ComingDay, ...]
    total: int
    more: bool
    regions: tuple[Choice, ...]
    query: dict[str, str]
