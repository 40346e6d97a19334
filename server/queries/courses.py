"""Records that take their course by steps: the list, one record with its steps, the first form, a case's panel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Select

from schemas import describe
from schemas.declare import Field
from server.access import scope
from server.casework import stepping
from server.casework.courses import Course, Step, Words
from server.console import marks, register_marks
from server.console.pages import Chip, Paging
from server.console.pages.courses import (
    BeginPage,
    CourseFilter,
    CoursePage,
    CoursePanel,
    CourseRow,
    CoursesPage,
    PanelRow,
    StepForm,
)
from server.console.pages.registers import Choice, Column, Named
from server.queries import course_extras, decision_paper, record_history
from server.queries.course_forms import form_fields
from server.queries.handed_files import files_of
from server.queries.narrowing import in_region, region_choices, region_of
from server.queries.reading import PAGE_SIZE, TABLE, Reading
from server.queries.record_answers import answers
from server.queries.record_cells import cell, known, names, places, title
from server.queries.record_page import ENTRIES, entry_of, lines_of
from sync.errors import BadValue
from sync.merge import Record

COLUMNS = 5
PANEL_ROWS = 20
QUOTED = '"{name}":"{value}"'


def narrowed(reading: Reading, course: Course, given: Mapping[str, str]) -> Select[Any]:
    """Return a select over the records of a course as an address narrows them, its stage left out.

    Raises BadValue or BadCode for a word that cannot be.
    """
    statement = in_region(reading.visible(course.kind), region_of(given))
    for name in course.filters:
        value = given.get(name, "")
        if not value:
            continue
        if value not in course.type.by_name[name].choices:
            raise BadValue("there is no such word to narrow by", field=name)
        # A choice is public: its value stands in the state as it is declared.
        statement = statement.where(
            TABLE.c.state.contains(QUOTED.format(name=name, value=value), autoescape=True)
        )
    if given.get("case"):
        statement = _of_case(course, statement, reading.one("rectification_case", given["case"]))
    return course_extras.narrowed(reading, course, statement, given)


def _of_case(course: Course, statement: Select[Any], case: Record) -> Select[Any]:
    """Return the select with what a case has alone: what lies in it, or what lies at its institution and names it."""
    if course.type.scope in ("case", "about"):
        return statement.where(TABLE.c.parent == case.id)
    named = TABLE.c.state.contains(QUOTED.format(name="case", value=case.id), autoescape=True)
    return statement.where(TABLE.c.parent == case.values["institution"], named)


def at_stage(course: Course, statement: Select[Any], stage: str) -> Select[Any]:
    """Return the select with what stands at a stage alone; raises BadValue. '' leaves it as it is."""
    if not stage:
        return statement
    if stage not in register_marks.stages_of(course.type):
        raise BadValue("there is no such stage", field="state")
    return statement.where(TABLE.c.stage == stage)


def courses_page(reading: Reading, course: Course, given: Mapping[str, str], *, page: int = 1) -> CoursesPage:
    """Return the records of a course, what moved last first; raises BadValue or BadCode."""
    stage = given.get("state", "")
    every = narrowed(reading, course, given)
    counts = reading.by_stage(every)
    shown = at_stage(course, every, stage)
    ordered = shown.order_by(*course_extras.order(reading, course))
    found = reading.records(ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    stages = [name for name in register_marks.stages_of(course.type) if counts.get(name) or name == stage]
    chips = (
        Chip(value="", count=sum(counts.values()), active=not stage),
        *(Chip(value=name, count=counts.get(name, 0), active=name == stage) for name in stages),
    )
    heads, totals = course_extras.totals(reading, course, every)
    zh = reading.locale == "zh_CN"
    return CoursesPage(
        noun=course.noun,
        kind=course.kind,
        name=course.type.zh if zh else course.type.en,
        chips=chips,
        stage_marks={name: register_marks.stage_mark(course.type, name) for name in stages},
        columns=tuple(
            Column(label=field.zh if zh else field.en, number=field.kind in ("integer", "fen"))
            for field in columns(course)
        ),
        rows=course_rows(reading, course, found),
        paging=Paging(
            total=counts.get(stage, 0) if stage else sum(counts.values()), page=page, size=PAGE_SIZE
        ),
        filters=tuple(_filter(course, name, given, zh=zh) for name in course.filters),
        regions=region_choices(reading, region_of(given)),
        query={
            name: given[name]
            for name in ("region", "case", *course_extras.WORDS, *course.filters)
            if given.get(name)
        },
        begins=word(reading, course.begin.words) if by_hand(reading, course) else "",
        total_heads=heads,
        totals=totals,
        empty=word(reading, course_extras.EMPTY[course.noun]),
    )


def _filter(course: Course, name: str, given: Mapping[str, str], *, zh: bool) -> CourseFilter:
    field = course.type.by_name[name]
    return CourseFilter(
        name=name,
        label=field.zh if zh else field.en,
        choices=tuple(
            Choice(value=value, words=words[0] if zh else words[1], active=given.get(name) == value)
            for value, words in field.choices.items()
        ),
    )


def columns(course: Course) -> tuple[Field, ...]:
    """Return the fields that stand in a list beside the institution and the stage."""
    names = course_extras.COLUMNS.get(course.noun) or tuple(one.name for one in describe.columns(course.type))
    return tuple([course.type.by_name[name] for name in names if name != "stage"][:COLUMNS])


def course_rows(reading: Reading, course: Course, records: Sequence[Record]) -> tuple[CourseRow, ...]:
    """Return records of a course as rows, however many in the same few queries."""
    kind = course.type
    about = known(reading, [(kind, record) for record in records])
    houses = institutions(reading, records)
    told = answers(reading, kind, records)
    return tuple(
        CourseRow(
            id=record.id,
            title=houses[record.id].words if record.id in houses else title(kind, record, reading.locale),
            stage=register_marks.stage_mark(kind, str(record.stage)),
            cells=tuple(
                cell(field, answer.fields.get(field.name), about, erased=field.name in answer.erased)
                for field in columns(course)
            ),
            marks=course_extras.marks_of(reading, course, record),
        )
        for record, answer in zip(records, told, strict=True)
    )


def institutions(reading: Reading, records: Sequence[Record]) -> dict[str, Named]:
    """Return what institution each record is about, by the record's id."""
    own = {one.id: str(one.values["institution"]) for one in records if one.values.get("institution")}
    found = names(reading, own.values())
    lying = places(reading, [one for one in records if one.id not in own and one.root != one.id])
    named = {key: found[place] for key, place in own.items()}
    return named | {one.id: lying[one.root] for one in records if one.id not in named and one.root in lying}


def course_page(
    reading: Reading,
    course: Course,
    record: str,
    *,
    typed: Mapping[str, Mapping[str, str]] | None = None,
    fault: tuple[str, str, str] = ("", "", ""),
) -> CoursePage:
    """Return one record with its steps; raises NotFound or Recused.

    typed: by step, what was typed into its form; fault: (step, field, words) of what does not fit
    """
    found = reading.one(course.kind, record)
    kind = course.type
    stages = register_marks.stages_of(kind)
    at = course.path.index(str(found.stage)) if found.stage in course.path else -1
    happened, _ = record_history.newest(reading, kind, found, limit=ENTRIES)
    about = known(reading, [(kind, found)])
    zh = reading.locale == "zh_CN"
    house = institutions(reading, [found]).get(found.id)
    return CoursePage(
        noun=course.noun,
        kind=course.kind,
        name=kind.zh if zh else kind.en,
        id=record,
        version=found.version,
        title=house.words if house else title(kind, found, reading.locale),
        stage=register_marks.stage_mark(kind, str(found.stage)),
        path=tuple(
            (
                stages[name][0 if zh else 1],
                "passed" if number < at else "now" if number == at else "ahead",
            )
            for number, name in enumerate(course.path)
        ),
        steps=step_forms(reading, course, found, typed or {}, fault),
        lines=lines_of(reading, kind, found),
        entries=tuple(entry_of(kind, each, about) for each in happened),
        place=house,
        marks=course_extras.marks_of(reading, course, found),
        links=course_extras.links(reading, course, found),
        files=files_of([found]),
        decision=decision_paper.part_of(reading, found) if course.noun == "sanctions" else None,
    )


def step_forms(
    reading: Reading,
    course: Course,
    record: Record,
    typed: Mapping[str, Mapping[str, str]],
    fault: tuple[str, str, str] = ("", "", ""),
) -> tuple[StepForm, ...]:
    """Return the steps of a record: which are open, what lacks before each, and who may take it."""
    related = stepping.related_of(reading.connection, reading.vault, course, record)
    judged = stepping.seen(reading.services, reading.connection, reading.user, related, record.region)
    lacks = course.lacks(record, judged)
    roles = reading.roles_over(record)
    return tuple(
        _step_form(
            reading, course, step, record, roles, lacks.get(step.name, ()), typed.get(step.name), fault
        )
        for step in course.steps
    )


def _step_form(
    reading: Reading,
    course: Course,
    step: Step,
    record: Record,
    roles: frozenset[str],
    lacks: tuple[Words, ...],
    typed: Mapping[str, str] | None,
    fault: tuple[str, str, str],
) -> StepForm:
    here = record.stage in step.source
    may = here and not lacks and bool(roles & course.roles(step))
    wrong = fault if fault[0] == step.name else ("", "", "")
    return StepForm(
        name=step.name,
        words=word(reading, step.words),
        state=_state(course, step, record, bool(lacks)),
        says=word(reading, step.says),
        lacks=tuple(word(reading, each) for each in lacks) if here else (),
        roles=role_words(course, step),
        may=may,
        fields=form_fields(reading, course, step, typed or {}, record, wrong[1:]) if may else (),
        failed=wrong[2],
        side=step.aside,
    )


def _state(course: Course, step: Step, record: Record, lacking: bool) -> str:
    if record.stage in step.source:
        return "blocked" if lacking else "open"
    if step.target in course.path and record.stage in course.path:
        reached = course.path.index(str(record.stage)) >= course.path.index(step.target)
        return "done" if reached else "ahead"
    return "closed"


def begin_page(
    reading: Reading,
    course: Course,
    given: Mapping[str, str],
    *,
    fault: tuple[str, str, str] = ("", "", ""),
) -> BeginPage:
    """Return the form of a course's first step; given: what the address or the form before filled in."""
    step = course.begin
    zh = reading.locale == "zh_CN"
    named = course_extras.about(reading, course, given)
    given = {**course_extras.begun_with(reading, course), **given}
    return BeginPage(
        noun=course.noun,
        kind=course.kind,
        name=course.type.zh if zh else course.type.en,
        step=StepForm(
            name=step.name,
            words=word(reading, step.words),
            state="open",
            says=word(reading, step.says),
            roles=role_words(course, step),
            may=True,
            fields=form_fields(reading, course, step, given, None, fault[1:]),
            failed=fault[2],
        ),
        about=named,
        given={line.name: given[line.name] for line in named},
    )


def panel(reading: Reading, course: Course, case: Record) -> CoursePanel:
    """Return what a case has of one course, what moved last first."""
    statement = narrowed(reading, course, {"case": case.id}).order_by(TABLE.c.version.desc(), TABLE.c.id)
    found = reading.records(statement.limit(PANEL_ROWS))
    may = bool(reading.roles_over(case) & course.roles(course.begin))
    return CoursePanel(
        noun=course.noun,
        kind=course.kind,
        name=course.type.zh if reading.locale == "zh_CN" else course.type.en,
        rows=tuple(
            PanelRow(id=record.id, stage=str(record.stage), cells=row.cells)
            for record, row in zip(found, course_rows(reading, course, found), strict=True)
        ),
        begins=word(reading, course.begin.words) if may else "",
        query={"case": case.id},
    )


def may_begin(reading: Reading, course: Course) -> bool:
    """Return whether the reader has a role by which a record of a course comes to be."""
    held = scope.roles(reading.connection, reading.services.ledger.id, reading.user)
    return bool(held & course.roles(course.begin))


def by_hand(reading: Reading, course: Course) -> bool:
    """Return whether the reader may begin one from the list itself."""
    return course.noun not in course_extras.FROM_ELSEWHERE and may_begin(reading, course)


def role_words(course: Course, step: Step) -> tuple[str, ...]:
    """Return who may take a step, in words."""
    return tuple(
        str(marks.mark(role, marks.ROLES).word) for role in sorted(course.roles(step)) if role in marks.ROLES
    )


def word(reading: Reading, words: Words) -> str:
    """Return words in the reader's language."""
    return words[0] if reading.locale == "zh_CN" else words[1]
