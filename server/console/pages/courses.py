"""Records that take their course by steps: the list of one type, one record with its steps, a first form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar

from server.console.marks import Mark
from server.console.pages.frame import Chip, HandedFile, Paging
from server.console.pages.registers import Cell, Choice, Column, Entry, Line, Named


@dataclass(frozen=True, kw_only=True, slots=True)
class FormField:
    """One field of a form. kind: as declared; choices: of a choice; value: what stands in it, members joined by commas.

    many: several may be chosen; wanted: must be given; unit: written behind; chars_max: of a text
    """

    name: str
    label: str
    kind: str
    value: str = ""
    choices: tuple[Choice, ...] = ()
    many: bool = False
    wanted: bool = False
    unit: str = ""
    chars_max: int | None = None
    fault: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class StepForm:
    """A step as a record's page offers it. state: done, open, blocked (something lacks), ahead, closed.

    lacks: what stands before it, in words; roles: who may take it; may: whether this reader may, now
    fields: what it asks for, where the reader may
    """

    name: str
    words: str
    state: str
    says: str = ""
    lacks: tuple[str, ...] = ()
    roles: tuple[str, ...] = ()
    may: bool = False
    fields: tuple[FormField, ...] = ()
    failed: str = ""
    side: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseRow:
    """One record in a list; marks: what presses, such as overdue."""

    id: str
    title: str
    stage: Mark
    cells: tuple[Cell, ...]
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseFilter:
    """A choice that narrows a list. name: its word in the address"""

    name: str
    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseTotal:
    """One line of a list's totals: a kind's word with its sums in fen."""

    words: str
    count: int
    sums: tuple[int, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CoursesPage:
    """The records of one course, what moved last first. noun: its word in addresses.

    query: what the list is narrowed by, in words of the address, without stage and page
    begins: the words of the first step, where this reader may take it by hand; '' where not
    totals: by kind, with the heads of their sums, where the records are of money
    """

    template: ClassVar[str] = "console/courses.html"
    noun: str
    kind: str
    name: str
    chips: tuple[Chip, ...]
    stage_marks: Mapping[str, Mark]
    columns: tuple[Column, ...]
    rows: tuple[CourseRow, ...]
    paging: Paging
    filters: tuple[CourseFilter, ...] = ()
    regions: tuple[Choice, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
    begins: str = ""
    total_heads: tuple[str, ...] = ()
    totals: tuple[CourseTotal, ...] = ()
    empty: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CourseLink:
    """A way on from a record: to a form that is filled in beforehand, or to another page."""

    words: str
    noun: str
    query: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class DecisionPart:
    """The document of a decision. document: its digest; paper: whether one made now `matches` it or `differs`"""

    number: str
    document: str
    paper: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CoursePage:
    """One record: its stages, its steps with what lacks before each, what stands in it, and what happened."""

    template: ClassVar[str] = "console/course.html"
    noun: str
    kind: str
    name: str
    id: str
    version: int
    title: str
    stage: Mark
    path: tuple[tuple[str, str], ...]
    steps: tuple[StepForm, ...]
    lines: tuple[Line, ...]
    entries: tuple[Entry, ...]
    place: Named | None = None
    marks: tuple[Mark, ...] = ()
    links: tuple[CourseLink, ...] = ()
    files: tuple[HandedFile, ...] = ()
    decision: DecisionPart | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class BeginPage:
    """The form by which a record of a course comes to be. given: fields that the address filled in, by name."""

    template: ClassVar[str] = "console/course_begin.html"
    noun: str
    kind: str
    name: str
    step: StepForm
    about: tuple[Line, ...] = ()
    given: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class PanelRow:
    """One record of a course on the page of its case; cells: as in the list."""

    id: str
    stage: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class CoursePanel:
    """What a case has of one course, with a link to begin another; kind: the record type."""

    noun: str
    kind: str
    name: str
    rows: tuple[PanelRow, ...] = ()
    begins: str = ""
    query: Mapping[str, str] = field(default_factory=dict)
