"""Why somebody's work does not count as it is: a reason from the list, and a sentence for whoever did it."""

from __future__ import annotations

from schemas.records.decision import REASONS
from sync.errors import BadValue

NOTE_CHARS_MIN = 2
"""A sentence has at least this length."""


def check(reason: str | None, note: str | None) -> None:
    """Return if both are there; raises BadValue naming the one that is not."""
    if reason not in REASONS:
        raise BadValue("say why, from the list of reasons", field="reason")
    if len((note or "").strip()) < NOTE_CHARS_MIN:
        raise BadValue("add a sentence that tells the inspector what to do", field="note")
