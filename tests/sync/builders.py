"""A small ledger to judge changes in: one root type, one type inside it, and writers who may be offline."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sync import lines, merge
from sync.changes import Anchor, At, Change, Fault, PrivateLine
from sync.entries import Entry
from sync.merge import Record
from sync.outcomes import Outcome
from sync.reconcile import Judged, Proposal, States, reconcile
from sync.rules import (
    APPEND,
    NOBODY,
    REVIEW,
    SERVER_ONLY,
    SERVER_ORDER,
    STAGE,
    UNION,
    Edge,
    FieldRule,
    Grant,
    Grants,
    Right,
    TypeRules,
)

EPOCH = "0" * 32
REGION = "341502"
SALT = "c2FsdHNhbHRzYWx0c2FsdA"


def right(*roles: str, root_in: Sequence[str] | None = None, own_in: Sequence[str] | None = None) -> Right:
    """Return a right for some roles."""
    return Right(
        frozenset(roles),
        None if root_in is None else frozenset(root_in),
        None if own_in is None else frozenset(own_in),
    )


TEAM = right("member", "lead", "supervisor", "machine")


def handed_out(record: str, values: Mapping[str, Any]) -> frozenset[tuple[str, str, str]]:
    """Let whoever a case names as helper be a member of it."""
    return frozenset((str(user), "member", record) for user in values.get("helpers") or ())


CASE = TypeRules(
    name="case",
    fields={
        "region": FieldRule(REVIEW, NOBODY),
        "amount": FieldRule(REVIEW, TEAM),
        "facts": FieldRule(REVIEW, TEAM, private="person"),
        "labels": FieldRule(UNION, TEAM),
        "people": FieldRule(UNION, TEAM, private="person"),
        "helpers": FieldRule(UNION, right("lead", "supervisor")),
        "events": FieldRule(APPEND, TEAM),
        "contact": FieldRule(SERVER_ORDER, TEAM),
        "score": FieldRule(SERVER_ONLY, right("machine")),
        "sealed": FieldRule(SERVER_ONLY, NOBODY),
        "early": FieldRule(REVIEW, right("member", "lead", "supervisor", own_in=("draft",))),
        "signed_by": FieldRule(REVIEW, right("lead")),
        "stage": FieldRule(STAGE, NOBODY),
    },
    create=right("member", "lead", "supervisor", "machine"),
    void=TEAM,
    resolve=right("lead", "supervisor"),
    initial="draft",
    edges=(
        Edge("draft", "proposed", TEAM),
        Edge("draft", "dropped", right("member", "lead", root_in=("draft",))),
        Edge("proposed", "heard", TEAM),
        Edge("heard", "confirmed", right("lead", "supervisor")),
        Edge("heard", "withdrawn", TEAM),
        Edge("proposed", "draft", TEAM, forward=False),
    ),
    refs=frozenset({"photo"}),
    grants=handed_out,
)
ITEM = TypeRules(
    name="item",
    fields={
        "case": FieldRule(REVIEW, NOBODY),
        "photo": FieldRule(REVIEW, TEAM),
        "size": FieldRule(REVIEW, right("member", "lead", "supervisor", root_in=("draft", "proposed"))),
    },
    create=right("member", "lead", "supervisor", root_in=("draft", "proposed")),
    void=TEAM,
    scope="case",
    refs=frozenset({"photo"}),
)
PLACE = TypeRules("place", {"region": FieldRule(REVIEW, NOBODY)}, create=right("machine"))
VISIT = TypeRules(
    "visit", {"place": FieldRule(REVIEW, NOBODY)}, create=right("supervisor"), region_from="place"
)
SITE = TypeRules(
    "site",
    {
        "region": FieldRule(REVIEW, NOBODY),
        "code": FieldRule(REVIEW, TEAM),
        "title": FieldRule(REVIEW, TEAM),
        "labels": FieldRule(UNION, TEAM),
        "stage": FieldRule(STAGE, NOBODY),
        "alias": FieldRule(REVIEW, NOBODY),
    },
    create=TEAM,
    void=TEAM,
    resolve=right("lead", "supervisor"),
    initial="open",
    edges=(Edge("open", "shut", TEAM), Edge("shut", "open", TEAM, forward=False)),
    refs=frozenset({"alias"}),
    kinds={"alias": "site"},
    natural_key="code",
)
BED = TypeRules(
    "bed",
    {
        "case": FieldRule(REVIEW, NOBODY),
        "number": FieldRule(REVIEW, TEAM),
        "alias": FieldRule(REVIEW, NOBODY),
    },
    create=TEAM,
    void=TEAM,
    resolve=right("lead", "supervisor"),
    scope="case",
    refs=frozenset({"alias"}),
    kinds={"alias": "bed"},
    natural_key="number",
)
RULES = {kind.name: kind for kind in (CASE, ITEM, PLACE, VISIT, SITE, BED)}
USERS = {"ann": "member", "bob": "member", "cid": "member", "lea": "lead", "sue": "supervisor"}


def private(values: Mapping[str, Any] | None = None, **members: Mapping[str, tuple[Any, ...]]) -> PrivateLine:
    """Return a person line; members: add=..., remove=..."""
    body = {"kind": "person", "set": dict(values or {}), **{k: dict(v) for k, v in members.items()}}
    line = lines.encode(body)
    return PrivateLine(
        "person", values or {}, members.get("add", {}), members.get("remove", {}), line, lines.digest(line)
    )


@dataclass
class Ledger:
    """A ledger in memory; `put` judges one change as the next entry, `put_set` a whole change-set.

    A writer is a user's name (then the change comes from that user's phone) or `desk:<user>`.
    """

    records: dict[str, Record] = field(default_factory=dict)
    grants: Grants = field(default_factory=Grants)
    used: dict[str, str] = field(default_factory=dict)
    entries: list[tuple[int, Entry, list[Change]]] = field(default_factory=list)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    size: int = 0
    sequences: dict[str, int] = field(default_factory=dict)
    rules: Mapping[str, TypeRules] = field(default_factory=lambda: RULES)

    def put(self, writer: str, change: Change, **more: Any) -> Outcome:
        """Judge one change, alone in its set."""
        return self.put_set(writer, [change], **more)[0]

    def put_set(
        self, writer: str, changes: Sequence[Change], faults: Mapping[str, Fault] | None = None, **place: int
    ) -> list[Outcome]:
        """Judge a set; faults: {change id: what validation found}; place: seq or place in the chain."""
        seq = place.get("seq") or self.sequences.get(writer, 0) + 1
        self.sequences[writer] = max(seq, self.sequences.get(writer, 0))
        proposals = [
            Proposal(
                index=self.size + n,
                user=writer.removeprefix("desk:"),
                writer=writer if writer.startswith("desk:") or writer == "machine" else f"device:{writer}",
                seq=seq,
                n=n,
                source=f"{writer}/{self.size}",
                change=change,
                place=place.get("place", 0),
                device="" if writer.startswith("desk:") or writer == "machine" else writer,
                fault=(faults or {}).get(change.id),
            )
            for n, change in enumerate(changes)
        ]
        judged = self.judge(proposals)
        self._store(proposals, judged)
        return list(judged.outcomes)

    def judge(self, proposals: Sequence[Proposal]) -> Judged:
        """Return what reconcile says, leaving the ledger as it is."""
        return reconcile(proposals, self.records, self.rules, self.grants, States(EPOCH, self.used))

    def _store(self, proposals: Sequence[Proposal], judged: Judged) -> None:
        self.records.update(judged.records)
        self.grants = judged.grants
        for proposal, outcome, record in zip(proposals, judged.outcomes, judged.afters, strict=True):
            change = proposal.change
            assert change is not None
            self.used.setdefault(change.id, change.digest)
            self.outcomes.setdefault(change.id, outcome)
            entry = Entry(
                at=proposal.index,
                kind="change",
                by=proposal.user,
                change=change.digest,
                outcome=outcome.json(),
                salt=SALT,
                type=change.type,
                record=record.id if record else change.record,
                addressed=change.record if record and record.id != change.record else None,
                device=proposal.device or None,
                seq=proposal.seq,
                n=proposal.n,
                after=merge.after_digest(record, SALT) if record else None,
            )
            self.entries.append((proposal.index, entry, [change]))
        self.size += len(proposals)

    def value(self, name: str, record: str = "r1") -> Any:
        """Return a field's value, None where there is none."""
        return self.records[record].values.get(name)

    def open(self, record: str = "r1") -> dict[str, tuple[str, ...]]:
        """Return {field: candidates' change ids} of the open conflicts."""
        found = self.records[record]
        return {name: found.contests[name].candidates for name in found.open_conflicts}

    def version(self, record: str = "r1") -> int:
        """Return the version that a phone which pulls now would name as base."""
        return self.records[record].version


def ledger(*records: str, **values: Any) -> Ledger:
    """Return a ledger whose users have their roles over REGION, with cases created by the desk."""
    found = Ledger(size=1)
    found.grants = Grants([Grant(user, role, "341500", user, 0) for user, role in USERS.items()])
    for record in records or ("r1",):
        outcome = found.put("desk:sue", create(f"{record}.made", record, region=REGION, **values))
        assert outcome.in_force, outcome
    return found


def at(anchor: int | None = None) -> At:
    """Return a capture time of a phone that stood at a ledger index."""
    return At(0, 0, "s", None if anchor is None else Anchor(EPOCH, anchor, 0, 0, 0, "s"))


def change(
    key: str, op: str, record: str, base: int | None, *, anchor: int | None = None, **more: Any
) -> Change:
    """Return a change with a digest; base: a ledger index or None; more: members of Change."""
    made = Change(
        key,
        op,
        more.pop("type", "case"),
        record,
        None if base is None else (more.pop("epoch", EPOCH), base),
        at(anchor),
        **more,
    )
    shown = repr(replace(made, digest=""))
    return replace(made, digest=lines.digest(shown.encode()))


def create(key: str, record: str = "r1", **values: Any) -> Change:
    """Return the create of a case."""
    return change(key, "create", record, None, set=values)


def edit(key: str, base: int | None, record: str = "r1", **values: Any) -> Change:
    """Return an edit that sets values of a case."""
    return change(key, "edit", record, base, set=values)


def step(key: str, base: int | None, source: str, target: str, record: str = "r1") -> Change:
    """Return a step of a case's stage."""
    return edit(key, base, record, stage={"from": source, "to": target})


def add(key: str, base: int | None, record: str = "r1", **members: tuple[Any, ...]) -> Change:
    """Return an edit that adds to set-fields."""
    return change(key, "edit", record, base, add=members)


def remove(key: str, base: int | None, record: str = "r1", **members: tuple[Any, ...]) -> Change:
    """Return an edit that removes from set-fields."""
    return change(key, "edit", record, base, remove=members)


def void(key: str, base: int | None, record: str = "r1") -> Change:
    """Return a void."""
    return change(key, "void", record, base)


def restore(key: str, base: int | None, record: str = "r1") -> Change:
    """Return a restore."""
    return change(key, "restore", record, base)


def resolve(key: str, base: int | None, over: Sequence[str], record: str = "r1", **values: Any) -> Change:
    """Return the decision of a conflict: it replaces exactly the changes it names."""
    return change(key, "resolve", record, base, over=tuple(over), set=values)
