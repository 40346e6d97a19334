"""Courses of steps for programs: lists, single records with what lacks before each step, and every step as an act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, jsonify, request
from marshmallow import Schema, fields, validate

from schemas.declare import Field
from schemas.values import UUID, Matching, WholeNumber
from schemas.wire.parts import Strict, whole
from server.accounts import cookie
from server.api.answers import PAGE_WORDS, listing, plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import assertion, body
from server.api.operations import ACTS, ITEMS, Listing, Operation, Parameter, described, text
from server.api.views.acts import DECIDING, SIGNING
from server.casework import stepping
from server.casework.all_courses import COURSES
from server.casework.courses import CREATE, Course, Step
from server.console.pages.courses import CourseTotal
from server.current import services
from server.documents import deciding as document_steps
from server.queries import course_extras
from server.queries import courses as queries
from server.queries.record_answers import RecordAnswer, answer, answers
from server.queries.records import UUID_FORMAT
from sync.errors import BadCode, BadTransition, BadValue, ConflictOpen, NotFound
from sync.merge import Record
from sync.rights import Recused

MEMBERS_MAX = 200


@dataclass(frozen=True, kw_only=True)
class StepAnswer:
    """A step of a record: state as on its page, what lacks before it in words, who may, whether the caller may."""

    name: str
    words: str
    state: str
    lacks: tuple[str, ...]
    roles: tuple[str, ...]
    may: bool


@dataclass(frozen=True, kw_only=True)
class CourseAnswer:
    """A record as it stands, with its steps."""

    record: RecordAnswer
    steps: tuple[StepAnswer, ...]


@dataclass(frozen=True, kw_only=True)
class Stepped:
    """A record after a step; stage: null once it was taken back; ledger_index: the first entry of the act."""

    id: str
    version: int
    stage: str | None
    ledger_index: int


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A record that came to be."""

    id: str
    version: int
    stage: str


def _member(field: Field) -> fields.Field[Any]:
    """Return what a body takes for one value of a field."""
    if field.kind == "day":
        return fields.Date()
    if field.kind == "flag":
        return fields.Boolean(truthy={True}, falsy={False})
    if field.kind in ("fen", "integer", "instant"):
        return WholeNumber(validate=validate.Range(field.low, field.high))
    if field.choices:
        return fields.String(validate=validate.OneOf(list(field.choices)))
    if field.kind == "id":
        return fields.String(validate=Matching(UUID, "an id is a lower-case UUID"))
    return fields.String(validate=validate.Length(1, field.chars_max or 200))


def body_class(course: Course, step: Step) -> type[Strict]:
    """Return the schema of what a step takes: its fields as the record type declares them."""
    members: dict[str, Any] = {}
    for asked in course.asked(step):
        member = _member(asked.field)
        if asked.field.many:
            member = fields.List(member, validate=validate.Length(1, MEMBERS_MAX))
        member.required = asked.wanted
        members[asked.field.name] = member
    if step.op != CREATE:
        members["version"] = whole(required=True)
    if step.decides:
        members["assertion"] = assertion()
    name = f"{course.kind.title().replace('_', '')}{step.name.title().replace('_', '')}Body"
    place = f"/api/{course.noun}" + ("" if step.op == CREATE else f"/<id>/{step.name}")
    made: type[Schema] = type(name, (Strict,), {"__doc__": f"POST {place}.", **members})
    assert issubclass(made, Strict)
    return made


def _given(schema: type[Strict]) -> dict[str, Any]:
    found = body(schema())
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in found.items()}


def _words(course: Course) -> tuple[Parameter, ...]:
    """Return the words by which a list is narrowed."""
    known = course.type.by_name
    stages = [stage.name for stage in course.type.stages]
    return (
        text("state", "只列出处于该阶段的", "Only those at this stage", enum=stages),
        text("region", "只列出该行政区划及其下级的", "Only those of this region and below it"),
        text("case", "只列出该整改案件的", "Only those of this case", **UUID_FORMAT),
        *(
            text(name, f"按{known[name].zh}", f"By {known[name].en.lower()}", enum=list(known[name].choices))
            for name in course.filters
        ),
        *course_extras.parameters(course),
    )


def _list(course: Course) -> None:
    """Answer the list of a course at its address."""

    def view() -> Response:
        with looking() as look:
            statement = queries.narrowed(look, course, request.args)
            shown = queries.at_stage(course, statement, request.args.get("state", ""))
            return jsonify(listing(look, shown, lambda reading, some: answers(reading, course.type, some)))

    told = Operation(
        ITEMS,
        f"{course.type.zh}列表",
        f"List records of the type {course.kind}",
        Listing("Record"),
        query=(*_words(course), *PAGE_WORDS),
        refusals=(BadValue, BadCode, NotFound, Recused),
    )
    _answer(f"list_{course.noun}", f"/{course.noun}", ("GET",), told, view)


def _one(course: Course) -> None:
    """Answer one record of a course with its steps."""

    def view(record: str) -> Response:
        with looking() as look:
            found = look.one(course.kind, record)
            return jsonify(plain(_course_answer(look, course, found)))

    told = Operation(
        ITEMS,
        f"一条{course.type.zh}：内容、各步骤、尚缺什么、由谁办理",
        f"Show one {course.kind} with its steps and what lacks before each",
        CourseAnswer,
        refusals=(Recused,),
    )
    _answer(f"one_{course.kind}", f"/{course.noun}/<record>", ("GET",), told, view)


def _course_answer(look: Any, course: Course, found: Record) -> CourseAnswer:
    return CourseAnswer(
        record=answer(look, course.type, found),
        steps=tuple(
            StepAnswer(
                name=form.name,
                words=form.words,
                state=form.state,
                lacks=form.lacks,
                roles=tuple(sorted(course.roles(course.by_name[form.name]))),
                may=form.may,
            )
            for form in queries.step_forms(look, course, found, {})
        ),
    )


def _begin(course: Course) -> None:
    """Answer the act by which a record comes to be."""
    schema = body_class(course, course.begin)

    def view() -> tuple[Response, int]:
        who = cookie.signed_in()
        made = stepping.begin(services(), who.id, course, _given(schema))
        return jsonify(plain(Begun(id=made.id, version=made.version, stage=str(made.stage)))), 201

    told = Operation(
        ACTS,
        course.begin.words[0],
        course.begin.words[1],
        Begun,
        status=201,
        body=schema,
        refusals=(*DECIDING, NotFound, Recused, BadCode),
    )
    _answer(f"{course.begin.name}_{course.kind}", f"/{course.noun}", ("POST",), told, view)


def _take(course: Course, step: Step) -> None:
    """Answer a step of a record as an act."""
    schema = body_class(course, step)

    def view(record: str) -> Response:
        who, given = cookie.signed_in(), _given(schema)
        version, signed = given.pop("version"), given.pop("assertion", None)
        here = cookie.deciding(signed) if step.decides else services()
        result = document_steps.take(here, who.id, course, record, step.name, given, version=version)
        found = result.records[record]
        told = Stepped(id=record, version=found.version, stage=found.stage, ledger_index=result.first)
        return jsonify(plain(told))

    signing = SIGNING if step.decides else ()
    told = Operation(
        ACTS,
        f"{course.type.zh}：{step.words[0]}",
        f"{course.type.en}: {step.words[1].lower()}",
        Stepped,
        body=schema,
        refusals=(*DECIDING, *signing, BadTransition, ConflictOpen, Recused, BadCode),
    )
    _answer(f"{step.name}_{course.kind}", f"/{course.noun}/<record>/{step.name}", ("POST",), told, view)


def _answer(
    name: str, address: str, methods: tuple[str, ...], told: Operation, view: Callable[..., Any]
) -> None:
    view.__name__ = name
    view.__doc__ = f"{told.en}."
    blueprint.add_url_rule(address, name, described(told)(view), methods=list(methods))


@dataclass(frozen=True, kw_only=True)
class RecoveryTotals:
    """Recoveries by kind and stage, and all of them together last; sums: names of what is summed, in fen."""

    sums: tuple[str, ...]
    lines: tuple[CourseTotal, ...]


@blueprint.get("/recoveries/totals")
@described(
    Operation(
        ITEMS,
        "追回款合计：按类别和阶段",
        "Sum up recoveries by kind and stage",
        RecoveryTotals,
        query=_words(COURSES["recoveries"])[1:],
        refusals=(BadValue, BadCode, NotFound, Recused),
    )
)
def recovery_totals() -> Response:
    """Sum up recoveries."""
    course = COURSES["recoveries"]
    with looking() as look:
        _, lines = course_extras.totals(look, course, queries.narrowed(look, course, request.args))
        return jsonify(plain(RecoveryTotals(sums=course_extras.SUMS, lines=lines)))


def _install(courses: Mapping[str, Course]) -> None:
    for course in courses.values():
        _list(course)
        _one(course)
        _begin(course)
        for step in course.steps:
            _take(course, step)


_install(COURSES)
