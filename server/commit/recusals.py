"""Recusals at the door: who declares whose, what they are about, and that nobody lifts his own."""

from __future__ import annotations

from schemas.records.recusal import OVERSEEING
from server.commit.submission import Act
from server.commit.work import Commit
from sync.changes import Change
from sync.errors import BadValue, NotAllowed, OwnWork
from sync.merge import Record
from sync.reconcile import Judged
from sync.rules import MACHINE

RECUSAL = "recusal"
INSTITUTION = "institution"


def check(work: Commit, act: Act, judged: Judged) -> None:
    """Raise NotAllowed, OwnWork or BadValue where an act makes or moves a recusal as its person may not.

    Whoever oversees the region declares anybody's; any other his own alone, and nobody lifts or changes his own.
    """
    for n, item in enumerate(act.items):
        change = item.change
        if change is None or change.type != RECUSAL:
            continue
        record = judged.records[change.record]
        if change.op == "create":
            _check_about(work, record, judged)
        if act.user != MACHINE:
            _check_person(work, act.user, change, record, work.next_index + n)


def _check_person(work: Commit, user: str, change: Change, record: Record, index: int) -> None:
    own = record.values["user"] == user
    if change.op == "create" and own:
        return
    if own:
        raise OwnWork("nobody lifts or changes his own recusal", item=record.id)
    if not work.grants.roles(user, record.root, record.region, index - 1) & set(OVERSEEING):
        raise NotAllowed(
            "a supervisor or administrator of the region declares another's recusal", item=record.id
        )


def _check_about(work: Commit, record: Record, judged: Judged) -> None:
    """Raise BadValue unless a recusal is about its institution, or about an inspection or round of that."""
    about = str(record.values["about"])
    found = judged.records.get(about, work.table.get(about))
    place = record.values["institution"]
    if found is None or found.root != found.id or (about != place and work.grants.places.get(about) != place):
        raise BadValue("it is about an institution, or about an inspection of it", field="about")
