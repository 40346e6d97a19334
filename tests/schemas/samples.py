"""Sound values for every field of every declaration, and a ledger in memory that judges by the declarations."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from schemas.declare import Field, RecordType
from schemas.drafting import Draft, write
from schemas.records import RULES, TYPES
from sync.changes import At
from sync.merge import Record
from sync.outcomes import Outcome
from sync.proposals import Proposal, States
from sync.reconcile import reconcile
from sync.rules import Edge, Grant, Grants, TypeRules

EPOCH = "0" * 32
REGION = "341502"
TEAM = ("member", "lead")
OVER_REGION = (
    "inspector", "lead_inspector", "supervisor", "second_reviewer", "legal_reviewer", "leader", "auditor",
    "admin",
)  # fmt: skip
MACHINE = "machine"
INSTITUTION = "institution_user"
ROLES = (*TEAM, *OVER_REGION, INSTITUTION, MACHINE)
CODES = {
    None: "LA-2026-0001",
    "fixmedins": "H34150290001",
    "region": REGION,
    "uscc": "91350100M000100Y43",
    "resident": "11010519491231002X",
    "icd10": "I10.x00x002",
    "violation": "bed_hanging",
    "rung": "T-3",
    "trace": "81234567890123456789",
    "document": "六医保改〔2026〕12号",
}
PLACE = {"lat_e7": 317_500_000, "lon_e7": 1_165_000_000, "accuracy_m": 10, "provider": "gps", "mock": False}
BY_KIND: Mapping[str, Any] = {
    "digest": "ab" * 32,
    "key": "A" * 43,
    "day": "2026-11-17",
    "instant": 1_794_880_800_000,
    "position": PLACE,
    "flag": True,
    "text": "演示数据",
}


def value_of(known: Field, ids: Mapping[str, str]) -> Any:
    """Return a sound value of a field (of one member, for a set). ids: a record's id by type."""
    if known.kind == "choice":
        return next(iter(known.choices))
    if known.kind == "code":
        return CODES[known.form]
    if known.kind == "id":
        return ids.get(known.ref or "") or ids["finding"]
    if known.kind in ("integer", "fen"):
        return known.low
    if known.kind == "group":
        return group_of(known, ids)
    return BY_KIND[known.kind]


def group_of(known: Field, ids: Mapping[str, str]) -> dict[str, Any]:
    """Return a group with its required parts and what they need."""
    names = [part.name for part in known.parts if part.required]
    found: dict[str, Any] = {}
    parts = {part.name: part for part in known.parts}
    for name in names or [known.parts[0].name]:
        part = parts[name]
        found[name] = [value_of(part, ids)] if part.many else value_of(part, ids)
    for need in known.needs:
        while (absent := need.missing(found)) is not None:
            part = parts[absent]
            found[absent] = [value_of(part, ids)] if part.many else value_of(part, ids)
    return found


def draft_of(kind: RecordType, record: str, ids: Mapping[str, str]) -> Draft:
    """Return a create that sets what it must and nothing else."""
    # A record that may lie in one of two is made here in the first.
    wanted = [*kind.required, *((kind.scope,) if kind.scope != "self" else ())]
    given = {name: value_of(kind.by_name[name], ids) for name in wanted}
    for need in kind.needs:
        while (absent := need.missing(given)) is not None:
            given[absent] = value_of(kind.by_name[absent], ids)
    single = {name: value for name, value in given.items() if not kind.by_name[name].many}
    many = {name: [value] for name, value in given.items() if kind.by_name[name].many}
    return Draft("create", kind.name, record, single, add=many)


@dataclass
class Bench:
    """A ledger in memory. A user is named for his role: `supervisor`, `institution_user`, `machine`, ..."""

    types: Mapping[str, RecordType] = field(default_factory=lambda: TYPES)
    rules: Mapping[str, TypeRules] = field(default_factory=lambda: RULES)
    records: dict[str, Record] = field(default_factory=dict)
    grants: Grants = field(default_factory=Grants)
    ids: dict[str, str] = field(default_factory=dict)
    size: int = 1
    made: int = 0

    def copy(self) -> Bench:
        """Return a ledger that goes on from here on its own."""
        grants = Grants(list(self.grants.rows))
        return replace(self, records=dict(self.records), grants=grants, ids=dict(self.ids))

    def id(self) -> str:
        """Return a fresh id."""
        self.made += 1
        return f"01900000-0000-7000-8000-{self.made:012x}"

    def put(self, who: str, draft: Draft) -> Outcome:
        """Judge one draft as an act at the desk (of the machine for `machine`), checked by its declaration."""
        return self.judge(who, draft)[0]

    def judge(self, who: str, *drafts: Draft) -> tuple[Outcome, ...]:
        """Judge some drafts as one act."""
        items = [
            write(d, change_id=self.id(), at=At(wall=0), random=lambda n: self.made.to_bytes(n, "big"))
            for d in drafts
        ]
        proposals = [
            Proposal(
                self.size + n, who, MACHINE if who == MACHINE else f"desk:{who}", 0, n, f"act {self.size}",
                item.change, fault=item.fault,
            )
            for n, item in enumerate(items)
        ]  # fmt: skip
        judged = reconcile(proposals, self.records, self.rules, self.grants, States(EPOCH))
        self.records.update(judged.records)
        self.grants = judged.grants
        self.size += len(items)
        return judged.outcomes

    def grant(self, role: str, root: str, *, user: str = "") -> None:
        """Let the user of a role have it over a root or region."""
        self.grants.rows.append(Grant(user or role, role, root, "test", 0))

    def create(self, kind: str, *, by: str = "") -> str:
        """Make a record of a type with sound values; by: anybody who may, unless said."""
        declared = self.types[kind]
        record = self.id()
        outcome = self.put(by or chosen(declared.create.roles), draft_of(declared, record, self.ids))
        assert outcome.in_force, (kind, outcome)
        return record

    def edit(self, who: str, record: str, values: Mapping[str, Any], **members: Sequence[Any]) -> Outcome:
        """Let somebody edit a record at the desk."""
        return self.put(who, Draft("edit", self.records[record].type, record, values, add=members))

    def step(self, who: str, record: str, target: str, *, source: str = "") -> Outcome:
        """Let somebody move a record's stage on from where it stands, or from another stage."""
        return self.edit(who, record, {"stage": {"from": source or self.records[record].stage, "to": target}})

    def lead_to(self, record: str, stage: str) -> None:
        """Take a record to a stage along its edges, each step by somebody who may."""
        kind = self.types[self.records[record].type]
        for edge in way(kind.edges, self.records[record].stage or "", stage):
            outcome = self.step(chosen(edge.right.roles), record, edge.target)
            assert outcome.in_force, (kind.name, edge, outcome)


def chosen(roles: frozenset[str]) -> str:
    """Return one of some roles, the server's own last."""
    return min(roles, key=lambda role: (role == MACHINE, role))


def way(edges: Sequence[Edge], source: str, target: str) -> list[Edge]:
    """Return the edges that lead from one stage to another, as few as there are."""
    ways: dict[str, list[Edge]] = {source: []}
    waiting = deque([source])
    while waiting:
        at = waiting.popleft()
        for edge in edges:
            if edge.source == at and edge.target not in ways:
                ways[edge.target] = [*ways[at], edge]
                waiting.append(edge.target)
    return ways[target]


# Each after what it refers to; a type that is not named here comes last.
ORDER = (
    "user", "institution", "inspection", "encounter", "ward_round", "bed_check", "evidence", "finding",
    "rectification_case", "sanction", "bulletin", "interview", "notice", "extension", "rectification_report",
    "appeal", "recovery", "petition", "decision", "task", "reminder", "device", "census", "key", "passkey", "assertion",
)  # fmt: skip


def bench() -> Bench:
    """Return a ledger in which a record of every type stands at its first stage, the inspection on site."""
    return _full().copy()


@cache
def _full() -> Bench:
    found = Bench()
    for role in OVER_REGION:
        found.grant(role, "341500")
    for kind in (*ORDER, *sorted({*TYPES} - {*ORDER, "conflict"})):
        found.ids[kind] = found.create(kind)
        if kind in ("institution", "inspection"):
            for role in (*TEAM, *((INSTITUTION,) if kind == "institution" else ())):
                found.grant(role, found.ids[kind])
        if kind == "inspection":
            found.lead_to(found.ids[kind], "on_site")
    return found


def standing_at(kind: str, stage: str) -> tuple[Bench, str]:
    """Return a ledger and, in it, a record of a type at a stage, with the inspection that it lies in on site."""
    found, record = _standing_at(kind, stage)
    return found.copy(), record


@cache
def _standing_at(kind: str, stage: str) -> tuple[Bench, str]:
    found = bench()
    record = found.ids[kind]
    if kind == "inspection":
        record = found.create(kind)
        for role in TEAM:
            found.grant(role, record)
    found.lead_to(record, stage)
    return found, record
