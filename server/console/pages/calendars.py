"""Working calendars: which days count where, the tables that were imported, and what a file would do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

Span = tuple[date, date]


@dataclass(frozen=True, kw_only=True, slots=True)
class YearRow:
    """What counts in the reader's region. origin: the region whose table it is, '' for the one brought along."""

    year: int
    standing: str
    origin: str
    off: tuple[Span, ...] = ()
    working: tuple[date, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class TableRow:
    """One imported table. off, working: how many days"""

    id: str
    region: str
    year: int
    stage: str
    standing: str
    valid_from: date
    off: int
    working: int
    source: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarFault:
    """What is wrong with a row of the file."""

    line: int
    column: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class MovedRow:
    """An open deadline that the table would move."""

    case: str
    before: date
    after: date


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarPreview:
    """What a file would do. moves: at most MOVES_SHOWN of move_count, of the reader's cases"""

    digest: str
    rows: int
    off: tuple[Span, ...] = ()
    working: tuple[date, ...] = ()
    faults: tuple[CalendarFault, ...] = ()
    fault_count: int = 0
    moves: tuple[MovedRow, ...] = ()
    move_count: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarForm:
    """What was typed; failed: what does not fit, by `reminder_marks.CALENDAR_FAULTS`; detail: its words."""

    region: str = ""
    year: str = ""
    valid_from: str = ""
    standing: str = "published"
    source: str = ""
    failed: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CalendarsPage:
    """The years that count at the reader's place, the imported tables of his region, and the form."""

    template: ClassVar[str] = "console/calendars.html"
    region: str
    years: tuple[YearRow, ...]
    tables: tuple[TableRow, ...]
    form: CalendarForm
    preview: CalendarPreview | None = None
    may_bring: bool = False
