"""Deadlines seen together: the board of cases by stage, and the calendar of what falls due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from server.console.pages.frame import Institution
from server.console.pages.registers import Choice


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardCard:
    """One case on the board. due_on, days_left: None before service; days_left also once it is closed."""

    id: str
    institution: Institution
    number: str
    violation_codes: tuple[str, ...]
    amount_fen: int
    owner: str
    stage: str
    due_on: date | None = None
    days_left: int | None = None
    returns: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardColumn:
    """The cases of one stage, the most pressing first.

    amount_fen: of all of them, None where there are more cases than are added up; more: cases that are not shown
    """

    stage: str
    count: int
    overdue: int
    amount_fen: int | None
    cards: tuple[BoardCard, ...]
    more: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class CaseBoardPage:
    """Every case by its stage. query: the region in words of the address."""

    template: ClassVar[str] = "console/case_board.html"
    columns: tuple[BoardColumn, ...]
    regions: tuple[Choice, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def total(self) -> int:
        """How many cases there are."""
        return sum(column.count for column in self.columns)
