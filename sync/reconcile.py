"""The merge rule's judge: which changes of a batch come into force, and why the others do not.

Pure and free of any clock. Rights are judged at the ledger position the phone stood at (its anchor)
and at the head: allowed at both, in force; only then, `late`; only now, flagged; neither, refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sync import errors, merge, natural_keys
from sync.changes import Change, Fault, base_of
from sync.epochs import Moved
from sync.merge import Act, Origin, Record
from sync.natural_keys import names_of
from sync.outcomes import (
    CONFLICT,
    DUPLICATE,
    HELD,
    NOT_IN_FORCE,
    REFUSED,
    REPEATED,
    SAME,
    VOID_DISPUTED,
    Outcome,
    field_outcomes,
    gravest,
)
from sync.proposals import Judged, Proposal, States
from sync.replay import hand_out
from sync.rights import check_adoption, check_rights
from sync.rules import ALIAS, REVIEW, SELF, STAGE, Grants, TypeRules
from sync.workbench import Desk, Stop, refuse

SERVER_WRITERS = ("desk:", "api:", "machine")


def reconcile(
    proposals: Sequence[Proposal],
    records: Mapping[str, Record],
    rules: Mapping[str, TypeRules],
    grants: Grants,
    states: States,
) -> Judged:
    """Return what becomes of each proposal, in ledger order.

    records: by id, every record that a proposal names or refers to, as far as it exists: those that an alias
    leads to and those that bear a natural key which a proposal sets, gives up or brings back included
    grants: those of the proposals' users and of the records; what the batch hands out is in the answer's
    A `tx` group falls together: if one member is refused, held or late, all take that verdict.
    """
    outcomes: list[Outcome] = []
    afters: list[Record | None] = []
    names = names_of(records.values(), rules)
    desk = Desk(dict(records), rules, grants.copy(), states, dict(states.used), names)
    for group in _sets(proposals):
        verdicts, results, desk = _judge_set(group, desk)
        outcomes.extend(verdicts)
        afters.extend(results)
    changed = {key: record for key, record in desk.records.items() if records.get(key) is not record}
    return Judged(tuple(outcomes), changed, desk.grants, tuple(afters))


def _sets(proposals: Sequence[Proposal]) -> list[list[Proposal]]:
    groups: list[list[Proposal]] = []
    for proposal in proposals:
        if groups and groups[-1][0].source == proposal.source:
            groups[-1].append(proposal)
        else:
            groups.append([proposal])
    return groups


def _judge_set(group: list[Proposal], desk: Desk) -> tuple[list[Outcome], list[Record | None], Desk]:
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


def _judge(proposal: Proposal, desk: Desk, fallen: Outcome | None) -> tuple[Outcome, Record | None]:
    change = proposal.change
    if change is None or proposal.fault:
        if change is not None:
            desk.used.setdefault(change.id, change.digest)
        fault = proposal.fault or Fault("malformed", "")
        verdict = HELD if fault.waiting_for else REFUSED
        return Outcome(verdict, code=fault.code, field=fault.field, waiting_for=fault.waiting_for), None
    seen = desk.used.get(change.id)
    if seen is not None and not proposal.released:
        if seen == change.digest:
            return Outcome(SAME, flags=(REPEATED,)), None
        return Outcome(REFUSED, code=errors.IdReused.code, field="id"), None
    desk.used[change.id] = change.digest
    if fallen is not None:
        if fallen.because == change.id:
            return replace(fallen, because=None), None
        code = errors.TransactionRefused.code if fallen.verdict == REFUSED else None
        return Outcome(
            fallen.verdict, code=code, waiting_for=fallen.waiting_for, because=fallen.because
        ), None
    try:
        return _enforce(proposal, change, desk)
    except Stop as stop:
        return stop.outcome, None


def _enforce(proposal: Proposal, change: Change, desk: Desk) -> tuple[Outcome, Record]:
    rules = desk.rules.get(change.type)
    if rules is None:
        raise Stop(Outcome(HELD, code=errors.UnknownType.code, waiting_for=f"type:{change.type}"))
    _fits(change, rules)
    home = desk.records.get(change.record)
    landed = natural_keys.landing(change, desk.records, rules)
    record = desk.records.get(landed)
    act = _act(proposal, change, desk, home, record)
    # Who recorded a thing made it, also where a supervisor had to let it in.
    origin = _origin(proposal.adopts or proposal, change, rules, desk) if change.op == "create" else None
    if change.op == "create" and record is not None:
        raise refuse(errors.RecordExists, "record")
    if change.op != "create" and record is None:
        raise Stop(Outcome(HELD, waiting_for=change.record))
    if record is not None and record.type != change.type:
        raise refuse(errors.BadValue, "type")
    if origin is not None and rules.region_from is not None and origin.root == change.record:
        desk.grants.lies(origin.root, str(change.sets()[rules.region_from][0]))
    _stays(change, home, rules)
    _references(change, rules, desk)
    _points_back(change, record, rules, desk)
    check = check_rights if proposal.adopts is None else check_adoption
    flags = check(proposal, change, act, rules, desk, record, origin)
    if record is not None and home is not None:
        _standing(proposal, change, act, record, home, rules)
    if rules.initial is not None:
        _stage(change, act, record, home, rules)
    result = merge.apply(record, change, act, rules, origin)
    fields = field_outcomes(change, act, record, result, rules)
    desk.records[landed] = result
    for moved in desk.names.settle(record, result, desk.records, rules):
        desk.records[moved.id] = moved
        if _opens(moved) and rules.natural_key in fields:
            fields[rules.natural_key] = CONFLICT
            flags = (*flags, DUPLICATE) if DUPLICATE not in flags else flags
    result = desk.records[landed]
    hand_out(desk.grants, result, rules, proposal.index)
    if result.life == merge.DISPUTED:
        flags = (*flags, VOID_DISPUTED)
    return Outcome(gravest(list(fields.values())), fields=fields, flags=flags), result


def _opens(record: Record) -> bool:
    contest = record.contests.get(ALIAS)
    return contest is not None and contest.open


def _fits(change: Change, rules: TypeRules) -> None:
    """Refuse what could not even be merged, should validation have let it through."""
    for name in change.names:
        rule = rules.fields.get(name)
        if rule is None:
            raise refuse(errors.UnknownField, name)
        if rule.merge == STAGE:
            step = change.set.get(name)
            words = [step.get("from"), step.get("to")] if isinstance(step, Mapping) else [None]
            if not all(type(word) is str for word in words):
                raise refuse(errors.BadValue, name)


def _act(proposal: Proposal, change: Change, desk: Desk, home: Record | None, record: Record | None) -> Act:
    """Return the act that the change would be; raises for a base that is no version of the record.

    home: the record that the change names; record: the one that it lands on, which an alias makes another
    """
    addressed = home.id if home is not None and record is not None and home.id != record.id else ""
    if change.base is not None:
        epoch, base = change.base
        moved = Moved(base, True) if epoch == desk.states.epoch else desk.states.bases.get((epoch, base))
        if moved is not None and moved.index >= proposal.index:
            raise refuse(errors.BaseAhead, "base")
        if moved is None or change.op == "create":
            raise refuse(errors.BaseUnknown, "base")
        if (
            moved.exact
            and home is not None
            and not any(a.index == moved.index for a in _acts_there(home, record))
        ):
            raise refuse(errors.BaseUnknown, "base")
        base = moved.index
    else:
        base = base_of(change, proposal.writer, proposal.index)
    return Act(
        proposal.index, proposal.writer, proposal.place, proposal.seq, proposal.n, base, change.id, change.op,
        change.over, addressed,
    )  # fmt: skip


def _acts_there(home: Record, record: Record | None) -> list[Act]:
    """Return the acts that were written to `home`: its own, and those that its alias sent on to `record`."""
    sent_on = record.acts if record is not None and record.id != home.id else ()
    return [*home.acts, *(a for a in sent_on if a.addressed == home.id)]


def _origin(proposal: Proposal, change: Change, rules: TypeRules, desk: Desk) -> Origin:
    home = rules.home(change.sets())
    if home == SELF:
        region = _region(change, rules, desk)
        return Origin(change.record, region, proposal.user, proposal.device)
    parent_id = change.sets().get(home, (None, None))[0]
    if parent_id is None:
        raise refuse(errors.BadValue, home)
    parent = desk.records.get(str(parent_id))
    if parent is None:
        raise Stop(Outcome(HELD, waiting_for=str(parent_id)))
    if parent.type != rules.kinds.get(home, parent.type):
        raise refuse(errors.BadValue, home)
    return Origin(parent.root, parent.region, proposal.user, proposal.device)


def _region(change: Change, rules: TypeRules, desk: Desk) -> str:
    """Return the region of a new root: its own field, or that of the record it lies in."""
    values = change.sets()
    if rules.region_from is None:
        return str(values.get("region", ("", None))[0])
    place = values.get(rules.region_from, (None, None))[0]
    if place is None:
        raise refuse(errors.BadValue, rules.region_from)
    if str(place) not in desk.records:
        raise Stop(Outcome(HELD, waiting_for=str(place)))
    return desk.records[str(place)].region


def _stays(change: Change, record: Record | None, rules: TypeRules) -> None:
    """Refuse to move a record: root and region never change, so neither may the field that they came from.

    Else an inspection pointed at another county's record would hand its team the rights over that one.
    """
    if record is None:
        return
    home = rules.home(record.values)
    fixed = {rules.scope, home, rules.region_from}
    for name, (value, _) in change.sets().items():
        if name in fixed and value != record.values.get(name):
            raise refuse(errors.NotAllowed, name)


def _points_back(change: Change, record: Record | None, rules: TypeRules, desk: Desk) -> None:
    """Refuse an alias that does not point to this record or to one of a smaller id in the same space."""
    if ALIAS not in change.set or rules.natural_key is None:
        return
    if change.op != "resolve" or record is None:
        # It is the answer to the question that two records for one key put, and nothing else.
        raise refuse(errors.NotAllowed, ALIAS)
    target = desk.records.get(str(change.set[ALIAS]))
    spaces = {natural_keys.space_of(one.root, "", rules) for one in (record, target) if one is not None}
    if target is None or target.id > record.id or len(spaces) > 1:
        raise refuse(errors.BadValue, ALIAS)


def _references(change: Change, rules: TypeRules, desk: Desk) -> None:
    claims = [(name, value) for name, (value, _) in change.sets().items() if name in rules.refs]
    for name, members in change.members("add").items():
        if name in rules.refs:
            claims.extend((name, value) for value, _ in members)
    for name, wanted in claims:
        found = desk.records.get(str(wanted))
        if found is None:
            raise Stop(Outcome(HELD, waiting_for=str(wanted)))
        if found.type != rules.kinds.get(name, found.type):
            raise refuse(errors.BadValue, name)


def _standing(
    proposal: Proposal, change: Change, act: Act, record: Record, home: Record, rules: TypeRules
) -> None:
    """Refuse an edit of what was void at its base, a desk write into an open conflict, a resolve of none."""
    if change.op == "edit":
        at_base = [a for a in _acts_there(home, record) if a.index <= act.base or a.before(act)]
        if merge.life_of(at_base) == merge.VOIDED:
            raise refuse(errors.RecordVoided)
    if change.op == "resolve":
        for name in change.names:
            # Else the right to resolve would be a right to write any field at any stage.
            if name not in record.contests:
                raise refuse(errors.BadValue, name)
            if rules.fields[name].merge == STAGE:
                _chooses(change, act, record, rules)
    elif proposal.writer.startswith(SERVER_WRITERS):
        for name in change.sets():
            writes = record.writes.get(name, ())
            rule = rules.fields[name].merge
            if rule in (REVIEW, STAGE) and merge.contested_at(writes, act.base, rules, rule):
                raise refuse(errors.ConflictOpen, name)


def _chooses(change: Change, act: Act, record: Record, rules: TypeRules) -> None:
    """Refuse a resolve of the stage that does more than choose: it would take a step without the right to it."""
    writes = record.writes["stage"]
    against = merge.contested_at(writes, act.base, rules, STAGE)
    if "stage" in record.open_conflicts:
        against |= set(record.contests["stage"].candidates)
    if change.set["stage"]["to"] not in {w.value for w in writes if w.act.change in against}:
        raise refuse(errors.BadTransition, "stage")
    if not against.issuperset(change.over):
        raise refuse(errors.BadValue, "over")


def _stage(change: Change, act: Act, record: Record | None, home: Record | None, rules: TypeRules) -> None:
    """Refuse a step that does not start from the stage at the base after the writer's own earlier steps."""
    step: Any = change.set.get("stage")
    if step is None or change.op == "resolve":
        return
    writes = home.writes.get("stage", ()) if home else ()
    if record is not None and act.addressed:
        writes += tuple(w for w in record.writes.get("stage", ()) if w.act.addressed == act.addressed)
    known = [w for w in writes if w.act.index <= act.base or w.act.before(act)]
    if merge.stage_of(known, rules) != step["from"]:
        raise refuse(errors.BadTransition, "stage")


__all__ = ["SERVER_WRITERS", "Judged", "Proposal", "States", "reconcile"]
