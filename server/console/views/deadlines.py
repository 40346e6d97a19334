"""Deadlines seen together: the board of cases by stage, and the calendar of what falls due."""

from __future__ import annotations

from flask import Response, request

from server.console.desk import blueprint, looking, show
from server.console.register_answer import register_answer, wanted
from server.queries import case_board, due_calendar, rectification_register
from server.queries.reading import page_number


@blueprint.get("/cases/board", endpoint="case_board")
def board() -> str:
    """Show every case by its stage, narrowed by `?region=`."""
    with looking() as look:
        return show(case_board.board_page(look, request.args), look)


@blueprint.get("/cases/calendar", endpoint="due_calendar")
def calendar() -> str:
    """Show what falls due in a month, `?month=2026-11`, narrowed by `?region=`."""
    with looking() as look:
        return show(due_calendar.calendar_page(look, request.args), look)


@blueprint.get("/cases/register", endpoint="rectification_register")
def register() -> str:
    """Show the rectification register, by `?state=`, `?region=`, `?since=&until=`, `?column=` (several), `?page=`."""
    with looking() as look:
        page = page_number(request.args.get("page"))
        return show(rectification_register.register_page(look, wanted(), page), look)


@blueprint.get("/cases/register/<form>", endpoint="rectification_register_file")
def register_file(form: str) -> Response:
    """Send the rectification register as CSV, XLSX or PDF/A."""
    with looking() as look:
        return register_answer(look, form)
