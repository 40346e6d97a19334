"""Who may: every right that a change needs, at the ledger position its phone stood at and at the head.

Allowed at both: in force. Only then: `late`. Only now: in force, flagged. Neither: refused.
"""

from __future__ import annotations

from sync import errors, merge
from sync.changes import Change
from sync.merge import Act, Origin, Record
from sync.outcomes import GRANTED_SINCE, LATE, Outcome
from sync.proposals import Proposal
from sync.rules import SERVER_ONLY, STAGE, FieldRule, Right, TypeRules
from sync.workbench import Desk, Stop, named, refuse


def check_rights(
    proposal: Proposal,
    change: Change,
    act: Act,
    rules: TypeRules,
    desk: Desk,
    record: Record | None,
    origin: Origin | None,
) -> tuple[str, ...]:
    """Return flags if the change is allowed; raises late or refused."""
    home = record or origin
    assert home is not None, "a change has a record or makes one"
    root = home.root
    now = proposal.index - 1
    anchor = now if change.at.anchor is None else change.at.anchor.index
    if change.at.anchor is not None and change.at.anchor.epoch == desk.epoch and anchor > now:
        raise refuse(errors.BaseAhead, "at")
    demands = _demands(change, rules, record)
    then_roles, now_roles = (_roles(proposal.user, home, act, desk, index) for index in (anchor, now))
    if proposal.user == "machine":
        then_roles = now_roles = frozenset({"machine"})
    elif proposal.within is not None:
        then_roles, now_roles = then_roles & proposal.within, now_roles & proposal.within
    root_record = desk.records.get(root)
    root_rules = desk.rules.get(root_record.type) if root_record else None
    root_now = root_record.stage if root_record else None
    root_then = _stage_then(root_record, root_rules, act, anchor)
    own_now = record.stage if record else None
    own_then = _stage_then(record, rules, act, anchor)
    late = since = False
    for name, right in demands:
        allowed_now = right.allows(now_roles, root_now, own_now)
        allowed_then = right.allows(then_roles, root_then, own_then)
        if not allowed_now and not allowed_then:
            raise refuse(errors.NotAllowed, name)
        late |= not allowed_now
        since |= not allowed_then
    if late:
        raise Stop(Outcome(LATE, code=errors.NotAllowed.code))
    return (GRANTED_SINCE,) if since else ()


def _roles(user: str, home: Record | Origin, act: Act, desk: Desk, index: int) -> frozenset[str]:
    """Return the roles of a user over a record, those over the alias that a change was addressed to included."""
    found = desk.grants.roles(user, home.root, home.region, index)
    if act.addressed:
        alias = desk.records[act.addressed]
        found |= desk.grants.roles(user, alias.root, alias.region, index)
    return found


def _stage_then(record: Record | None, rules: TypeRules | None, act: Act, anchor: int) -> str | None:
    """Return the stage that the phone saw: the one at its anchor after its own earlier steps."""
    if record is None or rules is None:
        return None
    steps = record.writes.get("stage", ())
    return merge.stage_of([w for w in steps if w.act.index <= anchor or w.act.before(act)], rules)


def _demands(change: Change, rules: TypeRules, record: Record | None) -> list[tuple[str | None, Right]]:
    """Return each right that the change needs, with the field that needs it."""
    demands: list[tuple[str | None, Right]] = []
    if change.op == "create":
        demands.append((None, rules.create))
    if change.op in ("void", "restore"):
        demands.append((None, rules.void))
    if change.op == "resolve":
        demands.append((None, rules.resolve))
        settled = set(named(change)) - set(record.open_conflicts if record else ())
        # Where nothing waits for a decision any more, a resolve is an edit, and a freeze holds for it too.
        for name in sorted(name for name in settled if rules.fields[name].merge != STAGE):
            frozen = rules.fields[name].right
            demands.append((name, Right(rules.resolve.roles, frozen.root_in, frozen.own_in)))
        return demands
    for name in named(change):
        right = rules.fields[name].right
        if rules.fields[name].merge == STAGE:
            step = change.set[name]
            edge = rules.edge(step["from"], step["to"])
            if edge is None:
                raise refuse(errors.BadTransition, name)
            # Another step of the same record never makes a step late, also where the record is its own root.
            is_root = record is not None and record.id == record.root
            demands.append((name, Right(edge.right.roles, None if is_root else edge.right.root_in)))
        elif change.op != "create" or not _comes_with_create(rules.fields[name], rules):
            demands.append((name, right))
    return demands


def _comes_with_create(rule: FieldRule, rules: TypeRules) -> bool:
    """Return whether whoever may create may set this field then: all of them may write it, or nobody later."""
    return rule.right.roles >= rules.create.roles or (not rule.right.roles and rule.merge != SERVER_ONLY)
