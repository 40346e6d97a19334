"""Reviewing evidence: approve, return or reject exactly the version that was looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.drafting import Draft
from schemas.records.decision import REASONS
from server.access.duties import check_outsider
from sync.errors import BadTransition, BadValue, ConflictOpen, FileUnverified, VersionChanged
from sync.merge import Record

TARGETS = {"approve": "approved", "return": "returned", "reject": "rejected"}
NOTE_CHARS_MIN = 2
"""A returned or rejected item needs a reason from the list and a sentence of at least this length."""


@dataclass(frozen=True)
class Review:
    """What a supervisor wants: an act on one version of an evidence item."""

    act: str
    version: int
    reason: str | None = None
    note: str | None = None


def decide(
    user: str, review: Review, evidence: Record, inspection: Record, decision_id: str
) -> Sequence[Draft]:
    """Return the drafts of a review; raises BadValue, VersionChanged, FileUnverified, OwnWork, BadTransition.

    The decision is a record of its own that names the version; the evidence's stage moves with it.
    """
    if review.act not in TARGETS:
        raise BadValue("act must be approve, return or reject", field="act")
    if evidence.version != review.version:
        raise VersionChanged(item=evidence.id, version=evidence.version)
    check_outsider(user, evidence, inspection)
    if evidence.open_conflicts:
        raise ConflictOpen(item=evidence.id, field=evidence.open_conflicts[0])
    if evidence.values.get("file_state") != "verified":
        raise FileUnverified(item=evidence.id)
    if evidence.stage != "pending_review":
        raise BadTransition(
            f"the item stands at {evidence.stage}, not pending_review", item=evidence.id, field="stage"
        )
    _reasoned(review)
    about = {"about": evidence.id, "about_version": evidence.version, "act": review.act}
    more = {name: value for name in ("reason", "note") if (value := getattr(review, name))}
    step = {"stage": {"from": "pending_review", "to": TARGETS[review.act]}}
    return (
        Draft("create", "decision", decision_id, {**about, **more}),
        Draft("edit", "evidence", evidence.id, step),
    )


def _reasoned(review: Review) -> None:
    if review.act == "approve":
        return
    if review.reason not in REASONS:
        raise BadValue("say why, from the list of reasons", field="reason")
    if len((review.note or "").strip()) < NOTE_CHARS_MIN:
        raise BadValue("add a sentence that tells the inspector what to do", field="note")
