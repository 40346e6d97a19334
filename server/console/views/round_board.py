"""The board on which a supervisor watches many remote rounds come in."""

from __future__ import annotations

from flask import request

from server.console.desk import blueprint, looking, show
from server.queries import round_board

BOARD = "round_board"


@blueprint.get("/rounds/board", endpoint=BOARD)
def board() -> str:
    """Show the rounds of a call (`?entries=120-169`) or of a day (`?day=`), narrowed by `?state=` and `?region=`."""
    with looking() as look:
        page = round_board.board_page(look, round_board.asked(request.args))
        return show(page, look)
