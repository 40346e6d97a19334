"""A whole register as a table to take along: every field that may leave the server, masked as on the page."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext

from schemas.declare import Field, RecordType
from server.console import register_marks
from server.console.pages.registers import Cell, Named
from server.console.pages.reports import DAY, MONEY, TEXT, WHOLE, Table, TableColumn
from server.queries import records
from server.queries.reading import Reading
from server.queries.record_answers import RecordAnswer, answers
from server.queries.record_cells import Known, cell, known, places, title
from server.queries.record_values import fields
from sync.merge import Record

BATCH = 500
KINDS = {"integer": WHOLE, "fen": MONEY, "day": DAY}
BETWEEN = {"zh_CN": "、", "en": ", "}


def register_table(reading: Reading, kind: RecordType, given: Mapping[str, str], rows_max: int) -> Table:
    """Return the records that an address asks for, at most rows_max; raises BadValue or BadCode for its words."""
    wanted = records.asked(kind, {**given, "sort": given.get("sort") or records.NEWEST})
    shown = [field for name, field in fields(kind).items() if name != "stage"]
    rows: list[tuple[Any, ...]] = []
    after = ""
    while len(rows) < rows_max:
        page = records.page(reading, kind, wanted, limit=min(BATCH, rows_max - len(rows)), after=after)
        rows += rows_of(reading, kind, page.records, shown)
        after = page.next
        if not after:
            break
    name = kind.zh if reading.locale == "zh_CN" else kind.en
    return Table(
        name=kind.name, title=name, columns=columns_of(reading, shown), rows=tuple(rows), more=bool(after)
    )


def columns_of(reading: Reading, shown: list[Field]) -> tuple[TableColumn, ...]:
    """Return the heads of a table of records."""
    zh = reading.locale == "zh_CN"
    return (
        TableColumn(name="id", label=gettext("Record id")),
        TableColumn(name="title", label=gettext("Title")),
        TableColumn(name="place", label=gettext("Lies in")),
        TableColumn(name="stage", label=gettext("Stage")),
        *(
            TableColumn(
                name=field.name,
                label=field.zh if zh else field.en,
                kind=TEXT if field.many else KINDS.get(field.kind, TEXT),
            )
            for field in shown
        ),
        TableColumn(name="ledger_index", label=gettext("Last entry"), kind=WHOLE),
        TableColumn(name="changed_at", label=gettext("Changed")),
        TableColumn(name="changed_by", label=gettext("Changed by")),
    )


def rows_of(
    reading: Reading, kind: RecordType, found: tuple[Record, ...], shown: list[Field]
) -> list[tuple[Any, ...]]:
    """Return records of a type as the rows of a table."""
    about = known(reading, [(kind, record) for record in found])
    lying = places(reading, found)
    told = answers(reading, kind, found)
    return [
        _row(reading, kind, record, answer, about, lying, shown)
        for record, answer in zip(found, told, strict=True)
    ]


def _row(
    reading: Reading,
    kind: RecordType,
    record: Record,
    told: RecordAnswer,
    about: Known,
    lying: Mapping[str, Named],
    shown: list[Field],
) -> tuple[Any, ...]:
    place = lying[record.root].words if record.root in lying else ""
    values = (
        _value(
            reading, field, cell(field, told.fields.get(field.name), about, erased=field.name in told.erased)
        )
        for field in shown
    )
    return (
        record.id,
        title(kind, record, reading.locale, place),
        place,
        str(register_marks.stage_mark(kind, record.stage).word) if record.stage else "",
        *values,
        told.changed.index,
        _moment(reading, told.changed.at),
        told.changed.by.name,
    )


def _value(reading: Reading, field: Field, shown: Cell) -> Any:
    if not shown.values:
        return gettext("erased") if shown.erased else None
    if not field.many and field.kind in KINDS:
        return shown.values[0]
    return BETWEEN.get(reading.locale, ", ").join(_words(reading, field, value) for value in shown.values)


def _words(reading: Reading, field: Field, value: Any) -> str:
    if isinstance(value, Named):
        return str(value.words)
    if isinstance(value, datetime):
        return _moment(reading, value)
    if field.parts and isinstance(value, tuple):
        return "; ".join(f"{part.label}: {_parts(reading, part.cell)}" for part in value)
    if field.kind == "position":
        return f"{value['lat_e7'] / 1e7:.5f} {value['lon_e7'] / 1e7:.5f} ± {value['accuracy_m']} m"
    if field.kind == "flag":
        return str(gettext("yes") if value else gettext("no"))
    return str(value)


def _parts(reading: Reading, shown: Cell) -> str:
    return " ".join(
        _moment(reading, each) if isinstance(each, datetime) else getattr(each, "words", str(each))
        for each in shown.values
    )


def _moment(reading: Reading, at: datetime) -> str:
    return at.astimezone(reading.services.config.zone).strftime("%Y-%m-%d %H:%M:%S")
