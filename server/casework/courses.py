"""The course of a record through its stages, step by step: what each step asks for, and what it writes; pure.

Sanctions, appeals, recoveries, interviews, tasks and petitions are each a course: its steps are declared once, and the
desk's forms, the addresses for programs and the drafts for the door follow from them. Who may take a step, the record
type says; what else a step wants, its rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from schemas.declare import Field, RecordType
from schemas.drafting import Draft
from schemas.records import TYPES
from server.reminders.calendar import Calendar
from sync.errors import BadTransition, BadValue, ConflictOpen, VersionChanged
from sync.merge import Record

MACHINE = "machine"
CREATE, EDIT, VOID = "create", "edit", "void"
Words = tuple[str, str]
UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Asked:
    """One thing that a step asks for: a field, or a part of a group.

    wanted: whether it must be given; elsewhere: whether it is for a rule to write, in another record
    """

    field: Field
    group: str = ""
    wanted: bool = False
    elsewhere: bool = False


def no_paper(_record: Record, _values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return nothing: a step without a document."""
    return {}


@dataclass(frozen=True)
class Seen:
    """What a step is judged by besides its record.

    related: records that the record names, by field; new_id: fresh ids; settings: numbers of the installation
    calendar, zone: of the region in which it lies
    paper: returns what a step writes of its document, of (record, values that it writes): its number and digest
    """

    user: str
    today: date
    now_ms: int
    calendar: Calendar
    new_id: Callable[[], str]
    related: Mapping[str, Record] = field(default_factory=dict)
    settings: Mapping[str, int] = field(default_factory=dict)
    zone: ZoneInfo = UTC
    paper: Callable[[Record, Mapping[str, Any]], Mapping[str, Any]] = no_paper


@dataclass(frozen=True)
class More:
    """What a rule adds to a step: values and members, another target or word of decision, changes of other records.

    touched: those other records, as they were seen
    """

    values: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    target: str | None = None
    decides: str | None = None
    drafts: tuple[Draft, ...] = ()
    touched: tuple[Record, ...] = ()


Rule = Callable[["Taking"], More]


def nothing(_: Taking) -> More:
    """Add nothing and refuse nothing."""
    return More()


@dataclass(frozen=True)
class Step:
    """One step: its name in the address, its words (zh, en), and the stages that it leads from and to.

    target: '' where the record stays where it stands; asks, wants: names of fields, the second of those that must be
    given; a group's parts are asked for one by one; also: (type, field) of what a rule writes elsewhere; aside: off the
    way that most records take; decides: the word of the decision that stands beside the step, to
    be signed by whoever has a passkey; says: what the step means, for whoever takes it
    """

    name: str
    words: Words
    source: tuple[str, ...] = ()
    target: str = ""
    asks: tuple[str, ...] = ()
    wants: tuple[str, ...] = ()
    also: tuple[tuple[str, str], ...] = ()
    op: str = EDIT
    aside: bool = False
    decides: str = ""
    rule: Rule = nothing
    says: Words = ("", "")


@dataclass(frozen=True)
class Course:
    """The course of one record type. noun: its word in addresses; begin: how a record comes to be; path: main stages.

    filters: choices by which the list is narrowed; lacks: what stands before a step, as words, {} where nothing does
    """

    kind: str
    noun: str
    begin: Step
    steps: tuple[Step, ...]
    path: tuple[str, ...]
    filters: tuple[str, ...] = ()
    lacks: Callable[[Record, Seen], Mapping[str, tuple[Words, ...]]] = lambda _record, _seen: {}

    @property
    def type(self) -> RecordType:
        """The record type."""
        return TYPES[self.kind]

    @cached_property
    def by_name(self) -> Mapping[str, Step]:
        """Every step by its name, the first one too."""
        return {step.name: step for step in (self.begin, *self.steps)}

    def asked(self, step: Step) -> tuple[Asked, ...]:
        """Return what a step asks for, groups taken apart."""
        found: list[Asked] = []
        for name in step.asks:
            declared = self.type.by_name[name]
            if declared.kind != "group":
                found.append(Asked(declared, wanted=name in step.wants))
                continue
            found += [
                Asked(part, name, wanted=(part.required and name in step.wants) or part.name in step.wants)
                for part in declared.parts
                if part.kind != "id"
            ]
        found += [Asked(TYPES[kind].by_name[name], elsewhere=True) for kind, name in step.also]
        return tuple(found)

    def roles(self, step: Step) -> frozenset[str]:
        """Return the roles that may take a step, as the record type has it; the machine's is left out."""
        kind = self.type
        if step.op == CREATE:
            found = kind.create.roles
        elif step.op == VOID:
            found = kind.void.roles
        elif step.target:
            found = frozenset(
                role
                for edge in kind.edges
                if edge.source in step.source and edge.target == step.target
                for role in edge.right.roles
            )
        else:
            right = kind.by_name[step.asks[0]].right if step.asks else None
            found = (right or kind.edit).roles
        return found - {MACHINE}


@dataclass(frozen=True)
class Taking:
    """A step as somebody takes it: what he gave, and the record as he saw it; None where it comes to be."""

    course: Course
    step: Step
    given: Mapping[str, Any]
    seen: Seen
    record: Record | None = None

    @property
    def values(self) -> Mapping[str, Any]:
        """The record's values as they stand."""
        return self.record.values if self.record is not None else {}

    def after(self, name: str) -> Any:
        """Return a value as it will be: what is given, else what stands."""
        return self.given.get(name, self.values.get(name))

    def day(self, name: str) -> date | None:
        """Return a day that was given, None where it was not."""
        return date.fromisoformat(str(self.given[name])) if name in self.given else None


IN_FUTURE: Words = ("日期不能晚于今天", "the day lies in the future")
BEFORE_IT: Words = ("日期早于上一步", "the day is before the step before it")
NEEDED: Words = ("按所选内容，此项必填", "what was chosen asks for it")


def refuse(why: Words, name: str | None = None, item: str | None = None) -> BadValue:
    """Return the refusal of a value, told in both languages. why: (zh, en)"""
    return BadValue(why[1], field=name, item=item, zh=why[0])


def stands_before(lacks: Iterable[Words], item: str) -> BadTransition:
    """Return the refusal of a step before which something still lacks."""
    some = tuple(lacks)
    return BadTransition(
        "; ".join(en for _, en in some), item=item, field="stage", zh="；".join(zh for zh, _ in some)
    )


@dataclass(frozen=True)
class Decided:
    """What a step writes. record: its id; expect: {record: version} of all that it stands on"""

    record: str
    drafts: tuple[Draft, ...]
    expect: Mapping[str, int]


def decide(taking: Taking, *, version: int | None = None) -> Decided:
    """Return what a step writes.

    version: of the record that was looked at
    Raises VersionChanged, ConflictOpen, BadTransition, BadValue, and what the step's rule raises.
    """
    course, step, record = taking.course, taking.step, taking.record
    if step.op != CREATE:
        assert record is not None, "a step that is not the first has a record"
        _check_record(step, record, version)
        if lacks := course.lacks(record, taking.seen).get(step.name, ()):
            raise stands_before(lacks, record.id)
    _check_given(taking)
    more = step.rule(taking)
    key = record.id if record is not None else taking.seen.new_id()
    expect = {one.id: one.version for one in (record, *more.touched) if one is not None}
    return Decided(key, (*_decision(taking, key, more), _draft(taking, key, more), *more.drafts), expect)


def record_of(taking: Taking) -> Record:
    """Return the record of a step that is not the first."""
    assert taking.record is not None, "a step that is not the first has a record"
    return taking.record


def not_later(taking: Taking, name: str, *after: str) -> None:
    """Raise BadValue for a day that is to come, or before one of some earlier steps."""
    day = taking.day(name)
    if day is None:
        return
    if day > taking.seen.today:
        raise refuse(IN_FUTURE, name)
    for earlier in after:
        known = taking.values.get(earlier)
        if known and day < date.fromisoformat(str(known)):
            raise refuse(BEFORE_IT, name)


def check_needs(taking: Taking) -> None:
    """Raise BadValue where one thing that was given asks for another that was not, by that one's name."""
    given = {name: value for name, value in taking.given.items() if value not in (None, "", [], ())}
    for need in taking.course.type.needs:
        if (absent := need.missing(given)) is not None:
            raise refuse(NEEDED, absent)


def _check_record(step: Step, record: Record, version: int | None) -> None:
    if version is not None and record.version != version:
        raise VersionChanged(item=record.id, version=record.version)
    if record.open_conflicts:
        raise ConflictOpen(item=record.id, field=record.open_conflicts[0])
    if record.stage not in step.source:
        raise BadTransition(f"it stands at {record.stage}", item=record.id, field="stage")


def _check_given(taking: Taking) -> None:
    asked = {one.field.name: one for one in taking.course.asked(taking.step)}
    for name in taking.given:
        if name not in asked:
            raise BadValue("this step does not ask for it", field=name)
    for name, one in asked.items():
        if one.wanted and taking.given.get(name) in (None, "", [], ()):
            raise refuse(("此项必填", "this must be given"), name)


def _draft(taking: Taking, key: str, more: More) -> Draft:
    step, course = taking.step, taking.course
    if step.op == VOID:
        return Draft("void", course.kind, key)
    values: dict[str, Any] = {}
    add: dict[str, list[Any]] = {name: list(members) for name, members in more.add.items()}
    remove: dict[str, list[Any]] = {}
    groups: dict[str, dict[str, Any]] = {}
    for one in course.asked(step):
        value = taking.given.get(one.field.name)
        if value is None or one.elsewhere or one.field.name in more.values:
            continue
        if one.group:
            groups.setdefault(one.group, {})[one.field.name] = value
        elif one.field.many:
            stands = list(taking.values.get(one.field.name) or ())
            add.setdefault(one.field.name, [member for member in value if member not in stands])
            remove[one.field.name] = [member for member in stands if member not in value]
        else:
            values[one.field.name] = value
    for name, members in groups.items():
        if course.type.by_name[name].many:
            add.setdefault(name, [members])
        else:
            values[name] = members
    values |= {name: value for name, value in more.values.items() if value is not None}
    target = step.target if more.target is None else more.target
    if target and step.op == EDIT:
        values["stage"] = {"from": taking.record.stage if taking.record else "", "to": target}
    return Draft(step.op, course.kind, key, values, add=add, remove=remove)


def _decision(taking: Taking, key: str, more: More) -> tuple[Draft, ...]:
    """Return the decision beside a step that is one: it names the version that was decided on."""
    word = more.decides or taking.step.decides
    if not word or taking.record is None:
        return ()
    about = {"about": key, "about_version": taking.record.version, "act": word}
    return (Draft("create", "decision", taking.seen.new_id(), about),)
