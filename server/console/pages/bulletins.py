"""Weekly bulletins: drafts to be issued and those that were."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from server.console.pages.frame import Institution


@dataclass(frozen=True, kw_only=True, slots=True)
class BulletinLine:
    """One institution: how many cases are overdue, for how many weeks running, and what follows."""

    institution: Institution
    cases_overdue: int
    weeks_running: int
    step: str


@dataclass(frozen=True, kw_only=True, slots=True)
class BulletinRow:
    """One bulletin with its lines. document: the digest of its paper, fixed when it was issued"""

    id: str
    version: int
    number: str
    stage: str
    from_on: date
    until_on: date
    cases_overdue: int
    issued_on: date | None
    lines: tuple[BulletinLine, ...]
    document: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class BulletinsPage:
    """The newest bulletins."""

    template: ClassVar[str] = "console/bulletins.html"
    rows: tuple[BulletinRow, ...]
    may_issue: bool = False
