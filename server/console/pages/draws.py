"""Draws of institutions and of officers, each drawn again while the page is made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar

from server.console.pages.frame import Institution, Officer


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawRow:
    """One draw of institutions in the list. kinds, grades: empty for all; drawn: how many, of population."""

    id: str
    region: str
    by: Officer
    at: datetime
    stage: str
    size: int
    kinds: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    drawn: int = 0
    population: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawForm:
    """What was typed. failed: what does not fit, by `draw_marks.FAULTS`."""

    region: str = ""
    size: str = ""
    kinds: tuple[str, ...] = ()
    grades: tuple[str, ...] = ()
    failed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawsPage:
    """The draws of the reader's region, the newest first, with the form of a new one where he may draw."""

    template: ClassVar[str] = "console/draws.html"
    rows: tuple[DrawRow, ...]
    form: DrawForm
    regions: tuple[tuple[str, str], ...] = ()
    may_draw: bool = False
    left_out: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class Drawn:
    """One who was drawn: an institution or an officer."""

    id: str
    institution: Institution | None = None
    officer: Officer | None = None
    region: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class DrawPage:
    """One draw, drawn again now. what: `institutions` or `officers`; of: the inspection whose officers were drawn.

    ordered: whether it still waits to be drawn; ok: whether the ledger draws the same; faults: (word, what is wrong)
    order_entry, draw_entry: of the ledger; population: how many could be drawn
    """

    template: ClassVar[str] = "console/draw.html"
    id: str
    what: str
    ordered: bool
    ok: bool
    faults: tuple[tuple[str, str], ...] = ()
    seed: str = ""
    order_entry: int | None = None
    draw_entry: int | None = None
    population: int = 0
    drawn: tuple[Drawn, ...] = ()
    row: DrawRow | None = None
    may_draw: bool = False
    query: Mapping[str, str] = field(default_factory=dict)
