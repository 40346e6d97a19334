"""The second review (复审): a random share of the day's first reviews is looked at again by somebody else. Pure.

The day is over when the ledger holds an entry of a later time; that entry, which no reviewer writes into the day, ends
the tree whose root is the seed. So nobody can choose what is drawn, and anybody who reads the ledger draws the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from schemas.drafting import Draft
from server.access.duties import check_outsider
from server.casework import reasons
from server.casework.review import PENDING, TARGETS, UNDO, VOID
from sync import draw
from sync.errors import BadTransition, BadValue, OwnWork, VersionChanged
from sync.ids import named_id
from sync.merge import Record

AGREE, DISAGREE = "agree", "disagree"
KIND = "second_review"
WORKING_DAYS = 5
"""How long a second reviewer has."""


@dataclass(frozen=True, slots=True)
class First:
    """A first review. evidence: what it was about; index: its ledger entry; by: who made it"""

    decision: str
    evidence: str
    index: int
    by: str
    act: str


@dataclass(frozen=True)
class Second:
    """What a second reviewer finds: agree, or disagree with a reason and a sentence. version: of the evidence."""

    act: str
    version: int
    reason: str | None = None
    note: str | None = None


def population(decisions: Iterable[First]) -> list[First]:
    """Return the first reviews of a day that stood at its end: the last one of each item, unless taken back."""
    standing: dict[str, First] = {}
    for one in sorted(decisions, key=lambda each: each.index):
        if one.act in TARGETS:
            standing[one.evidence] = one
        elif one.act in (UNDO, VOID):
            standing.pop(one.evidence, None)
    return sorted(standing.values(), key=lambda each: each.index)


def size_of(percent: int, count: int) -> int:
    """Return how many of `count` are drawn: at least the share, so one of twenty or fewer."""
    return -(-percent * count // 100)


def seed_of(root: bytes, region: str, day: str) -> str:
    """Return the seed of a region's draw of a day; root: of the tree whose last leaf is the entry that ended it."""
    return draw.seed_of(root, f"second review {region} {day}", 1)


def drawn(seed: str, firsts: Sequence[First], percent: int) -> list[First]:
    """Return the reviews that are looked at again, by their decisions' ids."""
    if not firsts:
        return []
    by_id = {one.decision: one for one in firsts}
    size = min(size_of(percent, len(firsts)), draw.SIZE_MAX)
    return [by_id[one] for one in draw.draw(seed, by_id, size)]


def task_id(region: str, day: str, place: int) -> str:
    """Return the id of the task of one drawn review; place: from 0. So a draw is entered once, by whoever is first."""
    return named_id("wardledger second review", f"{region} {day}", str(place))


def decide(
    user: str,
    wanted: Second,
    *,
    task: Record,
    evidence: Record,
    root: Record,
    decision_id: str,
    reviewers: Sequence[str],
) -> Sequence[Draft]:
    """Return the drafts of a second review; raises BadValue, VersionChanged, OwnWork, BadTransition.

    reviewers: who reviewed the item before. Disagreeing opens the item again for a third person; a decision and the
    task's end are entries like any other.
    """
    if wanted.act not in (AGREE, DISAGREE):
        raise BadValue("act must be agree or disagree", field="act")
    if evidence.version != wanted.version:
        raise VersionChanged(item=evidence.id, version=evidence.version)
    check_outsider(user, evidence, root)
    if user in reviewers:
        raise OwnWork("whoever looked first does not look again", item=evidence.id)
    if task.stage not in ("open", "taken"):
        raise BadTransition("this second review is done already", item=task.id, field="stage")
    if wanted.act == DISAGREE:
        reasons.check(wanted.reason, wanted.note)
    about = {"about": evidence.id, "about_version": evidence.version, "act": wanted.act}
    more = {name: value for name in ("reason", "note") if (value := getattr(wanted, name))}
    done = {"stage": {"from": task.stage, "to": "done"}}
    drafts = [
        Draft("create", "decision", decision_id, {**about, **more}),
        Draft("edit", "task", task.id, done),
    ]
    if wanted.act == DISAGREE and evidence.stage in TARGETS.values():
        step = {"stage": {"from": evidence.stage, "to": PENDING}}
        drafts.append(Draft("edit", "evidence", evidence.id, step))
    return drafts


def check_third(user: str, item: str, decisions: Sequence[tuple[str, str]]) -> None:
    """Raise OwnWork where somebody decides on what a second review opened again and he had a part in.

    decisions: (act, by) on the item, in the order of the ledger
    """
    acts = [act for act, _by in decisions]
    if DISAGREE in acts and user in {by for act, by in decisions if act in (*TARGETS, AGREE, DISAGREE)}:
        raise OwnWork("a third person decides after two who disagreed", item=item)
