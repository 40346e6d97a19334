"""Inspections: the list, the calendar, one with its timeline, and who has had none."""

from __future__ import annotations

from flask import request

from schemas.times import read_day
from server.console.desk import blueprint, looking, show
from server.queries import inspection, inspections, planning
from server.queries.reading import page_number
from sync.errors import BadCode


@blueprint.get("/inspections", endpoint="inspections")
def listed() -> str:
    """List inspections by filter."""
    with looking() as look:
        page = page_number(request.args.get("page"))
        return show(inspections.inspections_page(look, request.args.to_dict(), page), look)


@blueprint.get("/inspections/calendar", endpoint="agenda")
def calendar() -> str:
    """Show a month or a week of planned visits: `?on=2026-11-17&view=week`; this month unless said."""
    with looking() as look:
        try:
            on = read_day(request.args.get("on", ""))
        except BadCode:
            on = look.today
        return show(inspections.agenda_page(look, on, request.args.get("view", "month")), look)


@blueprint.get("/inspections/coverage", endpoint="coverage")
def coverage() -> str:
    """Show which institutions have had no inspection in their period."""
    with looking() as look:
        return show(planning.coverage_page(look, request.args.to_dict()), look)


@blueprint.get("/inspections/<id>", endpoint="inspection")
def one_inspection(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show an inspection with everything that happened."""
    with looking() as look:
        return show(inspection.inspection_page(look, id), look)
