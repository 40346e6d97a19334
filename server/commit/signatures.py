"""Assertions at the door: the decision of whoever has a passkey comes into force with its assertion, or not at all.

Asked under the ledger's lock, whatever page, command or program calls. A decision that slips past the desk is refused
here, and one that is written into the tables by other hands is named by the audit.
"""

from __future__ import annotations

from server.access import signed
from server.access.signed import ASSERTION, PASSKEY, AssertionUnfit, AssertionWanted
from server.commit.submission import Act
from server.commit.work import Commit
from server.storage import ledger_store, record_store
from server.storage.record_store import TABLE, selected
from sync.lines import digest
from sync.merge import Record
from sync.rules import MACHINE

ACTIVE = "active"


def check(work: Commit, act: Act) -> None:
    """Return if an act needs no assertion or carries one that fits; raises AssertionWanted, AssertionUnfit."""
    changes = [item.change for item in act.items if item.change is not None]
    given = [change for change in changes if change.type == ASSERTION]
    wanted = bool(act.late) or any(signed.is_wanted(change) for change in changes)
    if act.user == MACHINE or not (given or wanted):
        return
    known = passkeys_of(work, act.user)
    if not given:
        if known:
            raise AssertionWanted("this user's decisions are signed by passkey")
        return
    if changes[-1:] != given or given[0].op != "create":
        raise AssertionUnfit("an assertion is one, and the last member of its act")
    values = {name: value for name, (value, _) in given[0].sets().items()}
    passkey = known.get(str(values["passkey"]))
    if passkey is None or values["count"] != len(changes) - 1:
        raise AssertionUnfit("signed by no passkey of this user, or over another number of changes")
    signed.check(values, passkey.values, _said(work, act, int(values["asked_at"])))


def passkeys_of(work: Commit, user: str) -> dict[str, Record]:
    """Return a user's active passkeys by their records' ids, as the ledger stands within this commit."""
    statement = selected(work.ledger.id, PASSKEY).where(TABLE.c.parent == user)
    found = {one.id: one for one in record_store.query(work.connection, work.vault, statement)}
    found |= {
        key: one for key, one in work.table.items() if one.type == PASSKEY and one.values.get("user") == user
    }
    return {key: one for key, one in found.items() if one.stage == ACTIVE}


def _said(work: Commit, act: Act, asked_at: int) -> bytes:
    """Return the text that the assertion at the end of an act has to sign."""
    covered = [item.change for item in act.items[:-1] if item.change is not None]
    seen = signed.versions(covered)
    lines = ledger_store.lines_at(work.connection, work.ledger.id, seen)
    # A version that this very commit has made is not in the table yet.
    lines |= {v: work.entries[v - work.head.size] for v in seen if work.head.size <= v < work.next_index}
    return signed.said(
        origin=work.ledger.origin,
        user=act.user,
        asked_at=asked_at,
        changes=[digest(item.line) for item in act.items[:-1]],
        seen=seen,
        lines=lines,
    )
