"""The registers: a list of them all, and each as a table with filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from schemas import describe
from schemas.declare import Field, RecordType
from schemas.records import TYPES
from server.console import register_marks
from server.console.pages.registers import (
    Choice,
    Column,
    Deed,
    Named,
    Register,
    RegisterPage,
    RegisterRow,
    RegistersPage,
    StageChip,
)
from server.queries import records
from server.queries.narrowing import region_choices
from server.queries.reading import PAGE_SIZE, Reading
from server.queries.record_answers import RecordAnswer, Trace, answers
from server.queries.record_cells import Known, cell, known, names, places, title, title_field
from server.queries.records import COUNT_MAX, LAST_CHANGED, NEWEST, Asked
from sync.merge import LIVE, VOIDED, Record

COLUMNS = 5
"""Columns besides the title, the stage and the last change: what fits on a screen of 1280 px."""
CONFLICTS, SHOWN = "conflicts", "shown"
WORDS = ("stage", "region", "conflicts", "life", "root", "parent", "sort")
"""What a register is asked by in its address, besides the place in the list."""


def registers_page(reading: Reading, api: str) -> RegistersPage:
    """Return every register with how many records of it this reader may see. api: an address to name."""
    counted = records.count_by_type(reading)
    ordered = sorted(records.kinds(), key=lambda kind: (_depth(kind), kind.name))
    found = [_register(kind, counted[kind.name], reading.locale) for kind in ordered]
    return RegistersPage(
        filled=tuple(each for each in found if each.count),
        empty=tuple(each for each in found if not each.count),
        api=api,
    )


def _depth(kind: RecordType) -> int:
    """Return how deep records of a type lie: what stands alone comes first, what may lie in anything last."""
    if kind.scope == "self":
        return 0
    within = TYPES.get(kind.by_name[kind.scope].ref or "")
    return 1 + _depth(within) if within is not None and within is not kind else len(TYPES)


def _register(kind: RecordType, count: int, locale: str) -> Register:
    name = kind.zh if locale == "zh_CN" else kind.en
    return Register(kind=kind.name, name=name, count=count, more=count >= COUNT_MAX)


def register_page(reading: Reading, kind: RecordType, given: Mapping[str, str]) -> RegisterPage:
    """Return one page of a register by the words of its address; raises BadValue or BadCode."""
    words = {name: given[name] for name in WORDS if given.get(name)}
    wanted = records.asked(kind, {**words, "sort": words.get("sort") or NEWEST})
    found = records.page(
        reading,
        kind,
        wanted,
        limit=PAGE_SIZE,
        after=given.get("after", ""),
        before=given.get("before", ""),
    )
    chips, total = _chips(reading, kind, wanted, words)
    columns = _columns(kind)
    within = wanted.parent or wanted.root
    locale = reading.locale
    return RegisterPage(
        kind=kind.name,
        name=kind.zh if locale == "zh_CN" else kind.en,
        lead=_lead(kind, locale),
        columns=tuple(
            Column(label=field.zh if locale == "zh_CN" else field.en, number=field.kind in ("integer", "fen"))
            for field in columns
        ),
        staged=bool(kind.stages),
        rows=_rows(reading, kind, found.records, columns),
        chips=chips,
        regions=region_choices(reading, wanted.region),
        sorts=tuple(
            Choice(value=sort, words=str(register_marks.SORTS[sort].word), active=sort == wanted.sort)
            for sort in (NEWEST, LAST_CHANGED)
        ),
        query=words,
        total=total,
        more=total >= COUNT_MAX,
        next={**words, "after": found.next} if found.next else {},
        previous={**words, "before": found.previous} if found.previous else {},
        within=names(reading, [within])[within] if within else None,
    )


def _columns(kind: RecordType) -> tuple[Field, ...]:
    """Return the fields that stand in a table beside the title, the stage and the last change."""
    titles = title_field(kind)
    found = [kind.by_name[column.name] for column in describe.columns(kind) if column.name != "stage"]
    return tuple([field for field in found if field is not titles][:COLUMNS])


def _lead(kind: RecordType, locale: str) -> str:
    """Return the head of the titles: what the field is called that gives them, else where the records lie."""
    about = title_field(kind) or (TYPES["institution"] if kind.scope != "self" else kind)
    return about.zh if locale == "zh_CN" else about.en


def _rows(
    reading: Reading, kind: RecordType, found: tuple[Record, ...], columns: tuple[Field, ...]
) -> tuple[RegisterRow, ...]:
    about = known(reading, [(kind, record) for record in found])
    lying = places(reading, found)
    rows = zip(found, answers(reading, kind, found), strict=True)
    return tuple(_row(kind, record, told, about, columns, lying) for record, told in rows)


def _row(
    kind: RecordType,
    record: Record,
    told: RecordAnswer,
    about: Known,
    columns: Sequence[Field],
    lying: Mapping[str, Named],
) -> RegisterRow:
    place = lying[record.root].words if record.root in lying else ""
    name = title(kind, record, about.locale, place)
    return RegisterRow(
        id=record.id,
        title=name,
        place=place if place != name else "",
        stage=register_marks.stage_mark(kind, record.stage) if record.stage else None,
        cells=tuple(
            cell(field, told.fields.get(field.name), about, erased=field.name in told.erased)
            for field in columns
        ),
        changed=deed(told.changed),
        conflict=bool(record.open_conflicts) or record.life not in (LIVE, VOIDED),
        voided=record.life == VOIDED,
    )


def deed(trace: Trace) -> Deed:
    """Return an entry as a page names it."""
    return Deed(index=trace.index, at=trace.at, by=trace.by.name)


def _chips(
    reading: Reading, kind: RecordType, wanted: Asked, words: Mapping[str, str]
) -> tuple[tuple[StageChip, ...], int]:
    """Return the filters with how many records each would show, and how many are shown; empty ones left out."""
    stages = register_marks.stages_of(kind)
    bare = replace(wanted, stage="", conflicts=False, voided=False)
    asked = {name: replace(bare, stage=name) for name in ("", *stages)}
    asked |= {CONFLICTS: replace(bare, conflicts=True), VOIDED: replace(bare, voided=True)}
    every = {name: records.matching(reading, kind, each) for name, each in {**asked, SHOWN: wanted}.items()}
    counted = records.counts(reading, every)
    rest = {name: value for name, value in words.items() if name not in ("stage", "conflicts", "life")}
    ways = {"": {}, CONFLICTS: {"conflicts": records.OPEN}, VOIDED: {"life": VOIDED}}
    chips = tuple(
        StageChip(
            shown=register_marks.FILTERS.get(name) or register_marks.stage_mark(kind, name),
            count=counted[name],
            more=counted[name] >= COUNT_MAX,
            active=each == wanted,
            query={**rest, **ways.get(name, {"stage": name})},
        )
        for name, each in asked.items()
        if counted[name] or not name or each == wanted
    )
    return chips, counted[SHOWN]
