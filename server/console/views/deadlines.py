"""Deadlines seen together: the board of cases by stage, and the calendar of what falls due."""

from __future__ import annotations

from flask import request

from server.console.desk import blueprint, looking, show
from server.queries import case_board


@blueprint.get("/cases/board", endpoint="case_board")
def board() -> str:
    """Show every case by its stage, narrowed by `?region=`."""
    with looking() as look:
        return show(case_board.board_page(look, request.args), look)
