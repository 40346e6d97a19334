"""Schedules of remote rounds: those that stand, a new one, and pausing, taking up and ending one."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from schemas.records.round_schedule import SURPRISE
from schemas.records.ward_round import MINUTES_MAX
from server.accounts import cookie
from server.console.desk import blueprint, looking, show
from server.console.pages.schedules import ScheduleForm
from server.console.schedule_marks import SCHEDULE_FAULTS
from server.console.views.rounds import number_of, wards_of
from server.current import services
from server.queries import schedules as queries
from server.rounds import schedules
from server.rounds.drawing import EVERYBODY
from server.rounds.schedules import Schedule
from sync.draw import SIZE_MAX
from sync.errors import BadCode, BadValue

CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


@blueprint.get("/rounds/schedules", endpoint="schedules")
def listed() -> str:
    """Show the schedules, with the form of a new one."""
    with looking() as look:
        return show(queries.schedules_page(look, ScheduleForm()), look)


@blueprint.post("/rounds/schedules", endpoint="schedule")
def make() -> AnyResponse:
    """Make a schedule, or show the form again with what does not fit."""
    who = cookie.signed_in()
    typed = _typed()
    try:
        schedules.make(services(), who.id, who.region, _wanted(typed))
    except (BadValue, BadCode) as refusal:
        failed = refusal.field if refusal.field and refusal.field in SCHEDULE_FAULTS else "wards"
        with looking() as look:
            return make_response(show(queries.schedules_page(look, replace(typed, failed=failed)), look), 422)
    flash(gettext("The schedule stands. The scheduler plans its first week at its next tick."), "ok")
    return redirect(url_for("console.schedules"), 303)


@blueprint.post("/rounds/schedules/<id>/<step>", endpoint="turn_schedule")
def turn(id: str, step: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Pause, resume or end a schedule."""
    schedules.turn(services(), cookie.signed_in().id, id, step)
    return redirect(url_for("console.schedules"), 303)


def _typed() -> ScheduleForm:
    form = request.form
    return ScheduleForm(
        institutions=tuple(dict.fromkeys(form.getlist("institution"))),
        kind=form.get("kind", ""),
        weekdays=tuple(form.getlist("weekday")),
        start=form.get("start", "").strip(),
        end=form.get("end", "").strip(),
        times_a_week=form.get("times_a_week", "").strip(),
        method=form.get("method", ""),
        size=form.get("size", "").strip(),
        wards=form.get("wards", "").strip(),
        respond_minutes=form.get("respond_minutes", "").strip(),
    )


def _wanted(typed: ScheduleForm) -> Schedule:
    """Return what was typed as an order; raises BadValue by the field that does not fit."""
    surprise = typed.kind == SURPRISE
    return Schedule(
        institutions=typed.institutions,
        kind=typed.kind,
        weekdays=typed.weekdays,
        from_minute=_minute(typed.start, "from_minute"),
        until_minute=_minute(typed.end, "until_minute") if surprise else None,
        times_a_week=number_of(typed.times_a_week, "times_a_week", 1, 7) if surprise else None,
        method=typed.method,
        size=None if typed.method == EVERYBODY else number_of(typed.size, "size", 1, SIZE_MAX),
        wards=wards_of(typed.wards),
        respond_minutes=number_of(typed.respond_minutes, "respond_minutes", 1, MINUTES_MAX),
    )


def _minute(text: str, name: str) -> int:
    found = CLOCK.fullmatch(text)
    if found is None:
        raise BadValue("a time is written 09:00", field=name)
    return int(found[1]) * 60 + int(found[2])
