"""What a record type says to the merge: rules per field, states, and who may, as plain data.

The declarations in schemas/records are compiled to these nouns; sync knows no record type by name.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

REVIEW, UNION, APPEND = "review", "union", "append"
STAGE, SERVER_ORDER, SERVER_ONLY = "stage", "server_order", "server_only"
MERGES = (REVIEW, UNION, APPEND, STAGE, SERVER_ORDER, SERVER_ONLY)
CONTESTED = (REVIEW, SERVER_ONLY, STAGE)
NATION = "000000"
MACHINE = "machine"
BARRED = "barred"
"""The role that takes every other away: what a disabled user's record hands out, over the user himself."""
RECUSED = "recused"
"""The role that takes every other away over one root (回避): an institution with what lies in it, or an inspection."""
TEAM_ROLES = frozenset({"member", "lead"})
"""The roles of those who inspect: an inspection, or a remote round, hands them out."""
OPERATOR = "ward_operator"
SUPERVISOR = "supervisor"
"""The role of the institution's own staff over a called round and its sample alone, while the round is open."""
PHONE_ROLES = TEAM_ROLES | {OPERATOR}
"""The roles by which a phone acts and that bring records to it."""
SELF = "self"
RULES_VERSION = 1
ALIAS = "alias"
"""The field of every type with a natural key that names the record with a smaller id for the same thing."""


@dataclass(frozen=True, slots=True)
class Right:
    """Who may do a thing: one of `roles`, while the root and the record stand in the stages named.

    root_in, own_in: stages, or None for any. A role that nobody is granted denies everyone.
    unless: a field whose being set takes the right from everybody but the server itself
    anywhere: those of the roles that no stage holds back
    """

    roles: frozenset[str]
    root_in: frozenset[str] | None = None
    own_in: frozenset[str] | None = None
    unless: str | None = None
    anywhere: frozenset[str] = frozenset()

    def allows(
        self,
        roles: frozenset[str],
        root_stage: str | None,
        own_stage: str | None,
        given: Container[str] = frozenset(),
    ) -> bool:
        """Return whether one of `roles` may, at these stages; given: the fields that are set."""
        if not self.roles & roles:
            return False
        if self.unless is not None and self.unless in given and MACHINE not in roles:
            return False
        if self.anywhere & roles:
            return True
        if self.root_in is not None and root_stage is not None and root_stage not in self.root_in:
            return False
        return self.own_in is None or own_stage is None or own_stage in self.own_in


NOBODY = Right(frozenset())


@dataclass(frozen=True, slots=True)
class FieldRule:
    """How one field merges, whether it travels in a private line (and of which kind), and who may write it."""

    merge: str
    right: Right
    private: str | None = None


@dataclass(frozen=True, slots=True)
class Narrow:
    """What somebody may make of a type besides: a create with some fields and no others. wants: those it must set"""

    right: Right
    fields: frozenset[str]
    wants: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Edge:
    """One allowed step of a state machine; only forward edges decide between racing steps."""

    source: str
    target: str
    right: Right
    forward: bool = True


@dataclass(frozen=True)
class TypeRules:
    """Everything that judging and merging need to know of one record type.

    scope: "self", or the field that names the record whose root is inherited
    region_from: for a root, the field that names the record whose region it shares; None: its own `region`
    scope_else: where a record lies whose create leaves out the field `scope`: "self", or another field;
    None: its create must set that field
    refs: fields whose records must have arrived (else the change is held)
    kinds: the type that the record named by such a field must have
    grants: (record id, its values) -> {(user, role, root)} that a record of this type hands out
    natural_key: the field by which the world knows a record, unique in the type, or in the scope root of
    a type that lies in another; such a type has the field `alias` too
    narrow: rights to create besides `create`, each for some fields alone
    """

    name: str
    fields: Mapping[str, FieldRule]
    create: Right
    void: Right = NOBODY
    resolve: Right = NOBODY
    initial: str | None = None
    edges: tuple[Edge, ...] = ()
    scope: str = SELF
    scope_else: str | None = None
    region_from: str | None = None
    refs: frozenset[str] = frozenset()
    kinds: Mapping[str, str] = field(default_factory=dict)
    grants: Callable[[str, Mapping[str, Any]], frozenset[tuple[str, str, str]]] | None = None
    natural_key: str | None = None
    narrow: tuple[Narrow, ...] = ()

    def edge(self, source: str, target: str) -> Edge | None:
        """Return the edge from source to target, or None."""
        return next((e for e in self.edges if e.source == source and e.target == target), None)

    def home(self, given: Container[str]) -> str:
        """Return the field that names where a record lies, or "self"; given: the fields that its create set."""
        if self.scope == SELF or self.scope in given or self.scope_else is None:
            return self.scope
        return self.scope_else

    def reaches(self, source: str, target: str) -> bool:
        """Return whether forward edges lead from source to target."""
        return target in _forward(self.edges, source)


@lru_cache(maxsize=4096)
def _forward(edges: tuple[Edge, ...], source: str) -> frozenset[str]:
    found, waiting = {source}, [source]
    while waiting:
        at = waiting.pop()
        for edge in edges:
            if edge.forward and edge.source == at and edge.target not in found:
                found.add(edge.target)
                waiting.append(edge.target)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Grant:
    """A user's role over a root record or a region, from one ledger position up to another.

    root: a record id, or a region code; via: the record that hands it out; end: None while it stands
    """

    user: str
    role: str
    root: str
    via: str
    start: int
    end: int | None = None

    def at(self, index: int) -> bool:
        """Return whether the grant stood just after the entry `index`."""
        return self.start <= index and (self.end is None or index < self.end)


@lru_cache(maxsize=4096)
def region_prefix(code: str) -> str:
    """Return the digits of a region code that its subtree shares: 341500 -> 3415, 000000 -> nothing."""
    for length, zeros in ((0, NATION), (2, "0000"), (4, "00")):
        if len(code) == 6 and code.endswith(zeros) and not (length and code[:length].endswith("00")):
            return code[:length]
    return code


@dataclass
class Grants:
    """The grants that matter to a batch; grows while the batch itself hands out or ends grants.

    Its rows change by `update` alone: what a user was found to have over a place is remembered until then.
    places: {root: the record whose region it shares}, so that who is recused from that one is from this one
    """

    rows: list[Grant] = field(default_factory=list)
    changed: list[tuple[Grant | None, Grant]] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)
    _over: dict[tuple[str, str, str], tuple[Grant, ...]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )

    def copy(self) -> Grants:
        """Return a copy that grows on its own."""
        return Grants(list(self.rows), list(self.changed), dict(self.places))

    def lies(self, root: str, place: str) -> None:
        """Note in which record's region, and so under whose recusals, a root lies."""
        if self.places.get(root) != place:
            self.places[root] = place
            self._over.clear()

    def roles(self, user: str, root: str, region: str, index: int) -> frozenset[str]:
        """Return the roles that `user` has over a record of this root and region at a ledger position.

        None while the user is barred or recused, whoever else still counts him among a team.
        """
        found = self._found(user, root, region, index)
        return frozenset() if BARRED in found or RECUSED in found else found

    def recused(self, user: str, root: str, region: str, index: int) -> bool:
        """Return whether `user` is recused from a root, or from the place in which it lies."""
        return RECUSED in self._found(user, root, region, index)

    def _found(self, user: str, root: str, region: str, index: int) -> frozenset[str]:
        over = self._over.get((user, root, region))
        if over is None:
            over = self._over[(user, root, region)] = tuple(
                g
                for g in self.rows
                if g.user == user
                and (
                    g.role == BARRED
                    or g.root == root
                    or (g.role == RECUSED and g.root == self.places.get(root))
                    or _in_region(region, g.root)
                )
            )
        return frozenset([g.role for g in over if g.at(index)])

    def update(self, via: str, wanted: Iterable[tuple[str, str, str]], index: int) -> None:
        """Make `via` hand out exactly `wanted` from `index` on: open what is new, end what is gone."""
        target = set(wanted)
        self._over.clear()
        for place, grant in enumerate(self.rows):
            if grant.via != via or grant.end is not None:
                continue
            key = (grant.user, grant.role, grant.root)
            if key in target:
                target.discard(key)
            else:
                ended = Grant(grant.user, grant.role, grant.root, via, grant.start, index)
                self.rows[place] = ended
                self.changed.append((grant, ended))
        for user, role, root in sorted(target):
            opened = Grant(user, role, root, via, index)
            self.rows.append(opened)
            self.changed.append((None, opened))


def _in_region(region: str, root: str) -> bool:
    return (
        bool(region) and root.isdigit() and len(root) in (6, 9, 12) and region.startswith(region_prefix(root))
    )
