"""Asking for an extension (延期), pure: before the last day is over, once, and at most half of the term."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from schemas.drafting import Draft
from schemas.records.extension import REASONS
from sync.errors import BadTransition, BadValue
from sync.merge import Record

RUNNING = ("notified", "rectifying")
"""Stages of a case in which more time can be asked for: its notice was served, no report is in."""
WORDS_CHARS_MAX = 2_000


@dataclass(frozen=True, kw_only=True)
class Asked:
    """How many working days more, and why."""

    working_days: int
    reason: str
    words: str


def most(case: Record) -> int:
    """Return by how many working days a case's term can be extended: half of it, rounded down."""
    return int(case.values["working_days"]) // 2


def check_possible(case: Record, extensions: Iterable[Record], today: date) -> None:
    """Raise BadTransition where a case cannot be given more time: asked already, too late, or a report is in."""
    if any(one.values["case"] == case.id for one in extensions):
        raise BadTransition("an extension is asked for once", item=case.id, field="extension")
    if case.stage not in RUNNING or not case.values.get("due_on"):
        raise BadTransition("the term of this case does not run now", item=case.id, field="stage")
    if today > date.fromisoformat(case.values["due_on"]):
        raise BadTransition(
            "the last day is over; an extension is asked for before", item=case.id, field="due_on"
        )
    if most(case) < 1:
        raise BadTransition(
            "a term of one day cannot be extended by half", item=case.id, field="working_days"
        )


def decide(case: Record, extensions: Iterable[Record], asked: Asked, *, today: date, extension: str) -> Draft:
    """Return the draft that asks for more time; raises BadTransition or BadValue. extension: a fresh id"""
    check_possible(case, extensions, today)
    if not 1 <= asked.working_days <= most(case):
        raise BadValue(f"between 1 and {most(case)} working days", field="working_days")
    if asked.reason not in REASONS:
        raise BadValue("there is no such reason", field="reason")
    if not 1 <= len(asked.words.strip()) <= WORDS_CHARS_MAX:
        raise BadValue(f"say in 1 to {WORDS_CHARS_MAX} characters why", field="words")
    values = {
        "institution": case.values["institution"],
        "case": case.id,
        "due_version": int(case.values["due_version"]),
        "original_working_days": int(case.values["working_days"]),
        "working_days": asked.working_days,
        "reason": asked.reason,
        "words": asked.words.strip(),
    }
    return Draft("create", "extension", extension, values)
