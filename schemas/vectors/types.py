"""Change-sets for every record type, derived from its declaration: a new type gets its own by being there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.declare import Field, RecordType
from schemas.drafting import Draft
from schemas.records import RULES, TYPES
from schemas.vectors.book import OMNI, Book, Phone
from schemas.vectors.fixed import public
from schemas.vectors.samples import fill, parents, wrong
from schemas.vectors.telling import Case
from sync import changes
from sync.changes import Change
from sync.rules import ALIAS, PHONE_ROLES


def make() -> list[Case]:
    """Return one case a record type."""
    return [_case(kind) for _, kind in sorted(TYPES.items())]


def _case(kind: RecordType) -> Case:
    book = Book(f"type {kind.name}")
    known = found(book, kind)
    phone = Phone(kind.name)
    book.pull(phone)
    before = len(book.steps)
    _create(book, kind, known, phone)
    _steps(book, kind, phone)
    book.push(phone, *_faulty(book, kind, known, phone))
    _at_desk(book, kind, known)
    return {
        "name": kind.name,
        "device_key": public(f"device {phone.name}").hex(),
        "before": book.steps[:before],
        "steps": book.steps[before:],
    }


# -- what must be there first ------------------------------------------------------------------------


def found(book: Book, kind: RecordType) -> dict[str, str]:
    """Make a record of every type that this one refers to, and return {type: id}."""
    known: dict[str, str] = {}
    for name in parents(kind, needed=False):
        _make(book, TYPES[name], known)
    return known


def _make(book: Book, kind: RecordType, known: dict[str, str]) -> None:
    if kind.name in known:
        return
    for name in parents(kind, needed=True):
        _make(book, TYPES[name], known)
    record = book.id()
    by = "machine" if "machine" in kind.create.roles else OMNI
    plain, sets = fill(book, kind, known, lambda field: field.required or _is_needed(kind, field))
    (outcome,) = book.act(by, Draft("create", kind.name, record, plain, add=sets))
    assert outcome.in_force, (kind.name, outcome)
    known[kind.name] = record


def _is_needed(kind: RecordType, field: Field) -> bool:
    """Return whether a create needs a field because of the sample that another one has."""
    samples = {one.name: next(iter(one.choices), None) for one in kind.fields if one.required}
    return any(field.name in need.names and samples.get(need.name) in need.words for need in kind.needs)


# -- what a phone sends --------------------------------------------------------------------------------


def _create(book: Book, kind: RecordType, known: Mapping[str, str], phone: Phone) -> None:
    """Push a record with every field that a phone may set, the same change again, and a second create of it."""
    draft = _whole(book, kind, known, PHONE_ROLES)
    first = book.item(draft, phone)
    book.push(phone, first, first, draft)


def _whole(book: Book, kind: RecordType, known: Mapping[str, str], roles: frozenset[str]) -> Draft:
    """Return the create of a record with every field that these roles may set, where they may create at all."""
    may = bool(kind.create.roles & roles)

    def wanted(field: Field) -> bool:
        if field.name == ALIAS:
            return False
        return field.required or _is_needed(kind, field) or bool(may and kind.at_create(field.name) & roles)

    plain, sets = fill(book, kind, known, wanted)
    return Draft("create", kind.name, book.id(), plain, add=sets)


def _steps(book: Book, kind: RecordType, phone: Phone) -> None:
    """Push a step that leads from the first stage, and one that no edge allows, where a record stands."""
    record = next((one for one in book.records.values() if one.created_device == phone.id), None)
    if record is None or not kind.stages:
        return
    first = kind.stages[0].name
    legal = [
        edge for edge in RULES[kind.name].edges if edge.source == first and edge.right.roles & PHONE_ROLES
    ]
    targets = [*(edge.target for edge in legal[:1]), first]
    base = book.base(record.id)
    steps = [{"stage": {"from": first, "to": target}} for target in targets]
    book.push(phone, *(Draft("edit", kind.name, record.id, step, base=base) for step in steps))


def _faulty(book: Book, kind: RecordType, known: Mapping[str, str], phone: Phone) -> list[Any]:
    """Return changes of which each has one fault: a wrong value in each field, a create that lacks what it needs."""
    drafts = []
    for field in kind.by_name.values():
        if field.name == ALIAS:
            continue
        value = wrong(field)
        given = {"add": {field.name: [value]}} if field.many else {"values": {field.name: value}}
        drafts.append(Draft("edit", kind.name, book.id(), **given))
    plain, sets = fill(book, kind, known, lambda field: field.required or _is_needed(kind, field))
    for name in kind.required:
        rest = {other: one for other, one in plain.items() if other != name}
        more = {other: one for other, one in sets.items() if other != name}
        drafts.append(Draft("create", kind.name, book.id(), rest, add=more))
    sound = Draft("create", kind.name, book.id(), plain, add=sets)
    return [*(book.item(draft, phone) for draft in drafts), _stranger(book, sound, phone)]


def _stranger(book: Book, sound: Draft, phone: Phone) -> tuple[bytes, tuple[bytes, ...]]:
    """Return a create with a field that no type has, which nobody could draft."""
    change = Change(
        book.id(), "create", sound.type, book.id(), None, book.at(phone), set={"no_such_field": 1}
    )
    return changes.change_line(change, book.chance(16)), ()


# -- what the desk or the machine writes ----------------------------------------------------------------


def _at_desk(book: Book, kind: RecordType, known: Mapping[str, str]) -> None:
    """Make a record with every field that whoever may create it may set, if anybody may."""
    if not kind.create.roles:
        return
    by = "machine" if "machine" in kind.create.roles else OMNI
    roles = frozenset({"machine"}) if by == "machine" else kind.create.roles
    (outcome,) = book.act(by, _whole(book, kind, known, roles))
    assert outcome.in_force, (kind.name, outcome)
