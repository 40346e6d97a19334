"""Values of any record as a page shows them, and every record's title: all of it read off the declaration."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas import describe, regions
from schemas.declare import Field, RecordType
from schemas.records import RULES, TYPES
from server.access import scope
from server.console import formats
from server.console.marks import FIELDS, RECORD_TYPES, mark
from server.console.pages import Officer
from server.console.pages.registers import Cell, Line, Named
from server.queries import people
from server.queries.reading import TABLE, Reading, moment
from server.queries.record_values import fields, parts, shown_value
from server.queries.records import kinds
from server.storage.ledger_store import PAGE
from sync.merge import Record

TITLE_CHARS_MAX = 120
"""A text of at most this length that every record of a type has is its name."""
TELLING = ("code", "choice")
"""Kinds of value by which people tell records apart; a number or a day says nothing without its head."""
NAMING = {"record_type": RECORD_TYPES, "field": FIELDS}
"""Fields whose codes name parts of the declarations, as those of a conflict do."""


@dataclass(frozen=True)
class Known:
    """What the cells of some records need to know of others."""

    locale: str
    named: Mapping[str, Named]

    def label(self, zh: str, en: str) -> str:
        """Return one of two words in the reader's language."""
        return zh if self.locale == "zh_CN" else en


def known(reading: Reading, records: Sequence[tuple[RecordType, Record]], also: Iterable[str] = ()) -> Known:
    """Return what the cells of these records need, however many in the same few queries. also: more ids to name."""
    users: set[str] = set()
    others: set[str] = {each for each in also if each}
    for kind, record in records:
        for field in fields(kind).values():
            if field.kind == "id" or field.parts:
                (users if field.ref == "user" else others).update(_ids(field, record.values.get(field.name)))
    people_there = people.officers(reading, users)
    found = {user: Named(words=_whom(user, people_there[user]), id=user) for user in users}
    return Known(reading.locale, found | names(reading, others - set(found)))


def _whom(user: str, officer: Officer) -> str:
    return officer.name if officer is not people.NOBODY else _short(user)


def _ids(field: Field, value: Any) -> set[str]:
    if value is None:
        return set()
    if isinstance(value, list):
        return {each for member in value for each in _ids(field, member)}
    if field.parts:
        return {
            each for part in field.parts if part.kind == "id" for each in _ids(part, value.get(part.name))
        }
    return {str(value)}


def names(reading: Reading, ids: Iterable[str]) -> dict[str, Named]:
    """Return records by their titles, with a link where this reader may see them and their short id where not."""
    wanted = sorted(set(ids))
    found = {each: Named(words=_short(each), id=each) for each in wanted}
    types = [kind.name for kind in kinds()]
    for at in range(0, len(wanted), PAGE):
        reached = scope.reached(reading.connection, reading.services.ledger.id, reading.user, *types)
        for record in reading.records(reached.where(TABLE.c.id.in_(wanted[at : at + PAGE]))):
            words = title(TYPES[record.type], record, reading.locale)
            found[record.id] = Named(words=words, id=record.id, kind=record.type)
    return found


def _short(key: str) -> str:
    return f"…{key[-8:]}" if len(key) > 12 else key


# -- titles ---------------------------------------------------------------------------------------------


def title(kind: RecordType, record: Record, locale: str, place: str = "") -> str:
    """Return what a record is called: its name or what tells it apart, else where it lies, else its type and day.

    place: where it lies, if that is known
    """
    field = title_field(kind)
    value = record.values.get(field.name) if field else None
    if field and value is not None:
        shown = cell(field, shown_value(field, value), Known(locale, {}))
        return " ".join(str(each) for each in shown.values)
    if place:
        return place
    days = [record.values.get(f.name) for f in kind.fields if f.kind == "day" and f.required]
    last = formats.day(date.fromisoformat(str(days[0])), locale) if days and days[0] else _short(record.id)
    return f"{kind.zh if locale == 'zh_CN' else kind.en} {last}"


def title_field(kind: RecordType) -> Field | None:
    """Return the field that gives records of a type their title: a name, the natural key, or a word they all have."""
    for field in kind.fields:
        if field.required and field.kind == "text" and (field.chars_max or 0) <= TITLE_CHARS_MAX:
            return field
    if kind.natural_key:
        return kind.by_name[kind.natural_key]
    columns = [kind.by_name[column.name] for column in describe.columns(kind)]
    return next((f for f in columns if f.required and f.kind in TELLING and not f.many), None)


def place_ids(records: Iterable[Record]) -> set[str]:
    """Return the roots in which records lie, or which share the place of another record themselves."""
    return {r.root for r in records if r.root != r.id or RULES[r.type].region_from}


def places(reading: Reading, records: Sequence[Record]) -> dict[str, Named]:
    """Return, by root, where records lie: the institution that the root is about, or the root itself."""
    roots = reading.named(place_ids(records))
    about = {root: _about(record) for root, record in roots.items()}
    found = names(reading, about.values())
    return {root: found[record] for root, record in about.items()}


def _about(root: Record) -> str:
    shared = RULES[root.type].region_from
    return str(root.values.get(shared) or root.id) if shared else root.id


# -- cells ----------------------------------------------------------------------------------------------


def cell(field: Field, value: Any, known: Known, *, erased: bool = False) -> Cell:
    """Return a field's value, masked already, as a page shows it. erased: whether something of it is gone"""
    if value is None:
        return Cell(kind=field.kind, erased=erased)
    members = value if isinstance(value, list) else [value]
    return Cell(
        kind=field.kind,
        values=tuple(_value(field, member, known) for member in members),
        unit=field.unit or "",
        erased=erased,
    )


def _value(field: Field, value: Any, known: Known) -> Any:
    if field.parts:
        return tuple(
            Line(
                name=part.name, label=known.label(part.zh, part.en), cell=cell(part, value[part.name], known)
            )
            for part in parts(field)
            if part.name in value
        )
    if isinstance(value, str) and value in field.choices:
        return known.label(*field.choices[value])
    if field.kind == "id":
        return known.named.get(value) or Named(words=_short(value), id=value)
    if field.kind == "day":
        return date.fromisoformat(value)
    if field.kind == "instant":
        return moment(value)
    if field.name in NAMING:
        return str(mark(value, NAMING[field.name]).word)
    if field.kind == "code" and field.form == "region":
        return regions.name(value, known.locale)
    return value
