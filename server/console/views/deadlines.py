"""Deadlines seen together: the board of cases by stage, and the calendar of what falls due."""

from __future__ import annotations

from flask import request

from server.console.desk import blueprint, looking, show
from server.queries import case_board, due_calendar


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
