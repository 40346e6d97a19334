"""Filing an appeal (申辩、听证、争议、复议、诉讼) against a sanction, pure; who decides on it is at the desk."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from schemas.drafting import Draft
from schemas.records.appeal import KINDS
from server.casework import proofs
from server.casework.appeals import AFTER_STAGES, BEFORE
from server.casework.proofs import ProofFile
from sync.errors import BadTransition, BadValue
from sync.merge import Record

TOLD = "told_party"
OPEN = ("filed", "accepted")
REASONS_CHARS_MAX = 8_000


@dataclass(frozen=True, kw_only=True)
class Filing:
    """In which way, and why, with the files that show it."""

    kind: str
    reasons: str
    files: Sequence[ProofFile] = ()


def possible(sanction: Record) -> tuple[str, ...]:
    """Return the ways that are open against a sanction as it stands now."""
    if sanction.stage == TOLD:
        return BEFORE
    return tuple(kind for kind in KINDS if kind not in BEFORE) if sanction.stage in AFTER_STAGES else ()


def decide(
    sanction: Record, appeals: Iterable[Record], filing: Filing, *, institution: str, today: date, appeal: str
) -> Draft:
    """Return the draft that files an appeal; raises BadTransition or BadValue. appeal: a fresh id"""
    if filing.kind not in KINDS:
        raise BadValue("there is no such kind", field="kind")
    if filing.kind not in possible(sanction):
        raise BadTransition("this way is not open now", item=sanction.id, field="kind")
    if any(
        one.values["sanction"] == sanction.id and one.values["kind"] == filing.kind and one.stage in OPEN
        for one in appeals
    ):
        raise BadTransition("it was filed already and is not answered yet", item=sanction.id, field="kind")
    if not 1 <= len(filing.reasons.strip()) <= REASONS_CHARS_MAX:
        raise BadValue(f"say in 1 to {REASONS_CHARS_MAX} characters why", field="reasons")
    values = {
        "institution": institution,
        "sanction": sanction.id,
        "kind": filing.kind,
        "filed_on": today.isoformat(),
        "reasons": filing.reasons.strip(),
    }
    return Draft("create", "appeal", appeal, values, add=proofs.handed_in(filing.files))
