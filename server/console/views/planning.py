"""Planning inspections: the form, drawing officers, approving, and sending another officer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from schemas.times import read_day
from server.accounts import cookie
from server.casework import plans
from server.casework.planning import OfficerUnfit, Plan
from server.console.desk import blueprint, looking, show
from server.console.inspection_marks import PLAN_FAULTS
from server.console.marks import mark
from server.console.pages.inspections import PlanForm
from server.console.views.evidence import whole
from server.current import services
from server.queries import planning
from server.queries.reading import Reading
from sync.errors import BadCode, BadTransition, BadValue, NotFound, NotInCatalogue, OwnWork, Refusal

PER_DAY_MAX = 50
HORIZON_DAYS = 400
FAULTS = (BadValue, BadCode, OfficerUnfit, NotInCatalogue)


@blueprint.get("/inspections/new", endpoint="plan")
def plan_form() -> str:
    """Show the form that plans inspections: `?institution=` once or more, `?day=`, `?find=` to look for one."""
    with looking() as look:
        form = _form(look, request.args.getlist("institution"), _day_or_none(request.args.get("day", "")))
        return show(planning.plan_page(look, form, request.args.get("find", "")), look)


def _form(look: Reading, institutions: list[str], on: date | None) -> PlanForm:
    day = on or look.today + timedelta(days=1)
    return PlanForm(institutions=tuple(dict.fromkeys(institutions)), planned_on=day.isoformat())


@blueprint.post("/inspections/new", endpoint="planned")
def plan() -> AnyResponse:
    """Plan an inspection at each institution that was chosen, or show the form again with what does not fit."""
    who = cookie.signed_in()
    typed = _typed()
    try:
        made = plans.plan(services(), who.id, _wanted(typed))
    except FAULTS as refusal:
        with looking() as look:
            shown = replace(typed, failed=_failed(refusal))
            if _day_or_none(typed.planned_on) is None:
                shown = replace(shown, planned_on=look.today.isoformat())
            return make_response(show(planning.plan_page(look, shown), look), 422)
    flash(ngettext("Planned: %(num)s inspection", "Planned: %(num)s inspections", len(made)), "ok")
    if len(made) == 1:
        return redirect(url_for("console.inspection", id=made[0]), 303)
    return redirect(url_for("console.inspections", state="draft"), 303)


@blueprint.post("/inspections/<id>/approve", endpoint="approve_plan")
def approve(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Approve the plan that was on the screen."""
    version = whole(request.form["version"], "version") if "version" in request.form else None
    plans.approve(services(), cookie.signed_in().id, {id: version})
    flash(gettext("Approved. The team's phones receive it at their next sync."), "ok")
    return redirect(url_for("console.inspection", id=id), 303)


@blueprint.post("/inspections/<id>/draw", endpoint="draw_plan")
def draw(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Draw the officers of a plan that waits for it."""
    plans.draw_officers(services(), cookie.signed_in().id, [id])
    return redirect(url_for("console.inspection", id=id), 303)


@blueprint.post("/inspections/bulk", endpoint="bulk_plans")
def bulk() -> AnyResponse:
    """Approve the plans that were chosen, or send another officer to all of them: all or none."""
    who, form = cookie.signed_in(), request.form
    chosen = list(dict.fromkeys(form.getlist("inspection")))
    try:
        if form.get("act") == "approve":
            plans.approve(services(), who.id, dict.fromkeys(chosen))
            done = ngettext("Approved: %(num)s inspection", "Approved: %(num)s inspections", len(chosen))
        else:
            plans.reassign(services(), who.id, chosen, form.get("giver", ""), form.get("taker", ""))
            done = ngettext("Reassigned: %(num)s inspection", "Reassigned: %(num)s inspections", len(chosen))
    except (*FAULTS, BadTransition, OwnWork, NotFound) as refusal:
        flash(
            str(mark(_failed(refusal), PLAN_FAULTS).word) + " " + gettext("Nothing was changed."), "problem"
        )
    else:
        flash(done, "ok")
    one = form.get("one", "")
    if one and one in chosen:
        return redirect(url_for("console.inspection", id=one), 303)
    return redirect(
        url_for("console.inspections", state=form.get("state") or None, officer=form.get("officer") or None),
        303,
    )


def _failed(refusal: Refusal) -> str:
    """Return what does not fit, by PLAN_FAULTS."""
    if isinstance(refusal, OwnWork):
        return "own"
    if isinstance(refusal, NotInCatalogue):
        return "checklist_wanted"
    if isinstance(refusal, NotFound):
        return "not_found"
    return refusal.field if refusal.field and refusal.field in PLAN_FAULTS else "institutions"


def _typed() -> PlanForm:
    form = request.form
    return PlanForm(
        institutions=tuple(dict.fromkeys(form.getlist("institution"))),
        planned_on=form.get("planned_on", ""),
        kind=form.get("kind", ""),
        mode=form.get("mode", ""),
        lead=form.get("lead", ""),
        members=tuple(form.getlist("member")),
        way=form.get("way", "named"),
        draw_size=form.get("draw_size", "").strip(),
        per_day=form.get("per_day", "").strip(),
        checklist=form.get("checklist", ""),
        note=form.get("note", "").strip(),
    )


def _wanted(typed: PlanForm) -> list[Plan]:
    """Return what was typed as plans; raises BadValue by the field that does not fit."""
    on = _day_or_none(typed.planned_on)
    if on is None:
        raise BadValue("a day is written 2026-11-17", field="planned_on")
    per_day = _number(typed.per_day, "per_day", PER_DAY_MAX) if typed.per_day else len(typed.institutions)
    size = _number(typed.draw_size, "draw_size", PER_DAY_MAX) if typed.way == "drawn" else None
    calendar = services().calendar
    coming = (on + timedelta(days=n) for n in range(HORIZON_DAYS))
    # The day that was typed counts as it is: who plans a visit on a Sunday means it.
    working = (day for day in coming if day == on or calendar.is_working_day(day))
    days = plans.days_of(on, len(typed.institutions), max(per_day, 1), working)
    return [
        Plan(
            institution=place,
            planned_on=day,
            lead=typed.lead,
            kind=typed.kind,
            mode=typed.mode,
            members=typed.members if size is None else (),
            draw_size=size,
            checklist=typed.checklist,
            note=typed.note,
        )
        for place, day in zip(typed.institutions, days, strict=True)
    ]


def _number(text: str, name: str, high: int) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= high):
        raise BadValue(f"a number from 1 to {high}", field=name)
    return int(text)


def _day_or_none(text: str) -> date | None:
    try:
        return read_day(text)
    except BadCode:
        return None
