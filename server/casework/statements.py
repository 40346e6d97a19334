"""Stating something on a finding that was put to the party (陈述申辩), pure: and what of it the server notes there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from schemas.drafting import Draft
from schemas.records.statement import KINDS
from server.casework import proofs
from server.casework.proofs import ProofFile
from sync.errors import BadTransition, BadValue
from sync.merge import Record

PROPOSED, HEARD = "proposed", "heard"
DISPUTES, SILENT = "disputes", "silent"
WORDS_CHARS_MAX = 8_000


@dataclass(frozen=True, kw_only=True)
class Said:
    """Whether the party agrees, and in its words; who disputes says why, and may prove it by files."""

    kind: str
    words: str = ""
    files: Sequence[ProofFile] = ()


def decide(finding: Record, said: Said, *, institution: str, today: date, statement: str) -> Draft:
    """Return the draft of a statement; raises BadTransition once the finding was heard, or BadValue.

    statement: a fresh id
    """
    if finding.stage != PROPOSED:
        raise BadTransition("the party was heard on it already", item=finding.id, field="stage")
    if said.kind not in KINDS:
        raise BadValue("say whether you agree or dispute", field="kind")
    words = said.words.strip()
    if said.kind == DISPUTES and not words:
        raise BadValue("whoever disputes says why", field="words")
    if len(words) > WORDS_CHARS_MAX:
        raise BadValue(f"at most {WORDS_CHARS_MAX} characters", field="words")
    values = {
        "institution": institution,
        "finding": finding.id,
        "kind": said.kind,
        "stated_on": today.isoformat(),
    }
    values |= {"words": words} if words else {}
    return Draft("create", "statement", statement, values, add=proofs.handed_in(said.files))


def is_unheard(finding: Record) -> bool:
    """Return whether a statement would still be noted: also where silence was entered the moment it came."""
    silent = finding.values.get("statement_kind") == SILENT
    return finding.stage == PROPOSED or (finding.stage == HEARD and silent)


def note(finding: Record, statements: Iterable[Record]) -> list[Draft]:
    """Return the step by which a finding is heard as its first statement says; nothing where it was, or none came."""
    first = min(
        (one for one in statements if one.values["finding"] == finding.id),
        key=lambda one: one.id,
        default=None,
    )
    if first is None or not is_unheard(finding):
        return []
    step = {"stage": {"from": PROPOSED, "to": HEARD}} if finding.stage == PROPOSED else {}
    values = {
        **step,
        "statement_kind": first.values["kind"],
        "heard_on": first.values["stated_on"],
    }
    if words := first.values.get("words"):
        values["statement"] = words
    return [Draft("edit", finding.type, finding.id, values)]
