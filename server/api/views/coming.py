"""Reminders to come, for programs."""

from __future__ import annotations

from flask import Response, jsonify, request

from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.operations import ITEMS, Operation, described, number, text
from server.console.pages.coming import ComingPage
from server.queries import coming as queries
from sync.errors import BadCode, BadValue


@blueprint.get("/reminders/coming")
@described(
    Operation(
        ITEMS,
        "预览将发送的催办：给谁、何时、经何渠道、为何",
        "What will be sent if nothing changes: to whom, when, by which channel and why",
        ComingPage,
        query=(
            number("days", f"往后天数，默认 {queries.DAYS}", "How many days ahead", 1, queries.DAYS_MAX),
            text("region", "行政区划代码", "A region's code"),
        ),
        refusals=(BadValue, BadCode),
    )
)
def coming_reminders() -> Response:
    """Tell what will be sent."""
    with looking() as look:
        return jsonify(plain(queries.coming_page(look, request.args)))
