"""A census at the desk: the form, and what a file would do before anybody confirms it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class CensusRow:
    """One row of the file; name and number arrive masked."""

    line: int
    ward: str
    bed: str
    name: str
    number: str
    admitted_on: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CensusFault:
    """What is wrong or doubtful about a row, by the line of the file; never what stands in the cell."""

    line: int
    column: str
    words: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CensusPreview:
    """What a file would do. digest: of the file; institutions: (code, name) of whose lists it holds.

    columns: recognised; left_out: looked at by nobody; wards: in-patients by ward
    faults, doubts: at most FAULTS_SHOWN of fault_count and doubt_count; created, changed, same, left: rows
    left: listed before and not in this list; contested: values that wait for an open conflict
    unchecked: diagnosis codes of places where no catalogue holds
    """

    digest: str
    institutions: tuple[tuple[str, str], ...]
    day: date
    rows: int
    columns: tuple[str, ...]
    left_out: tuple[str, ...]
    first: tuple[CensusRow, ...] = ()
    wards: Mapping[str, int] = field(default_factory=dict)
    faults: tuple[CensusFault, ...] = ()
    fault_count: int = 0
    doubts: tuple[CensusFault, ...] = ()
    doubt_count: int = 0
    created: int = 0
    changed: int = 0
    same: int = 0
    left: int = 0
    contested: int = 0
    unchecked: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class CensusForm:
    """What was typed. failed: what does not fit, by `census_marks.FAULTS`; detail: its words, where it has some."""

    institution: str = ""
    day: str = ""
    partial: bool = False
    sheet: str = ""
    failed: str = ""
    detail: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CensusPage:
    """The form with the preview of the file that was sent, if one was. known: (code, name) to choose from."""

    template: ClassVar[str] = "console/census.html"
    form: CensusForm
    known: tuple[tuple[str, str], ...] = ()
    columns: tuple[tuple[str, bool], ...] = ()
    preview: CensusPreview | None = None
    bytes_max: int = 0
