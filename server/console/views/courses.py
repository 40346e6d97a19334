"""Courses of steps at the desk: sanctions and what belongs to them, each as a list, one record, and its forms."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from schemas.declare import Field
from server.accounts import administration, cookie, users
from server.casework import stepping
from server.casework.all_courses import COURSES
from server.casework.courses import CREATE, Course
from server.console.decision_answer import DECISION, SLIP, decision_answer
from server.console.desk import blueprint, language, looking, show
from server.console.signing import deciding
from server.console.table_answer import table_answer
from server.console.views.evidence import whole
from server.current import services
from server.documents import deciding as document_steps
from server.documents.tables import ROWS_MAX
from server.queries import course_extras, course_forms, course_table
from server.queries import courses as queries
from server.queries.reading import page_number
from sync.errors import BadCode, BadValue, NotAllowed, NotFound, Refusal

NOUNS = f"/<any({', '.join(sorted(COURSES))}):noun>"


@blueprint.get(NOUNS)
def courses(noun: str) -> str:
    """List the records of a course: `?state= &region= &case= &page=` and its choices."""
    with looking() as look:
        page = page_number(request.args.get("page"))
        return show(queries.courses_page(look, COURSES[noun], request.args, page=page), look)


@blueprint.get(f"{NOUNS}/export/<form>")
def courses_file(noun: str, form: str) -> Response:
    """Take the list along as a table."""
    with looking() as look:
        table = course_table.course_table(look, COURSES[noun], request.args, ROWS_MAX)
        return table_answer(look, table, form)


@blueprint.get(f"{NOUNS}/<id>")
def one_course(noun: str, id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one record with its steps."""
    with looking() as look:
        return show(queries.course_page(look, COURSES[noun], id), look)


@blueprint.route(f"{NOUNS}/new", methods=["GET", "POST"])
def begin_course(noun: str) -> AnyResponse:
    """Show the form of the first step, or let a record come to be by it."""
    course = COURSES[noun]
    if request.method == "GET":
        with looking() as look:
            if not queries.may_begin(look, course):
                raise NotAllowed
            return make_response(show(queries.begin_page(look, course, request.args.to_dict()), look))
    who = cookie.signed_in()
    try:
        made = stepping.begin(services(), who.id, course, _given(course, course.begin.name))
    except (BadValue, BadCode) as refusal:
        fault = (course.begin.name, refusal.field or "", _told(refusal))
        with looking() as look:
            page = queries.begin_page(look, course, _typed(), fault=fault)
            return make_response(show(page, look), 422)
    flash(gettext("It is entered in the ledger."), "ok")
    return redirect(url_for("console.one_course", noun=noun, id=made.id), 303)


@blueprint.get("/sanctions/<id>/decision.pdf")
def decision_file(id: str) -> Response:  # noqa: A002 - the name that the templates ask for
    """Send a decision as PDF/A."""
    with looking() as look:
        return decision_answer(look, id, DECISION)


@blueprint.get("/sanctions/<id>/slip.pdf")
def decision_slip(id: str) -> Response:  # noqa: A002 - the name that the templates ask for
    """Send a decision's service slip as PDF/A."""
    with looking() as look:
        return decision_answer(look, id, SLIP)


@blueprint.post(f"{NOUNS}/<id>/<step>")
def take_step(noun: str, id: str, step: str) -> AnyResponse:  # noqa: A002
    """Take a step, or show its form again with what does not fit."""
    course, who = COURSES[noun], cookie.signed_in()
    found = course.by_name.get(step)
    if found is None or found.op == CREATE:
        raise NotFound(item=id)
    version = whole(request.form.get("version", ""), "version")
    here = deciding() if found.decides else services()
    try:
        document_steps.take(here, who.id, course, id, step, _given(course, step), version=version)
    except (BadValue, BadCode) as refusal:
        fault = (step, refusal.field or "", _told(refusal))
        with looking() as look:
            page = queries.course_page(look, course, id, typed={step: _typed()}, fault=fault)
            return make_response(show(page, look), 422)
    flash(gettext("It is entered in the ledger."), "ok")
    if found.op != "edit":
        return redirect(url_for("console.courses", noun=noun), 303)
    return redirect(url_for("console.one_course", noun=noun, id=id), 303)


def _given(course: Course, step: str) -> dict[str, Any]:
    zone = services().config.zone
    return course_forms.given_of(course, course.by_name[step], request.form, zone, _find)


def _typed() -> dict[str, str]:
    return {name: ",".join(request.form.getlist(name)) for name in request.form}


def _find(field: Field, text: str) -> str:
    """Return the id of what is named in words: a user by his login, an institution by its code; raises BadValue."""
    try:
        if field.ref == "user":
            return users.find(services(), text).id
        if field.ref == "institution" and len(text) < course_extras.ID_CHARS:
            return administration.institution(services(), text) or ""
    except (NotFound, BadCode) as unknown:
        raise BadValue("nobody bears this name or code", field=field.name, zh="查无此人或此机构") from unknown
    return text


def _told(refusal: Refusal) -> str:
    """Return what does not fit, in the reader's language where the rule says it in both."""
    chinese = refusal.facts.get("zh")
    if language() != "zh_CN":
        return refusal.detail
    return str(chinese) if chinese else gettext("Something that was typed does not fit; look at the fields.")
