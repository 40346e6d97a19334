"""How the registers show what is known by its declaration alone: stages, units, and who has a page of its own."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from schemas.declare import RecordType
from schemas.records import TYPES
from server.casework.all_courses import COURSES
from server.console import marks
from server.console.marks import Mark, Table, either
from sync.merge import DISPUTED, VOIDED

OWN_PAGES: Mapping[str, str] = {
    "notice": "console.notice",
    "ward_round": "console.round",
    "evidence": "console.evidence",
    "finding": "console.finding",
    "rectification_case": "console.case",
}
"""Endpoints of the types whose records have a page that can do more than show them."""
NOUNS: Mapping[str, str] = {course.kind: noun for noun, course in COURSES.items()}
"""Types whose records take their course by steps on a page of their own, by the word of its address."""
OWN_STAGES: Mapping[str, Table] = {
    "ward_round": marks.ROUND_STATES,
    "evidence": marks.EVIDENCE_STATES,
    "finding": marks.FINDING_STATES,
    "rectification_case": marks.STAGES,
}
UNITS: Table = {
    "working days": Mark(_l("working days")),
    "points": Mark(_l("points")),
    "weeks": Mark(_l("weeks")),
    "times": Mark(_l("times")),
    "permille": Mark("‰"),
}
"""Units that are written behind a number; bytes, fen, days and times have formats of their own."""
LIVES: Table = {
    VOIDED: Mark(_l("Voided"), "unknown", "cross"),
    DISPUTED: Mark(_l("Voided by one, edited by another"), "problem", "split"),
}
OPS: Table = {
    "create": Mark(_l("Recorded")),
    "edit": Mark(_l("Changed")),
    "void": Mark(_l("Voided")),
    "restore": Mark(_l("Restored")),
    "resolve": Mark(_l("Conflict decided")),
    "erase": Mark(_l("Erased by law")),
}
FILTERS: Table = {
    "": Mark(_l("All")),
    "conflicts": Mark(_l("With a conflict"), "problem", "split"),
    VOIDED: Mark(_l("Voided"), "unknown", "cross"),
}
SORTS: Table = {
    "-id": Mark(_l("Newest first")),
    "-version": Mark(_l("Last changed first")),
    "version": Mark(_l("Longest unchanged first")),
    "urgency": Mark(_l("Most urgent first")),
    "-served_on": Mark(_l("Last served first")),
    "waiting": Mark(_l("What waits first")),
}


def stages_of(kind: RecordType) -> dict[str, tuple[str, str]]:
    """Return {stage: (zh, en)} of every stage at which a record of this type can stand."""
    if kind.stages:
        return {stage.name: (stage.zh, stage.en) for stage in kind.stages}
    state = kind.by_name.get("state")
    # Nobody makes a record that is derived: it takes no steps of its own but stands at its state.
    return dict(state.choices) if state is not None and not kind.create.roles else {}


def stage_mark(kind: RecordType, stage: str) -> Mark:
    """Return how a stage looks: as on the type's own pages, else by where the state machine has it."""
    if kind.name in OWN_STAGES:
        return marks.mark(stage, OWN_STAGES[kind.name])
    words = stages_of(kind)
    if stage not in words:
        return marks.mark(stage, {})
    word = either(*words[stage])
    if not kind.edges:
        return Mark(word)
    if stage == kind.stages[0].name:
        return Mark(word, "unknown", "clock")
    onward = any(edge.source == stage for edge in kind.edges)
    return Mark(word, "info", "arrow") if onward else Mark(word)


def named_stage(kind: str, stage: str) -> Mark:
    """Return how a stage of a type looks, by the type's name."""
    return stage_mark(TYPES[kind], stage) if kind in TYPES else marks.mark(stage, {})
