"""The second review: what was drawn, and how often it agreed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import ClassVar

from server.console.pages.evidence import EvidenceRow
from server.console.pages.frame import Chip, Officer, Paging
from server.console.pages.narrowing import Narrowing


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondRow:
    """One drawn review. id: of its task; first, first_act: who decided what; outcome: '' until it is done.

    version: of the item; blocked: why this reader may not look again, by `marks.SECOND_BLOCKS`, or None
    """

    id: str
    item: EvidenceRow
    version: int
    first: Officer
    first_act: str
    entry: int
    due_on: date
    stage: str
    outcome: str = ""
    second: Officer | None = None
    blocked: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondReviewsPage:
    """What waits for a second review, or is done. agreed, disagreed: of all that were done in the reader's scope."""

    template: ClassVar[str] = "console/second_reviews.html"
    state: str
    chips: tuple[Chip, ...]
    rows: tuple[SecondRow, ...]
    paging: Paging
    agreed: int
    disagreed: int
    percent: int
    narrowing: Narrowing = field(default_factory=Narrowing)


@dataclass(frozen=True, kw_only=True, slots=True)
class SecondReviewPage:
    """One drawn review with the picture that it is about."""

    template: ClassVar[str] = "console/second_review.html"
    row: SecondRow
