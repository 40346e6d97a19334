"""Reviewing evidence: approve, return or reject exactly the version that was looked at, take that back, or void."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.drafting import Draft
from server.access.duties import check_outsider
from server.casework import reasons
from sync.errors import (
    BadTransition,
    BadValue,
    ConflictOpen,
    FileUnverified,
    NotAllowed,
    RecordVoided,
    Refusal,
    VersionChanged,
)
from sync.merge import LIVE, Record

TARGETS = {"approve": "approved", "return": "returned", "reject": "rejected"}
VOID, UNDO, SUPERSEDE = "void", "undo", "supersede"
PENDING = "pending_review"
UNDO_SECONDS = 60
"""How long a reviewer may take his own review back."""


class UndoExpired(Refusal):
    """A review can be taken back for 60 seconds only."""

    code = "undo_expired"
    next = "Leave the item as it is; a supervisor can void it, or its team hands in another."


class BuiltUpon(Refusal):
    """Something has been built on this review meanwhile, so it stands."""

    code = "built_upon"
    next = "Look at what refers to the item before you go on."


@dataclass(frozen=True)
class Review:
    """What a supervisor wants: an act on one version of an evidence item."""

    act: str
    version: int
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Standing:
    """The last decision on an item, as far as taking it back goes by it.

    at: Unix ms of its entry; built_on: whether anything else has come that refers to the item
    """

    decision: Record
    at: int
    built_on: bool = False


def decide(
    user: str,
    review: Review,
    evidence: Record,
    inspection: Record,
    decision_id: str,
    *,
    replaced: tuple[Record, str] | None = None,
) -> Sequence[Draft]:
    """Return the drafts of a review; raises BadValue, VersionChanged, FileUnverified, OwnWork, BadTransition.

    The decision is a record of its own that names the version; the evidence's stage moves with it.
    replaced: the approved item in whose place this one was handed in, and an id for the decision on it
    """
    if review.act not in TARGETS:
        raise BadValue("act must be approve, return or reject", field="act")
    _check_version(review, evidence)
    check_outsider(user, evidence, inspection)
    if evidence.open_conflicts:
        raise ConflictOpen(item=evidence.id, field=evidence.open_conflicts[0])
    if evidence.values.get("file_state") != "verified":
        raise FileUnverified(item=evidence.id)
    if evidence.stage != PENDING:
        raise BadTransition(
            f"the item stands at {evidence.stage}, not pending_review", item=evidence.id, field="stage"
        )
    if review.act != "approve":
        reasons.check(review.reason, review.note)
    step = {"stage": {"from": PENDING, "to": TARGETS[review.act]}}
    drafts = (_decision(review, evidence, decision_id), Draft("edit", "evidence", evidence.id, step))
    if review.act != "approve" or replaced is None:
        return drafts
    return (*drafts, *_superseding(*replaced))


def _superseding(old: Record, decision_id: str) -> tuple[Draft, Draft]:
    """Return the drafts by which an approved item gives way to the one that was approved in its place."""
    step = {"stage": {"from": "approved", "to": "superseded"}}
    return (
        _decision(Review(SUPERSEDE, old.version), old, decision_id),
        Draft("edit", "evidence", old.id, step),
    )


def void(
    user: str, wanted: Review, evidence: Record, inspection: Record, decision_id: str
) -> Sequence[Draft]:
    """Return the drafts that void an item in whatever stage; raises BadValue, VersionChanged, OwnWork, RecordVoided.

    What is altered or has no file can be voided too: that may be the very reason. Nothing is deleted.
    """
    if evidence.life != LIVE:
        raise RecordVoided(item=evidence.id)
    _check_version(wanted, evidence)
    check_outsider(user, evidence, inspection)
    reasons.check(wanted.reason, wanted.note)
    return (_decision(wanted, evidence, decision_id), Draft("void", "evidence", evidence.id))


def undo(
    user: str, version: int, evidence: Record, last: Standing | None, now: int, decision_id: str
) -> Sequence[Draft]:
    """Return the drafts that take the reviewer's own last review back, as an entry of its own.

    now: Unix ms; raises VersionChanged, BadTransition, NotAllowed, UndoExpired, BuiltUpon
    """
    wanted = Review(UNDO, version)
    _check_version(wanted, evidence)
    source = TARGETS.get(str(last.decision.values["act"])) if last else None
    if last is None or source is None or evidence.stage != source:
        raise BadTransition(
            "the item has no review that could be taken back", item=evidence.id, field="stage"
        )
    if last.decision.created_by != user:
        raise NotAllowed("only whoever made a review takes it back", item=evidence.id)
    if now - last.at > UNDO_SECONDS * 1000:
        raise UndoExpired(item=evidence.id)
    if last.built_on or _moved_since(evidence, last.decision.version):
        raise BuiltUpon(item=evidence.id)
    step = {"stage": {"from": source, "to": PENDING}}
    return (_decision(wanted, evidence, decision_id), Draft("edit", "evidence", evidence.id, step))


def _moved_since(evidence: Record, decided: int) -> bool:
    """Return whether anything but the review's own step has come to the item since the review."""
    return sum(act.index > decided for act in evidence.acts) != 1


def _check_version(wanted: Review, evidence: Record) -> None:
    if evidence.version != wanted.version:
        raise VersionChanged(item=evidence.id, version=evidence.version)


def _decision(wanted: Review, evidence: Record, decision_id: str) -> Draft:
    about = {"about": evidence.id, "about_version": evidence.version, "act": wanted.act}
    more = {name: value for name in ("reason", "note") if (value := getattr(wanted, name))}
    return Draft("create", "decision", decision_id, {**about, **more})
