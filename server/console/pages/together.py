"""Deciding on several items of evidence in one act: what will happen, before it does."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from server.console.pages.evidence import EvidenceRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """One chosen item. code: of the refusal that stands against it, '' where nothing does."""

    row: EvidenceRow
    version: int
    code: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class TogetherPage:
    """Chosen items before the act. unseen: how many of them are not there, or not the reader's to see."""

    template: ClassVar[str] = "console/evidence_together.html"
    act: str
    items: tuple[Chosen, ...]
    unseen: int = 0
    reason: str = ""
    sentence: str = ""

    def with_words(self, reason: str, sentence: str) -> TogetherPage:
        """Return the page with what was entered already."""
        return replace(self, reason=reason, sentence=sentence)

    @property
    def ready(self) -> tuple[Chosen, ...]:
        """The items that nothing stands against."""
        return tuple(each for each in self.items if not each.code)

    @property
    def refused(self) -> tuple[Chosen, ...]:
        """The items that something stands against."""
        return tuple(each for each in self.items if each.code)
