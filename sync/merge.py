"""The merge arithmetic: which writes stand, what a field's value is, whether a record lives.

No rights, no validation, no clock: `apply` takes a change that is in force and returns the record
that results. Judging (reconcile) and replay both end here, so they cannot come apart.

A write is dominated by a later write of the same device chain, by a write whose base covers it, or
by a `resolve` that names it. The undominated writes of a field are its candidates; see docs/protocol.md
section 4 for why each clause is there.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sync import lines
from sync.changes import CHAINED, NO_BASE, Change, Erased, readable
from sync.rules import APPEND, SERVER_ORDER, STAGE, UNION, TypeRules

LIVE, VOIDED, DISPUTED = "live", "voided", "void_disputed"
RACELESS_MAX = 16
"""Up to here a history is first looked at for races, pair by pair; most have none."""


@dataclass(frozen=True, slots=True)
class Act:
    """A change in force on a record: where, by whom, on what base.

    index: where it came into force; place, seq, n: its place in its writer's own order;
    base: the index that its writer had seen, or NO_BASE; over: change ids that a resolve replaces
    addressed: the record it was written to, where that is an alias of the one it stands on, else ""
    """

    index: int
    writer: str
    place: int
    seq: int
    n: int
    base: int
    change: str
    op: str
    over: tuple[str, ...] = ()
    addressed: str = ""

    def before(self, other: Act) -> bool:
        """Return whether this is an earlier act of the same device chain or fork branch."""
        return (
            self.writer == other.writer
            and self.writer.startswith(CHAINED)
            and (self.place, self.seq, self.n) < (other.place, other.seq, other.n)
        )


@dataclass(frozen=True, slots=True)
class Write:
    """One value written to one field; kind: set, add or remove; private: digest of the line that holds it."""

    act: Act
    kind: str
    value: Any
    private: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """A field's value (None where there is none), the digest of its private line, and its candidates."""

    value: Any
    private: Any = None
    candidates: tuple[Write, ...] = ()
    open: bool = False


@dataclass(frozen=True, slots=True)
class Contest:
    """A conflict over one field: open or settled, with the change ids that stand against each other."""

    open: bool
    candidates: tuple[str, ...]
    version: int


@dataclass(frozen=True, slots=True)
class Record:
    """A record as the ledger has it: its acts in order, its writes per field, and what follows from them.

    lines: {digest: private line} of every private line that a write stands in
    """

    id: str
    type: str
    root: str
    region: str
    version: int
    acts: tuple[Act, ...]
    writes: Mapping[str, tuple[Write, ...]]
    values: Mapping[str, Any]
    digests: Mapping[str, Any] = field(default_factory=dict)
    contests: Mapping[str, Contest] = field(default_factory=dict)
    life: str = LIVE
    created_by: str = ""
    created_device: str = ""
    lines: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def stage(self) -> str | None:
        """The record's present stage, or None for a type without stages."""
        return self.values.get("stage")

    @property
    def open_conflicts(self) -> tuple[str, ...]:
        """Names of the fields that wait for a decision."""
        return tuple(sorted(name for name, contest in self.contests.items() if contest.open))

    def stage_at(self, index: int, rules: TypeRules) -> str | None:
        """Return the stage just after the entry `index`; None if the record was not there yet."""
        if not self.acts or self.acts[0].index > index:
            return None
        return stage_of([w for w in self.writes.get("stage", ()) if w.act.index <= index], rules)


def value_key(value: Any) -> bytes:
    """Return bytes that are equal for equal values; what was erased sorts before all that can be read."""
    if type(value) is Erased:
        return b"\0%020d %020d" % (value.order, value.rank)
    return lines.encode([value])


def dominates(later: Act, earlier: Act, contested: frozenset[str] = frozenset()) -> bool:
    """Return whether `later` takes the writes of `earlier` out of force.

    contested: change ids of the conflict that was open at later's base; a base covers none of them
    """
    if earlier.before(later):
        return True
    if later.before(earlier):
        return False
    if later.over or later.op == "resolve":
        return earlier.change in later.over
    if later.addressed and later.addressed != earlier.addressed:
        # Its base is a version of the record it was addressed to, and says nothing of what stood here.
        return False
    return later.base >= earlier.index and earlier.change not in contested


def contested_at(writes: Sequence[Write], base: int, rules: TypeRules, merge: str) -> frozenset[str]:
    """Return the change ids of the conflict that was open just after `base`, empty if there was none."""
    return _conflict(settle([w for w in writes if w.act.index <= base], rules, merge))


def settle(writes: Sequence[Write], rules: TypeRules, merge: str) -> Settled:
    """Return the value that these writes give a field under its merge rule.

    While a conflict is open the value is the one the field had at the lowest base among the candidates,
    but never from before the record was created.
    """
    if not writes:
        return Settled(None)
    if merge == UNION:
        return _union(writes)
    if merge == APPEND:
        ordered = sorted(writes, key=lambda w: w.act.change)
        return Settled([w.value for w in ordered], [w.private for w in ordered])
    if merge == SERVER_ORDER:
        last = max(writes, key=lambda w: (w.act.index, w.act.n))
        return Settled(last.value, last.private, (last,))
    if len(writes) == 1:
        # Nearly every field of nearly every record; the walk below would say the same.
        return Settled(writes[0].value, writes[0].private, tuple(writes))
    if len(writes) <= RACELESS_MAX and (sole := _sole_successor(writes)) is not None:
        return Settled(sole.value, sole.private, (sole,))
    return _course(writes, rules, merge)


def _conflict(settled: Settled) -> frozenset[str]:
    return frozenset(w.act.change for w in settled.candidates) if settled.open else frozenset()


def _sole_successor(writes: Sequence[Write]) -> Write | None:
    """Return the last of some writes if each of them dominates all before it, as where nobody raced; else None."""
    ordered = sorted(writes, key=lambda w: (w.act.index, w.act.n))
    for place, write in enumerate(ordered):
        act = write.act
        if act.op == "resolve" or act.over or act.addressed:
            return None
        if not all(
            e.act.before(act) or (e.act.index <= act.base and not act.before(e.act)) for e in ordered[:place]
        ):
            return None
    return ordered[-1]


def _course(writes: Sequence[Write], rules: TypeRules, merge: str) -> Settled:
    """Walk a contested field through the ledger once, as what stood at each base decides what its writes dominate.

    Walked because the definition is recursive: asking again for every pair doubles the work with every write.
    """
    ordered = sorted(writes, key=lambda w: (w.act.index, w.act.n))
    floor = ordered[0].act.index if ordered[0].act.op == "create" else NO_BASE
    places: list[int] = []
    course: list[list[Write]] = [[]]
    known: dict[int, Settled] = {0: Settled(None)}
    newest: dict[str, Act] = {}
    named: dict[str, list[Act]] = {}

    def at(base: int) -> Settled:
        place = bisect_right(places, base)
        if place not in known:
            standing = course[place]
            known[place] = _decide(standing, rules, merge) or _undecided(standing, at, floor)
        return known[place]

    for write in ordered:
        act = write.act
        contested = _conflict(at(act.base))
        left = [s for s in course[-1] if not dominates(act, s.act, contested)]
        last = newest.get(act.writer)
        # Released late: what its own chain wrote since, or a resolve that named it, came into force before it.
        behind = last is not None and act.before(last)
        behind |= any(not dominates(act, u, contested) for u in named.get(act.change, ()))
        # Only forged acts can dominate each other in a ring; a field is never left without its value for that.
        course.append(left if behind and left else [*left, write])
        if last is None or last.before(act):
            newest[act.writer] = act
        for change in act.over:
            named.setdefault(change, []).append(act)
        places.append(act.index)
    return at(places[-1])


def _decide(standing: Sequence[Write], rules: TypeRules, merge: str) -> Settled | None:
    """Return what the candidates agree on, or None; the same whatever order they arrived in."""
    ordered = sorted(standing, key=lambda w: w.act.change)
    if len({value_key(w.value) for w in ordered}) == 1:
        return Settled(ordered[0].value, ordered[0].private, tuple(standing))
    if merge == STAGE:
        for w in ordered:
            if all(rules.reaches(v.value, w.value) for v in ordered):
                return Settled(w.value, None, tuple(standing))
    return None


def _undecided(standing: Sequence[Write], at: Callable[[int], Settled], floor: int) -> Settled:
    before = at(max(floor, min(w.act.base for w in standing)))
    return Settled(before.value, before.private, tuple(standing), open=True)


def _union(writes: Sequence[Write]) -> Settled:
    removals: dict[bytes, list[Act]] = {}
    for w in writes:
        if w.kind == "remove":
            removals.setdefault(value_key(w.value), []).append(w.act)
    standing: dict[bytes, Write] = {}
    for w in sorted(writes, key=lambda w: w.act.change):
        key = value_key(w.value)
        if w.kind == "add" and not any(dominates(act, w.act) for act in removals.get(key, ())):
            standing.setdefault(key, w)
    ordered = [standing[key] for key in sorted(standing)]
    return Settled([w.value for w in ordered] or None, [w.private for w in ordered] or None, tuple(ordered))


def stage_of(writes: Sequence[Write], rules: TypeRules) -> str | None:
    """Return the stage that these stage writes lead to; the initial one when there are none."""
    value = settle(writes, rules, STAGE).value
    return rules.initial if value is None else str(value)


def life_of(acts: Iterable[Act]) -> str:
    """Return live, voided, or void_disputed when a void and an edit that it did not know stand together."""
    known = list(acts)
    voids = [
        v
        for v in known
        if v.op == "void" and not any(r.op == "restore" and (r.base >= v.index or v.before(r)) for r in known)
    ]
    if not voids:
        return LIVE
    edits = [a for a in known if a.op not in ("void", "erase")]
    covered = any(all(v.base >= e.index or e.before(v) for e in edits) for v in voids)
    return VOIDED if covered else DISPUTED


def writes_of(change: Change, act: Act, rules: TypeRules) -> dict[str, list[Write]]:
    """Return the writes that a change makes, by field; a stage's write holds the stage it goes to."""
    found = {
        name: [
            Write(
                act, "set", value["to"] if name == "stage" and rules.initial is not None else value, private
            )
        ]
        for name, (value, private) in change.sets().items()
    }
    for kind in ("add", "remove"):
        for name, members in change.members(kind).items():
            found.setdefault(name, []).extend(Write(act, kind, value, private) for value, private in members)
    return found


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a record comes from: its scope root and region, which never change, its author and device."""

    root: str
    region: str
    created_by: str
    created_device: str = ""


def apply(
    record: Record | None, change: Change, act: Act, rules: TypeRules, origin: Origin | None = None
) -> Record:
    """Return the record after a change that is in force; origin: given for a create.

    The version moves with every act, also with one that writes what is there already: it stands too, and
    whoever saw it must be able to say so by a base, or a removal or a void would never reach it.
    """
    if record is None:
        assert origin is not None, "a create needs its origin"
        record = Record(
            change.record, change.type, origin.root, origin.region, act.index, (), {}, {},
            created_by=origin.created_by, created_device=origin.created_device,
        )  # fmt: skip
    writes = dict(record.writes)
    values, digests = dict(record.values), dict(record.digests)
    contests = dict(record.contests)
    if rules.initial is not None:
        values.setdefault("stage", rules.initial)
    for name, new in writes_of(change, act, rules).items():
        rule = rules.fields[name]
        standing = writes[name] = _pruned((*writes.get(name, ()), *new), rule.merge)
        settled = settle(standing, rules, rule.merge)
        put(values, name, rules.initial if name == "stage" and settled.value is None else settled.value)
        if rule.private:
            put(digests, name, settled.private)
        if settled.open or name in contests:
            _contest(contests, name, settled, act.index)
    acts = (*record.acts, act)
    return Record(
        record.id,
        record.type,
        record.root,
        record.region,
        act.index,
        acts,
        writes,
        values,
        digests,
        contests,
        life_of(acts),
        record.created_by,
        record.created_device,
        _kept(record, change, writes),
    )


def _kept(record: Record, change: Change, writes: Mapping[str, tuple[Write, ...]]) -> Mapping[str, bytes]:
    """Return the private lines that writes stand in; what a new line says nothing in is not among them."""
    if not change.private:
        return record.lines
    needed = {w.private for some in writes.values() for w in some}
    return {**record.lines, **{p.digest: p.line for p in change.private if p.line and p.digest in needed}}


def _pruned(writes: tuple[Write, ...], merge: str) -> tuple[Write, ...]:
    """Drop what can never matter again; contested fields keep their history, for values at an earlier base."""
    if merge == SERVER_ORDER:
        return (max(writes, key=lambda w: (w.act.index, w.act.n)),)
    return writes


def put(target: dict[str, Any], name: str, value: Any) -> None:
    """Set what can be read of a field's settled value, or drop the field."""
    if (shown := readable(value)) is None:
        target.pop(name, None)
    else:
        target[name] = shown


def _contest(contests: dict[str, Contest], name: str, settled: Settled, index: int) -> None:
    known = contests.get(name)
    ids = tuple(sorted(w.act.change for w in settled.candidates))
    if known is None or (known.open, known.candidates) != (settled.open, ids):
        contests[name] = Contest(settled.open, ids, index)


def visible(record: Record) -> dict[str, Any]:
    """Return what a reader of the record sees, private fields as the digests of their lines."""
    return {
        "fields": {**record.values, **record.digests},
        "id": record.id,
        "life": record.life,
        "type": record.type,
    }


def after_digest(record: Record, salt: str) -> str:
    """Return the `after` of an entry: SHA-256 of the salted canonical record; salt: the entry's, as text."""
    return lines.digest(lines.encode({**visible(record), "salt": salt}))
