"""Accounts at the door: a supervisor lets in and out the users of institutions of his region, and nobody else."""

from __future__ import annotations

from schemas.records.user import OWN_INSTITUTION
from server.commit.submission import Act
from server.commit.work import Commit
from server.storage import record_store
from sync.changes import Change
from sync.errors import NotAllowed
from sync.merge import Record
from sync.reconcile import Judged
from sync.rules import MACHINE, SUPERVISOR

USER = "user"
ADMIN = "admin"
DISABLING = {"from": "active", "to": "disabled"}


def check(work: Commit, act: Act, judged: Judged) -> None:
    """Raise NotAllowed where somebody who is no administrator makes or moves another account than a party's.

    Of an institution over which he is a supervisor he makes a user with that role alone, in its region, and
    disables one; what is changed besides is an administrator's.
    """
    if act.user == MACHINE:
        return
    for n, item in enumerate(act.items):
        change = item.change
        if change is None or change.type != USER:
            continue
        record, index = judged.records[change.record], work.next_index + n - 1
        if ADMIN not in work.grants.roles(act.user, record.root, record.region, index):
            _check_of_a_party(work, act.user, change, record, index)


def _check_of_a_party(work: Commit, user: str, change: Change, record: Record, index: int) -> None:
    own = str(record.values.get("institution") or "")
    place = record_store.places(work.connection, work.ledger.id, {own}).get(own)
    if set(record.values.get("roles") or ()) != {OWN_INSTITUTION} or place is None:
        raise NotAllowed("a supervisor lets in users of institutions alone", item=record.id, field="roles")
    if record.region != place.region:
        raise NotAllowed("a user of an institution lies in its region", item=record.id, field="region")
    if SUPERVISOR not in work.grants.roles(user, place.root, place.region, index):
        raise NotAllowed(
            "a supervisor lets in users of his own region's institutions", item=record.id, field="institution"
        )
    if change.op == "create":
        return
    if change.op != "edit" or change.names != ("stage",) or change.set["stage"] != DISABLING:
        raise NotAllowed("whatever else is changed, an administrator does", item=record.id)
