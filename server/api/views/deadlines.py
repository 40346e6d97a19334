"""Deadlines for programs: the board of cases by stage, and the calendar of what falls due."""

from __future__ import annotations

from flask import Response, jsonify, request

from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.operations import ITEMS, Operation, described, text
from server.console.pages.deadlines import CaseBoardPage, DueCalendarPage
from server.queries import case_board, due_calendar
from sync.errors import BadCode, BadValue

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


@blueprint.get("/cases/calendar")
@described(
    Operation(
        ITEMS,
        "到期日历：一个月内到期的整改、回头看与约谈，含工作日、节假日与调休",
        "What falls due in a month: cases, look-backs, interviews; with working days, holidays and make-up days",
        DueCalendarPage,
        query=(
            text(
                "month",
                "月份，如 2026-11，默认本月",
                "The month, this one unless told",
                pattern="^20[0-9]{2}-[0-9]{2}$",
            ),
            REGION,
        ),
        refusals=(BadValue, BadCode),
    )
)
def calendar_of_deadlines() -> Response:
    """Tell what falls due in a month."""
    with looking() as look:
        return jsonify(plain(due_calendar.calendar_page(look, request.args)))
