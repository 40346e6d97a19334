"""Registers (台账): every type of record as a table, and any record by all its fields, read off its declaration."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar

from server.console.marks import Mark


@dataclass(frozen=True, kw_only=True, slots=True)
class Named:
    """A record that another one names; kind: its type where this reader may open it, else ''."""

    words: str
    id: str
    kind: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """The values of one field, none where nobody has written it; erased: whether one of them was.

    kind: as declared; values: words of a choice, Named of an id, Lines of a group, aware times, days, whole numbers
    """

    kind: str
    values: tuple[Any, ...] = ()
    unit: str = ""
    erased: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Deed:
    """One entry of the ledger that wrote something: where, by whom, when."""

    index: int
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Line:
    """One field of a record. written: who last wrote it; contested: values stand against each other."""

    name: str
    label: str
    cell: Cell
    written: Deed | None = None
    contested: bool = False
    masked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Register:
    """One register in the list of them all; more: whether there are more than were counted."""

    kind: str
    name: str
    count: int
    more: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RegistersPage:
    """Every register, those with records first. api: the address of the programming interface."""

    template: ClassVar[str] = "console/registers.html"
    filled: tuple[Register, ...]
    empty: tuple[Register, ...]
    api: str


@dataclass(frozen=True, kw_only=True, slots=True)
class StageChip:
    """One filter above a register: a stage ('' for all), `conflicts` or `voided`, with its words in the address."""

    shown: Mark
    count: int
    more: bool
    active: bool
    query: Mapping[str, str]


@dataclass(frozen=True, kw_only=True, slots=True)
class Choice:
    """One of several to choose from, such as a region; value: as it stands in the address."""

    value: str
    words: str
    active: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """The head of a column; number: whether its values are compared by their last digits."""

    label: str
    number: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterRow:
    """One record. place: the institution, or what else it lies in; cells: one for each column of the page."""

    id: str
    title: str
    place: str
    stage: Mark | None
    cells: tuple[Cell, ...]
    changed: Deed
    conflict: bool = False
    voided: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class RegisterPage:
    """One page of a register.

    lead: the head of the titles; columns: heads of the cells
    query: what is asked for, in words of the address, without the page
    next, previous: words of the address for the pages beside this one, empty where there is none
    within: the record in which all rows lie, where one is asked for
    """

    template: ClassVar[str] = "console/register.html"
    kind: str
    name: str
    lead: str
    columns: tuple[Column, ...]
    staged: bool
    rows: tuple[RegisterRow, ...]
    chips: tuple[StageChip, ...]
    regions: tuple[Choice, ...]
    sorts: tuple[Choice, ...]
    query: Mapping[str, str]
    total: int
    more: bool
    next: Mapping[str, str] = field(default_factory=dict)
    previous: Mapping[str, str] = field(default_factory=dict)
    within: Named | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rival:
    """One of the values that stand against each other; cell: None where what stands there is a whole record."""

    cell: Cell | None
    deed: Deed | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Rivalry:
    """A field over which values stand against each other until somebody decides."""

    label: str
    rivals: tuple[Rival, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Entry:
    """One entry that concerns the record. lines: what it wrote, short values beside; op: '' where it cannot be read."""

    deed: Deed
    kind: str
    op: str
    verdict: str
    lines: tuple[Line, ...] = ()
    code: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordPage:
    """One record by all its fields.

    lines, unwritten: fields with and without a value; special: the endpoint of the type's own page, or ''
    inside: registers of what lies in this record; entries: the newest, `earlier` more stand before them
    """

    template: ClassVar[str] = "console/record.html"
    kind: str
    name: str
    id: str
    title: str
    stage: Mark | None
    life: str
    version: int
    region: str
    lines: tuple[Line, ...]
    unwritten: tuple[Line, ...]
    created: Deed
    changed: Deed
    place: Named | None = None
    parent: Named | None = None
    rivalries: tuple[Rivalry, ...] = ()
    inside: tuple[Register, ...] = ()
    entries: tuple[Entry, ...] = ()
    earlier: int = 0
    special: str = ""
    api: str = ""
