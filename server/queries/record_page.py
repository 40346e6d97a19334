"""One record of any type by all its fields, with what stands against what and everything that happened to it."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy import func

from schemas import regions
from schemas.declare import RecordType
from server.access import scope
from server.console import register_marks
from server.console.pages.registers import Cell, Deed, Entry, Line, RecordPage, Register, Rival, Rivalry
from server.queries import records
from server.queries.reading import TABLE, Reading
from server.queries.record_answers import OpenConflict, RecordAnswer, answer, parent_of
from server.queries.record_cells import Known, cell, known, places, title
from server.queries.record_history import Happened, Written, newest
from server.queries.record_values import fields
from server.queries.registers import deed
from sync.merge import VOIDED, Record

ENTRIES = 20
SHORT = ("choice", "code", "day", "instant", "integer", "fen", "flag")
"""Kinds whose values say something in a line of the history."""


def record_page(reading: Reading, kind: RecordType, record: str, *, api: str = "") -> RecordPage:
    """Return one record by all its fields; raises NotFound. api: its address for programs."""
    found = records.one(reading, kind, record)
    told = answer(reading, kind, found)
    parent, place = parent_of(kind, found), places(reading, [found]).get(found.root)
    about = known(reading, [(kind, found)], also=[parent] if parent else ())
    lines = _lines(kind, told, about)
    happened, earlier = newest(reading, kind, found, limit=ENTRIES)
    zh = reading.locale == "zh_CN"
    return RecordPage(
        kind=kind.name,
        name=kind.zh if zh else kind.en,
        id=record,
        title=title(kind, found, reading.locale),
        stage=register_marks.stage_mark(kind, found.stage) if found.stage else None,
        life=found.life,
        version=found.version,
        region=regions.name(found.region, reading.locale) if found.region else "",
        lines=tuple(line for line in lines if line.cell.values or line.cell.erased),
        unwritten=tuple(line for line in lines if not line.cell.values and not line.cell.erased),
        created=deed(told.created),
        changed=deed(told.changed),
        place=place,
        parent=about.named.get(parent) if parent else None,
        rivalries=tuple(_rivalry(kind, each, about) for each in told.conflicts or ()),
        inside=_inside(reading, record),
        entries=tuple(entry_of(kind, each, about) for each in happened),
        earlier=earlier,
        special=register_marks.OWN_PAGES.get(kind.name, "") if found.life != VOIDED else "",
        api=api,
    )


def lines_of(reading: Reading, kind: RecordType, record: Record) -> tuple[Line, ...]:
    """Return the fields of a record that have a value, or had one that was erased."""
    lines = _lines(kind, answer(reading, kind, record), known(reading, [(kind, record)]))
    return tuple(line for line in lines if line.cell.values or line.cell.erased)


def _lines(kind: RecordType, told: RecordAnswer, about: Known) -> list[Line]:
    written = told.written or {}
    return [
        Line(
            name=name,
            label=about.label(field.zh, field.en),
            cell=cell(field, told.fields.get(name, field.default), about, erased=name in told.erased),
            written=deed(written[name]) if name in written else None,
            contested=name in told.open_conflicts,
            masked=field.masked is not None,
        )
        for name, field in fields(kind).items()
        if name != "stage"
    ]


def _rivalry(kind: RecordType, conflict: OpenConflict, about: Known) -> Rivalry:
    field = kind.by_name[conflict.field]
    return Rivalry(
        label=about.label(field.zh, field.en),
        rivals=tuple(
            Rival(
                cell=cell(field, each.value, about, erased=each.erased)
                if each.value is not None or each.erased
                else None,
                deed=deed(each.written) if each.written else None,
            )
            for each in conflict.candidates
        ),
    )


def _inside(reading: Reading, record: str) -> tuple[Register, ...]:
    """Return the registers of what lies in a record, as far as this reader may see it."""
    types = {kind.name: kind for kind in records.kinds()}
    reached = scope.reached(reading.connection, reading.services.ledger.id, reading.user, *types)
    within = reached.where(TABLE.c.parent == record, TABLE.c.life != VOIDED)
    counted = within.with_only_columns(TABLE.c.type, func.count(), maintain_column_froms=True)
    found: Mapping[str, int] = dict(reading.connection.execute(counted.group_by(TABLE.c.type)).all())
    zh = reading.locale == "zh_CN"
    return tuple(
        Register(kind=name, name=types[name].zh if zh else types[name].en, count=number)
        for name, number in sorted(found.items())
    )


def entry_of(kind: RecordType, happened: Happened, about: Known) -> Entry:
    """Return an entry of the ledger as a record's page tells it."""
    return Entry(
        deed=Deed(index=happened.index, at=happened.at, by=happened.by.name),
        kind=happened.kind,
        op=happened.op or "",
        verdict=happened.verdict,
        lines=tuple(_wrote(kind, name, each, about) for name, each in happened.fields.items()),
        code=happened.code or "",
    )


def _wrote(kind: RecordType, name: str, written: Written, about: Known) -> Line:
    """Return what an entry wrote to a field: its value where that is short, else only that it did."""
    field = kind.by_name.get(name)
    if field is None:
        return Line(name=name, label=name, cell=Cell(kind="text"))
    value = written.set if written.set is not None else list(written.add) or None
    short = cell(field, value, about) if field.kind in SHORT else Cell(kind=field.kind)
    return Line(name=name, label=about.label(field.zh, field.en), cell=short)
