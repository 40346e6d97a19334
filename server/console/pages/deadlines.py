"""Deadlines seen together: the board of cases by stage, and the calendar of what falls due."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, ClassVar

from server.console.pages.frame import Chip, Institution, Paging
from server.console.pages.narrowing import Narrowing
from server.console.pages.registers import Choice
from server.console.pages.reports import Table


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


@dataclass(frozen=True, kw_only=True, slots=True)
class DueItem:
    """Something that falls on a day. kind: `due` and `look_back` of a case, `interview`; id: of that record.

    at: when an interview begins, in UTC; overdue: the case is past its day
    """

    kind: str
    id: str
    institution: Institution
    stage: str
    on: date
    at: datetime | None = None
    overdue: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class DueDay:
    """One day of the calendar. sort: `working`, `weekend`, `holiday`, `makeup`; inside: of the month shown."""

    on: date
    sort: str
    inside: bool
    items: tuple[DueItem, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DueCalendarPage:
    """What falls due in one month.

    overdue: open cases past their day, the oldest first, as far as they are listed; overdue_count: of all of them
    not_served: open cases whose term has not begun; provisional: the years shown whose table is not published yet
    left_out: how many more of this month than are listed; before, after: the months beside, as `2026-10`
    """

    template: ClassVar[str] = "console/due_calendar.html"
    month: str
    first: date
    weeks: tuple[tuple[DueDay, ...], ...]
    before: str
    after: str
    overdue: tuple[DueItem, ...]
    overdue_count: int
    not_served: int
    total: int
    left_out: int = 0
    provisional: tuple[int, ...] = ()
    regions: tuple[Choice, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class ColumnChoice:
    """One column of the register that a reader may choose."""

    name: str
    label: str
    chosen: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class RectificationRegisterPage:
    """One page of the rectification register.

    ids: the case of each row; since, until: of the due date; query: both and the columns, in words of the address
    """

    template: ClassVar[str] = "console/rectification_register.html"
    table: Table
    ids: tuple[str, ...]
    chips: tuple[Chip, ...]
    paging: Paging
    narrowing: Narrowing
    columns: tuple[ColumnChoice, ...]
    since: date | None = None
    until: date | None = None
    query: Mapping[str, Any] = field(default_factory=dict)
