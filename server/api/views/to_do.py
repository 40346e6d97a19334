"""What waits for whoever asks."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, jsonify

from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.operations import ITEMS, Operation, described
from server.console.pages import Queue
from server.queries import home


@dataclass(frozen=True, kw_only=True)
class ToDo:
    """What waits, kind by kind, in the scope of whoever asks. total: of what waits for this very reader."""

    total: int
    queues: tuple[Queue, ...]


@blueprint.get("/to-do")
@described(
    Operation(
        ITEMS,
        "待办：辖区内各类待处理事项的数量，含复审",
        "What waits in scope, counted: evidence, second reviews, conflicts, late changes and the rest",
        ToDo,
    )
)
def to_do() -> Response:
    """Count what waits."""
    with looking() as look:
        waiting = home.counts(look)
        return jsonify(plain(ToDo(total=waiting["home"], queues=home.queues(look, waiting))))
