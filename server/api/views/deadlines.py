"""Deadlines for programs: the board of cases by stage, and the calendar of what falls due."""

from __future__ import annotations

from flask import Response, jsonify, request

from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.operations import ITEMS, Operation, described, text
from server.console.pages.deadlines import CaseBoardPage
from server.queries import case_board
from sync.errors import BadCode

REGION = text("region", "行政区划及其下级", "A region and what lies below it")


@blueprint.get("/cases/board")
@described(
    Operation(
        ITEMS,
        "整改看板：按办理阶段列出，每列含件数、逾期数与金额（分）",
        "The board of cases by stage, with how many, how many overdue and the amount of each column in fen",
        CaseBoardPage,
        query=(REGION,),
        refusals=(BadCode,),
    )
)
def board_of_cases() -> Response:
    """Tell how cases stand by stage."""
    with looking() as look:
        return jsonify(plain(case_board.board_page(look, request.args)))
