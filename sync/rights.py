"""Who may: every right that a change needs, at the ledger position its phone stood at and at the head.

Allowed at both: in force. Only then: `late`. Only now: in force, flagged. Neither: refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sync import errors, merge
from sync.changes import Change
from sync.merge import Act, Origin, Record
from sync.outcomes import ADOPTED, GRANTED_SINCE, LATE, Outcome
from sync.proposals import Proposal
from sync.rules import NOBODY, SELF, SERVER_ONLY, STAGE, SUPERVISOR, TEAM_ROLES, FieldRule, Right, TypeRules
from sync.workbench import Desk, Stop, refuse


class Recused(errors.NotAllowed):
    """You are recused from this institution or inspection (回避)."""

    code = "recused"
    next = "Leave it to a colleague; a supervisor or administrator of the region can lift the recusal."


Demand = tuple[str | None, Right]
"""A right that a change needs, and the field that needs it; None for the change as a whole."""


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
    anchor = _anchor(change, desk, now)
    demands = _demands(change, rules, record)
    then_roles, now_roles = (_roles(proposal.user, home, act, desk, index) for index in (anchor, now))
    if record is None and (place := _place(change, rules, desk)) is not None:
        # Over a root that is only being made nobody has a role yet, but over the place that it is made in.
        then_roles |= _roles(proposal.user, place, act, desk, anchor)
        now_roles |= _roles(proposal.user, place, act, desk, now)
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
    kept_out = _recused(proposal.user, home, act, desk, now)
    narrow = _narrow(change, rules)
    narrow_now = any(right.allows(now_roles, root_now, own_now) for right in narrow)
    narrow_then = any(right.allows(then_roles, root_then, own_then) for right in narrow)
    given_now, given_then = (_given(change, act, record, index, demands) for index in (now, anchor))
    late = since = False
    for name, right in demands:
        allowed_now = narrow_now or right.allows(now_roles, root_now, own_now, given_now)
        allowed_then = narrow_then or right.allows(then_roles, root_then, own_then, given_then)
        if not allowed_now and not allowed_then:
            raise refuse(Recused if kept_out else errors.NotAllowed, name)
        late |= not allowed_now
        since |= not allowed_then
    if late:
        raise Stop(Outcome(LATE, code=(Recused if kept_out else errors.NotAllowed).code))
    return (GRANTED_SINCE,) if since else ()


def check_adoption(
    proposal: Proposal,
    change: Change,
    act: Act,
    rules: TypeRules,
    desk: Desk,
    record: Record | None,
    origin: Origin | None,
) -> tuple[str, ...]:
    """Return flags if a supervisor may bring a late change into force; raises refused.

    The author's right at the anchor and the supervisor's at the head make one right together. So nothing comes
    in this way that its author never might have written, and nobody adopts the work of his own team.
    """
    original, home = proposal.adopts, record or origin
    assert original is not None, "only an adoption comes here"
    assert original.change is not None, "only what could be read is late"
    assert home is not None, "a change has a record or makes one"
    roles = desk.grants.roles(proposal.user, home.root, home.region, proposal.index - 1)
    if desk.grants.recused(proposal.user, home.root, home.region, proposal.index - 1):
        raise refuse(Recused)
    if proposal.user == original.user or roles & TEAM_ROLES or SUPERVISOR not in roles:
        raise refuse(errors.NotAllowed)
    as_author = replace(act, writer=original.writer, place=original.place, seq=original.seq, n=original.n)
    try:
        check_rights(original, original.change, as_author, rules, desk, record, origin)
    except Stop as stop:
        if stop.outcome.verdict != LATE:
            raise
    return (ADOPTED,)


def _anchor(change: Change, desk: Desk, now: int) -> int:
    """Return the ledger position that the phone stood at: the head where it named none; refuses one beyond."""
    named = change.at.anchor
    if named is None:
        return now
    if named.epoch == desk.states.epoch and named.index > now:
        raise refuse(errors.BaseAhead, "at")
    # What a lost part of an earlier epoch granted is not known here: it counts as of the fork.
    return min(named.index, desk.states.forks.get(named.epoch, named.index + 1) - 1)


def _roles(user: str, home: Record | Origin, act: Act, desk: Desk, index: int) -> frozenset[str]:
    """Return the roles of a user over a record, those over the alias that a change was addressed to included."""
    found = desk.grants.roles(user, home.root, home.region, index)
    if _recused(user, home, act, desk, index):
        return frozenset()
    if act.addressed:
        alias = desk.records[act.addressed]
        found |= desk.grants.roles(user, alias.root, alias.region, index)
    return found


def _recused(user: str, home: Record | Origin, act: Act, desk: Desk, index: int) -> bool:
    """Return whether a user is recused from a record, or from the alias that a change was addressed to."""
    over = (home, desk.records[act.addressed]) if act.addressed else (home,)
    return any(desk.grants.recused(user, one.root, one.region, index) for one in over)


def _narrow(change: Change, rules: TypeRules) -> list[Right]:
    """Return the narrow rights by which this change may be made as a whole; none where it is no such create."""
    if change.op != "create":
        return []
    names = frozenset(change.names)
    return [one.right for one in rules.narrow if one.wants <= names <= one.fields]


def _place(change: Change, rules: TypeRules, desk: Desk) -> Record | None:
    """Return the record in whose region a new root is made, or None for what is no such root."""
    if rules.region_from is None or rules.home(change.sets()) != SELF:
        return None
    return desk.records.get(str(change.sets()[rules.region_from][0]))


def _given(
    change: Change, act: Act, record: Record | None, index: int, demands: Sequence[Demand]
) -> frozenset[str]:
    """Return the fields that were set at a ledger position, those that the change itself sets included.

    Nothing where no right asks for it: few do, and it costs a look at every write of the record.
    """
    if all(right.unless is None for _, right in demands):
        return frozenset()
    writes = record.writes.items() if record is not None else ()
    known = {name for name, some in writes if any(w.act.index <= index or w.act.before(act) for w in some)}
    return frozenset(known | set(change.names))


def _stage_then(record: Record | None, rules: TypeRules | None, act: Act, anchor: int) -> str | None:
    """Return the stage that the phone saw: the one at its anchor after its own earlier steps."""
    if record is None or rules is None:
        return None
    if record.version <= anchor:
        return record.stage
    steps = record.writes.get("stage", ())
    return merge.stage_of([w for w in steps if w.act.index <= anchor or w.act.before(act)], rules)


def _demands(change: Change, rules: TypeRules, record: Record | None) -> list[Demand]:
    """Return each right that the change needs, with the field that needs it."""
    demands: list[Demand] = []
    if change.op == "create":
        demands.append((None, rules.create))
    if change.op in ("void", "restore"):
        demands.append((None, rules.void))
    if change.op == "resolve":
        demands.append((None, rules.resolve))
        settled = set(change.names) - set(record.open_conflicts if record else ())
        # Where nothing waits for a decision any more, a resolve is an edit, and a freeze holds for it too.
        for name in sorted(name for name in settled if rules.fields[name].merge != STAGE):
            frozen = rules.fields[name].right
            demands.append((name, Right(rules.resolve.roles, frozen.root_in, frozen.own_in)))
        return demands
    for name in change.names:
        right = rules.fields[name].right
        if rules.fields[name].merge == STAGE:
            step = change.set[name]
            edge = rules.edge(step["from"], step["to"])
            if edge is None:
                raise refuse(errors.BadTransition, name)
            # Another step of the same record never makes a step late, also where the record is its own root.
            is_root = record is not None and record.id == record.root
            root_in = None if is_root else edge.right.root_in
            demands.append((name, Right(edge.right.roles, root_in, None, edge.right.unless)))
        elif change.op != "create" or not _comes_with_create(rules.fields[name], rules):
            demands.append((name, right))
        elif not _of_the_first_stage(right, change, rules):
            demands.append((name, NOBODY))
        elif right.unless is not None:
            demands.append((name, Right(right.roles, None, None, right.unless)))
    return demands


def _of_the_first_stage(right: Right, change: Change, rules: TypeRules) -> bool:
    """Return whether a create may bring a field of some stages only: those of its first, or of where it steps to.

    A field that no stage lets anybody write is written once, by the create.
    """
    if not right.own_in:
        return True
    step = next((change.set[name] for name in change.set if rules.fields[name].merge == STAGE), None)
    return not right.own_in.isdisjoint({rules.initial, step["to"] if step else rules.initial})


def _comes_with_create(rule: FieldRule, rules: TypeRules) -> bool:
    """Return whether whoever may create may set this field then: all of them may write it, or nobody later."""
    return rule.right.roles >= rules.create.roles or (not rule.right.roles and rule.merge != SERVER_ONLY)
