"""The merge rule's judge: which changes of a batch come into force, and why the others do not.

Pure and free of any clock. Rights are judged at the ledger position the phone stood at (its anchor)
and at the head: allowed at both, in force; only then, `late`; only now, flagged; neither, refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sync import errors, merge
from sync.changes import NO_BASE, Change, Fault
from sync.merge import Act, Origin, Record
from sync.outcomes import (
    APPLIED,
    CONFLICT,
    GRANTED_SINCE,
    HELD,
    LATE,
    MERGED,
    NOT_IN_FORCE,
    REFUSED,
    REPEATED,
    SAME,
    VOID_DISPUTED,
    Outcome,
    gravest,
)  # fmt: skip
from sync.replay import hand_out
from sync.rules import REVIEW, STAGE, UNION, Grants, Right, TypeRules

SERVER_WRITERS = ("desk:", "api:", "machine")


@dataclass(frozen=True, slots=True)
class Proposal:
    """A change with everything that judging it needs besides the records.

    index: the ledger index its entry will have; user: whose rights count ("machine" for the server's own
    acts); writer, place, seq, n: its place in its writer's order; source: names its change-set, within
    which `tx` groups hold; fault: what validation found; line: for what could not be read at all
    """

    index: int
    user: str
    writer: str
    seq: int
    n: int
    source: str
    change: Change | None
    place: int = 0
    device: str = ""
    fault: Fault | None = None


@dataclass(frozen=True, slots=True)
class States:
    """What the ledger holds already: its epoch, and the digests of the change ids seen before."""

    epoch: str
    used: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judged:
    """What reconcile answers: an Outcome for each proposal, the records that changed, the grants."""

    outcomes: tuple[Outcome, ...]
    records: Mapping[str, Record]
    grants: Grants
    afters: tuple[Record | None, ...]


class _Stop(Exception):
    """Carries an outcome that ends the judging of one change; never leaves this module."""

    def __init__(self, outcome: Outcome):
        self.outcome = outcome


def reconcile(
    proposals: Sequence[Proposal],
    records: Mapping[str, Record],
    rules: Mapping[str, TypeRules],
    grants: Grants,
    states: States,
) -> Judged:
    """Return what becomes of each proposal, in ledger order.

    records: by id, every record that a proposal names or refers to, as far as it exists
    grants: those of the proposals' users and of the records; updated by what the batch hands out
    A `tx` group falls together: if one member is refused, held or late, all take that verdict.
    """
    outcomes: list[Outcome] = []
    afters: list[Record | None] = []
    desk = _Desk(dict(records), rules, grants, states.epoch, dict(states.used))
    for group in _sets(proposals):
        verdicts, results, desk = _judge_set(group, desk)
        outcomes.extend(verdicts)
        afters.extend(results)
    changed = {key: record for key, record in desk.records.items() if records.get(key) is not record}
    return Judged(tuple(outcomes), changed, desk.grants, tuple(afters))


@dataclass
class _Desk:
    """The working copy that one change-set is judged on."""

    records: dict[str, Record]
    rules: Mapping[str, TypeRules]
    grants: Grants
    epoch: str
    used: dict[str, str]

    def copy(self) -> _Desk:
        grants = Grants(list(self.grants.rows), list(self.grants.changed))
        return _Desk(dict(self.records), self.rules, grants, self.epoch, dict(self.used))


def _sets(proposals: Sequence[Proposal]) -> list[list[Proposal]]:
    groups: list[list[Proposal]] = []
    for proposal in proposals:
        if groups and groups[-1][0].source == proposal.source:
            groups[-1].append(proposal)
        else:
            groups.append([proposal])
    return groups


def _judge_set(group: list[Proposal], desk: _Desk) -> tuple[list[Outcome], list[Record | None], _Desk]:
    """Judge one set; when a member of a group falls, judge again with the whole group fallen."""
    fallen: dict[str, Outcome] = {}
    while True:
        trial = desk.copy() if any(p.change and p.change.tx for p in group) else desk
        outcomes: list[Outcome] = []
        afters: list[Record | None] = []
        found = None
        for proposal in group:
            tx = proposal.change.tx if proposal.change else None
            outcome, record = _judge(proposal, trial, fallen.get(tx) if tx else None)
            if tx and tx not in fallen and outcome.verdict in NOT_IN_FORCE and proposal.change:
                found = (tx, replace(outcome, because=proposal.change.id))
                break
            outcomes.append(outcome)
            afters.append(record)
        if found is None:
            return outcomes, afters, trial
        fallen[found[0]] = found[1]


def _judge(proposal: Proposal, desk: _Desk, fallen: Outcome | None) -> tuple[Outcome, Record | None]:
    change = proposal.change
    if change is None or proposal.fault:
        fault = proposal.fault or Fault("malformed", "")
        return Outcome(REFUSED, code=fault.code, field=fault.field), None
    seen = desk.used.get(change.id)
    if seen is not None:
        if seen == change.digest:
            return Outcome(SAME, flags=(REPEATED,)), None
        return Outcome(REFUSED, code=errors.IdReused.code, field="id"), None
    desk.used[change.id] = change.digest
    if fallen is not None:
        if fallen.because == change.id:
            return replace(fallen, because=None), None
        code = errors.TransactionRefused.code if fallen.verdict == REFUSED else None
        return Outcome(fallen.verdict, code=code, waiting_for=fallen.waiting_for, because=fallen.because), None
    try:
        return _enforce(proposal, change, desk)
    except _Stop as stop:
        return stop.outcome, None


def _refuse(kind: type[errors.Refusal], name: str | None = None) -> _Stop:
    return _Stop(Outcome(REFUSED, code=kind.code, field=name))


def _enforce(proposal: Proposal, change: Change, desk: _Desk) -> tuple[Outcome, Record]:
    rules = desk.rules.get(change.type)
    if rules is None:
        raise _Stop(Outcome(HELD, code=errors.UnknownType.code, waiting_for=f"type:{change.type}"))
    record = desk.records.get(change.record)
    act = _act(proposal, change, desk, record)
    origin = _origin(proposal, change, rules, desk) if change.op == "create" else None
    if change.op == "create" and record is not None:
        raise _refuse(errors.RecordExists, "record")
    if change.op != "create" and record is None:
        raise _Stop(Outcome(HELD, waiting_for=change.record))
    if record is not None and record.type != change.type:
        raise _refuse(errors.BadValue, "type")
    _references(change, rules, desk)
    flags = _rights(proposal, change, rules, desk, record, origin)
    if record is not None:
        _standing(proposal, change, act, record, rules)
    if rules.initial is not None:
        _stage(change, act, record, rules)
    result = merge.apply(record, change, act, rules, origin)
    desk.records[change.record] = result
    hand_out(desk.grants, result, rules, proposal.index)
    if result.life == merge.DISPUTED:
        flags = (*flags, VOID_DISPUTED)
    fields = _field_outcomes(change, act, record, result, rules)
    verdict = gravest(list(fields.values()))
    return Outcome(verdict, fields=fields, flags=flags), result


def _act(proposal: Proposal, change: Change, desk: _Desk, record: Record | None) -> Act:
    """Return the act that the change would be; raises for a base that is no version of the record."""
    base = NO_BASE
    if change.base is not None:
        epoch, base = change.base
        if epoch == desk.epoch and base >= proposal.index:
            raise _refuse(errors.BaseAhead, "base")
        if epoch != desk.epoch or change.op == "create":
            raise _refuse(errors.BaseUnknown, "base")
        if record is not None and not any(a.index == base for a in record.acts):
            raise _refuse(errors.BaseUnknown, "base")
    return Act(
        proposal.index, proposal.writer, proposal.place, proposal.seq, proposal.n, base, change.id, change.op,
        change.over,
    )  # fmt: skip


def _origin(proposal: Proposal, change: Change, rules: TypeRules, desk: _Desk) -> Origin:
    if rules.scope == "self":
        region = _region(change, rules, desk)
        return Origin(change.record, region, proposal.user, proposal.device)
    parent_id = change.sets().get(rules.scope, (None, None))[0]
    if parent_id is None:
        raise _refuse(errors.BadValue, rules.scope)
    parent = desk.records.get(str(parent_id))
    if parent is None:
        raise _Stop(Outcome(HELD, waiting_for=str(parent_id)))
    return Origin(parent.root, parent.region, proposal.user, proposal.device)


def _region(change: Change, rules: TypeRules, desk: _Desk) -> str:
    """Return the region of a new root: its own field, or that of the record it lies in."""
    values = change.sets()
    if rules.region_from is None:
        return str(values.get("region", ("", None))[0])
    place = values.get(rules.region_from, (None, None))[0]
    if place is None:
        raise _refuse(errors.BadValue, rules.region_from)
    if str(place) not in desk.records:
        raise _Stop(Outcome(HELD, waiting_for=str(place)))
    return desk.records[str(place)].region


def _references(change: Change, rules: TypeRules, desk: _Desk) -> None:
    named = [value for name, (value, _) in change.sets().items() if name in rules.refs]
    for name, members in change.members("add").items():
        if name in rules.refs:
            named.extend(value for value, _ in members)
    for wanted in named:
        if str(wanted) not in desk.records:
            raise _Stop(Outcome(HELD, waiting_for=str(wanted)))


def _rights(
    proposal: Proposal, change: Change, rules: TypeRules, desk: _Desk, record: Record | None, origin: Origin | None
) -> tuple[str, ...]:
    """Return flags if the change is allowed; raises late or refused."""
    home = record or origin
    assert home is not None, "a change has a record or makes one"
    root, region = home.root, home.region
    now = proposal.index - 1
    anchor = now if change.at.anchor is None else change.at.anchor.index
    if change.at.anchor is not None and change.at.anchor.epoch == desk.epoch and anchor > now:
        raise _refuse(errors.BaseAhead, "at")
    demands = _demands(change, rules, record)
    then_roles = desk.grants.roles(proposal.user, root, region, anchor)
    now_roles = desk.grants.roles(proposal.user, root, region, now)
    if proposal.user == "machine":
        then_roles = now_roles = frozenset({"machine"})
    root_record = desk.records.get(root)
    root_rules = desk.rules.get(root_record.type) if root_record else None
    root_now = root_record.stage if root_record else None
    root_then = root_record.stage_at(anchor, root_rules) if root_record and root_rules else None
    own_now = record.stage if record else None
    own_then = (record.stage_at(anchor, rules) if record else None) or own_now
    late = since = False
    for name, right in demands:
        allowed_now = right.allows(now_roles, root_now, own_now)
        allowed_then = right.allows(then_roles, root_then or root_now, own_then)
        if not allowed_now and not allowed_then:
            raise _refuse(errors.NotAllowed, name)
        late |= not allowed_now
        since |= not allowed_then
    if late:
        raise _Stop(Outcome(LATE, code=errors.NotAllowed.code))
    return (GRANTED_SINCE,) if since else ()


def _demands(change: Change, rules: TypeRules, record: Record | None) -> list[tuple[str | None, Right]]:
    """Return each right that the change needs, with the field that needs it."""
    demands: list[tuple[str | None, Right]] = []
    if change.op == "create":
        demands.append((None, rules.create))
    if change.op in ("void", "restore"):
        demands.append((None, rules.void))
    if change.op == "resolve":
        demands.append((None, rules.resolve))
        return demands
    for name in {*change.sets(), *change.members("add"), *change.members("remove")}:
        if name == "stage" and rules.initial is not None:
            step = change.set["stage"]
            edge = rules.edge(step["from"], step["to"])
            if edge is None:
                raise _refuse(errors.BadTransition, "stage")
            demands.append((name, Right(edge.right.roles, edge.right.root_in)))
        elif not (change.op == "create" and rules.fields[name].right.roles <= rules.create.roles):
            demands.append((name, rules.fields[name].right))
    return sorted(demands, key=lambda demand: demand[0] or "")


def _standing(proposal: Proposal, change: Change, act: Act, record: Record, rules: TypeRules) -> None:
    """Refuse an edit of what was void at its base, and a desk write into an open conflict."""
    if change.op == "edit":
        at_base = [a for a in record.acts if a.index <= act.base or a.before(act)]
        if merge.life_of(at_base) == merge.VOIDED:
            raise _refuse(errors.RecordVoided)
    if change.op != "resolve" and proposal.writer.startswith(SERVER_WRITERS):
        for name in change.sets():
            writes = record.writes.get(name, ())
            rule = rules.fields[name].merge
            if rule in (REVIEW, STAGE) and merge.contested_at(writes, act.base, rules, rule):
                raise _refuse(errors.ConflictOpen, name)


def _stage(change: Change, act: Act, record: Record | None, rules: TypeRules) -> None:
    """Refuse a step that does not start from the stage at the base after the writer's own earlier steps."""
    step: Any = change.set.get("stage")
    if step is None or change.op == "resolve":
        return
    writes = record.writes.get("stage", ()) if record else ()
    known = [w for w in writes if w.act.index <= act.base or w.act.before(act)]
    if merge.stage_of(known, rules) != step["from"]:
        raise _refuse(errors.BadTransition, "stage")


def _field_outcomes(
    change: Change, act: Act, before: Record | None, after: Record, rules: TypeRules
) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in {*change.sets(), *change.members("add"), *change.members("remove")}:
        rule = rules.fields[name].merge
        contest = after.contests.get(name)
        older = before.writes.get(name, ()) if before else ()
        unseen = any(w.act.index > act.base and not w.act.before(act) for w in older)
        if contest is not None and contest.open:
            found[name] = CONFLICT
        elif before is not None and before.values.get(name) == after.values.get(name) and rule != UNION:
            found[name] = SAME if not unseen or rule != STAGE else MERGED
        elif before is not None and before.values.get(name) == after.values.get(name):
            found[name] = SAME
        else:
            found[name] = MERGED if unseen and change.op != "resolve" else APPLIED
    return dict(sorted(found.items()))
