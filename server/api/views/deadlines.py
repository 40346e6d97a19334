"""Deadlines for programs: the board of cases by stage, and the calendar of what falls due."""

from __future__ import annotations

from flask import Response, jsonify, request

from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.operations import ITEMS, Content, Operation, described, text
from server.console.pages.deadlines import CaseBoardPage, DueCalendarPage, RectificationRegisterPage
from server.console.register_answer import register_answer, wanted
from server.queries import case_board, due_calendar, rectification_register
from server.queries.reading import page_number
from server.queries.register_columns import COLUMNS
from sync.errors import BadCode, BadValue

REGION = text("region", "行政区划及其下级", "A region and what lies below it")
REGISTER = (
    text("state", "只列出未销号的、逾期的或已销号的", "Only these", enum=list(rectification_register.STATES)),
    REGION,
    text("since", "到期日不早于", "Due on this day or later", format="date"),
    text("until", "到期日不晚于", "Due on this day or earlier", format="date"),
    text("sort", "排序", "The order", enum=[order.name for order in rectification_register.orders()]),
    text(
        "column",
        "只要这些栏目，可重复",
        "Only these columns; may be given several times",
        enum=[column.name for column in COLUMNS],
    ),
)


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


@blueprint.get("/cases/register")
@described(
    Operation(
        ITEMS,
        "整改台账：每件整改的全部栏目，每页 50 件",
        "The rectification register: every case with all that belongs to it, fifty a page",
        RectificationRegisterPage,
        query=(*REGISTER, text("page", "第几页", "Which page", pattern="^[0-9]+$")),
        refusals=(BadValue, BadCode),
    )
)
def register_of_cases() -> Response:
    """Tell what the register says."""
    with looking() as look:
        page = page_number(request.args.get("page"))
        return jsonify(plain(rectification_register.register_page(look, wanted(), page)))


@blueprint.get("/cases/register/<form>")
@described(
    Operation(
        ITEMS,
        "整改台账存为 csv、xlsx（至多 20000 件）或 pdf（PDF/A，至多 1000 件）",
        "The register as a file: csv, xlsx (at most 20,000 cases) or pdf (PDF/A, at most 1,000)",
        Content("application/octet-stream"),
        query=REGISTER,
        refusals=(BadValue, BadCode),
    )
)
def register_of_cases_as_file(form: str) -> Response:
    """Send the register as a file."""
    with looking() as look:
        return register_answer(look, form)
