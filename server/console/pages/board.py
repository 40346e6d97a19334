"""The board of many remote rounds: those of a call, or of a day, with the one that needs somebody first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Annotated, ClassVar

from server.console.pages.frame import Chip, Institution, OneOf

STUCK, MISSED, DOUBTED, SOON, RUNNING, ANSWERED, TO_COME, OVER = ATTENTION = (
    "stuck", "missed", "doubted", "soon", "running", "answered", "to_come", "over",
)  # fmt: skip
"""What a round asks of whoever watches, the most urgent first."""
Attention = Annotated[str, OneOf(ATTENTION)]


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardRow:
    """One remote round. attention: a word of ATTENTION, shown by `board_marks.ATTENTION`.

    beds: asked for; answered: of them by the ward; in_time: of them in time
    rate: in_time in percent of beds, rounded down, None where nothing was asked yet
    flagged: beds with any flag; presence: beds by presence code; waiting_for: why it was not called
    """

    id: str
    institution: Institution
    wards: tuple[str, ...]
    state: str
    attention: Attention
    beds: int = 0
    answered: int = 0
    in_time: int = 0
    rate: int | None = None
    flagged: int = 0
    suspected: int = 0
    presence: Mapping[str, int] = field(default_factory=dict)
    called_at: datetime | None = None
    call_at: datetime | None = None
    respond_by: datetime | None = None
    waiting_for: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardTotal:
    """All rounds of a board together, whatever is filtered."""

    rounds: int = 0
    called: int = 0
    beds: int = 0
    answered: int = 0
    in_time: int = 0
    rate: int | None = None
    flagged: int = 0
    suspected: int = 0


@dataclass(frozen=True, kw_only=True, slots=True)
class BoardPage:
    """Remote rounds as they come in. Of the ledger entries `entries` that ordered them ('' for those of `day`).

    left_out: rounds of the day beyond those shown; regions: (code, name) to choose from
    query: what the address says besides the chip
    """

    template: ClassVar[str] = "console/board.html"
    rows: tuple[BoardRow, ...]
    total: BoardTotal
    chips: tuple[Chip, ...]
    day: date | None = None
    entries: str = ""
    region: str = ""
    regions: tuple[tuple[str, str], ...] = ()
    left_out: int = 0
    may_call: bool = False
    query: Mapping[str, str] = field(default_factory=dict)
