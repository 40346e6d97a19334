"""How a checklist stands: the answers of all phones, item by item. Derived, never stored.

Two officers who answer one item without knowing of each other have made two events, like two checks of
one bed: both are kept, and where they differ the item reads `disputed`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from schemas.catalogues.content import Catalogue, Values

OPEN, DISPUTED = "open", "disputed"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer: the record that holds it, the item, and what was found."""

    record: str
    item: str
    answer: str


@dataclass(frozen=True, slots=True)
class Standing:
    """An item with all its answers; state: open, disputed, or the one answer that all agree on."""

    row: Values
    answers: tuple[Answer, ...]

    @property
    def state(self) -> str:
        """How the item stands."""
        words = {one.answer for one in self.answers}
        if not words:
            return OPEN
        return words.pop() if len(words) == 1 else DISPUTED

    @property
    def settled(self) -> bool:
        """Whether nothing is left to do: answered with one voice, or left open where that is allowed."""
        return self.state != DISPUTED and (self.state != OPEN or not self.row["required"])


def standing(checklist: Catalogue, answers: Iterable[Answer]) -> list[Standing]:
    """Return every item of a checklist with its answers, in the checklist's order."""
    by_item: dict[str, list[Answer]] = {}
    for one in answers:
        by_item.setdefault(one.item, []).append(one)
    return [
        Standing(row, tuple(sorted(by_item.get(row["code"], ()), key=lambda one: one.record)))
        for row in checklist.rows
    ]
