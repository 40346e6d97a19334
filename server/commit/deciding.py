"""Deciding on late changes: adopted by a write of the supervisor's own, or set aside by a decision.

A late change was allowed where its phone stood, and is no longer. It stays in the ledger as it came; what brings it
into force is another write, on what the supervisor saw, whose entry names the one that found the change late. Nobody
can write anything else this way, and nothing twice: both are asked under the ledger's lock.
"""

from __future__ import annotations

from dataclasses import replace

from server.commit.held import Held, read_changes
from server.commit.releasing import proposal_of
from server.commit.submission import Act
from server.commit.work import Author, Commit
from server.storage import waiting_store
from sync.changes import Change
from sync.entries import ADOPT
from sync.errors import NotAllowed, OwnWork, VersionChanged
from sync.outcomes import LATE, SET_ASIDE, Outcome
from sync.proposals import Proposal
from sync.rights import Recused
from sync.rules import SUPERVISOR, TEAM_ROLES

DECISION = "decision"


def gather(work: Commit, act: Act) -> list[Held]:
    """Load the late changes that an act decides on."""
    rows = waiting_store.at(work.connection, work.ledger.id, act.late.values())
    found = read_changes(work.connection, work.ledger.id, work.vault, rows)
    work.late.update({held.row.index: held for held in found})
    return found


def decided(work: Commit, act: Act) -> list[Held | None]:
    """Return, for each member of an act, the late change that it decides on; VersionChanged if one waits no more."""
    assert len(set(act.late.values())) == len(act.late), "an act rules on a change once"
    return [_decided(work, act, n) for n in range(len(act.items))]


def _decided(work: Commit, act: Act, n: int) -> Held | None:
    index = act.late.get(n)
    if index is None:
        return None
    held = work.late.get(index)
    standing = work.waiting.get(index, held.row if held else None)
    if held is None or standing is None or standing.verdict != LATE:
        raise VersionChanged(
            "somebody has decided on this change meanwhile", item=held.change.id if held else None
        )
    change = act.items[n].change
    assert change is not None, "the desk writes what can be read"
    if change.type == DECISION:
        _may_decide(work, act.user, str(change.set.get("about")))
    else:
        assert same_writes(change, held.change), "an adoption writes what was late"
    return held


def _may_decide(work: Commit, user: str, about: str) -> None:
    """Raise NotAllowed or OwnWork unless a user is a supervisor over a record and not of its team."""
    record = work.table.get(about)
    if record is None:
        raise NotAllowed("a ruling is about a record that is there", item=about)
    over = (record.root, record.region, work.next_index - 1)
    if work.grants.recused(user, *over):
        raise Recused(item=about)
    roles = work.grants.roles(user, *over)
    if roles & TEAM_ROLES:
        raise OwnWork(item=about)
    if SUPERVISOR not in roles:
        raise NotAllowed(item=about)


def adopting(work: Commit, proposal: Proposal, held: Held | None) -> Proposal:
    """Return the proposal as one that adopts, where it does."""
    assert proposal.change is not None, "the desk writes what can be read"
    if held is None or proposal.change.type == DECISION:
        return proposal
    return replace(proposal, adopts=proposal_of(work, held, held.item, proposal.index))


def settle(work: Commit, held: Held, change: Change, outcome: Outcome, author: Author) -> Author:
    """Note what became of a late change by the entry that is appended next; return whom that entry is by."""
    adopted = change.type != DECISION
    verdict = outcome.verdict if adopted else SET_ASIDE
    row = replace(held.row, verdict=verdict, moved=work.next_index)
    work.waiting[row.index] = row
    return replace(author, kind=ADOPT if adopted else author.kind, late=held.judged_at)


def same_writes(one: Change, other: Change) -> bool:
    """Return whether two changes write the same, their private lines included."""
    return all(
        getattr(one, name) == getattr(other, name)
        for name in ("op", "type", "record", "set", "add", "remove", "over", "private")
    )
