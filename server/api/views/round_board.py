"""Remote rounds for programs: called, and watched many at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, request
from marshmallow import fields, validate

from schemas.declare import WholeNumber
from schemas.records.ward_round import DRAWS, MINUTES_MAX, TRIGGERS
from schemas.wire.parts import Strict
from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import body
from server.api.operations import ACTS, ITEMS, Operation, described, text
from server.console.pages.board import BoardPage
from server.console.pages.rounds import Foreseen
from server.current import services
from server.queries import call_preview, round_board
from server.rounds import calling
from server.rounds.calling import INSTITUTIONS_MAX, Call
from server.rounds.drawing import EVERYBODY
from sync.draw import SIZE_MAX
from sync.errors import (
    BadCode,
    BadTransition,
    BadValue,
    Busy,
    LedgerStopped,
    NotAllowed,
    NotFound,
    VersionChanged,
)

WORD_CHARS_MAX = 60
WARDS_MAX = 200
CALLING = (BadValue, NotFound, NotAllowed, Busy, LedgerStopped)
BOARD = (
    text("entries", "由这些台账条目下达的查房，如 120-169", "Rounds that these ledger entries ordered"),
    text("day", "某日的远程查房，默认今天", "A day's remote rounds, today's unless told", format="date"),
    text("state", "只列出需要关注的、进行中的或已结论的", "Only these", enum=list(round_board.WATCHED)),
    text("region", "行政区划及其下级", "A region and what lies below it"),
)


@dataclass(frozen=True, kw_only=True)
class CalledRounds:
    """The rounds that were called, in the order of their institutions; entries: what their board is asked for by."""

    rounds: tuple[str, ...]
    entries: str = ""


@dataclass(frozen=True, kw_only=True)
class ForeseenCall:
    """What a call would draw, by the record of each institution."""

    institutions: Mapping[str, Foreseen]


class OperatorBody(Strict):
    """Who answers for an institution that has several users."""

    institution = fields.String(required=True, validate=validate.Length(1, WORD_CHARS_MAX))
    user = fields.String(required=True, validate=validate.Length(1, WORD_CHARS_MAX))


class CallBody(Strict):
    """POST /api/ward-rounds: one remote round at each institution, as one act, called at once."""

    institutions = fields.List(
        fields.String(validate=validate.Length(1, WORD_CHARS_MAX)),
        required=True,
        validate=validate.Length(1, INSTITUTIONS_MAX),
    )
    method = fields.String(load_default=EVERYBODY, validate=validate.OneOf(list(DRAWS)))
    size = WholeNumber(validate=validate.Range(1, SIZE_MAX))
    wards = fields.List(
        fields.String(validate=validate.Length(1, WORD_CHARS_MAX)), validate=validate.Length(0, WARDS_MAX)
    )
    operators = fields.List(fields.Nested(OperatorBody), validate=validate.Length(0, INSTITUTIONS_MAX))
    trigger = fields.String(load_default="surprise", validate=validate.OneOf(list(TRIGGERS)))
    respond_minutes = WholeNumber(validate=validate.Range(1, MINUTES_MAX))
    explain_minutes = WholeNumber(validate=validate.Range(0, MINUTES_MAX))
    challenge_by_bed = fields.Boolean()


@blueprint.get("/ward-rounds/board")
@described(
    Operation(
        ITEMS,
        "多场远程查房的看板：最需要关注的在前，含执行率",
        "The board of many remote rounds, the most urgent first, with their execution rate",
        BoardPage,
        query=BOARD,
        refusals=(BadValue, BadCode),
    )
)
def watch_rounds() -> Response:
    """Tell how the rounds of a call or of a day come in."""
    with looking() as look:
        page = round_board.board_page(look, round_board.asked(request.args))
        return jsonify(plain(page))


@blueprint.post("/ward-rounds/preview")
@described(
    Operation(
        ACTS,
        "预览抽样：各机构将抽多少、种子取自哪条台账，不下达",
        "How many would be drawn at each institution, and from which entry the seed comes; nothing is ordered",
        ForeseenCall,
        body=CallBody,
        refusals=(BadValue, NotFound, NotAllowed),
    )
)
def foresee_call() -> Response:
    """Tell what a call would draw."""
    with looking() as look:
        wanted = _wanted(body(CallBody()))
        found = call_preview.foresee(look, wanted)
    return jsonify(plain(ForeseenCall(institutions=found)))


@blueprint.post("/ward-rounds")
@described(
    Operation(
        ACTS,
        "呼叫远程查房，一家或多家机构一次下达",
        "Call remote rounds, one ward or fifty hospitals at once",
        CalledRounds,
        status=201,
        body=CallBody,
        refusals=CALLING,
    )
)
def call_rounds() -> tuple[Response, int]:
    """Call a remote round at each institution."""
    who = cookie.signed_in()
    made = calling.order(services(), who.id, _wanted(body(CallBody())))
    with looking() as look:
        ordered = round_board.entries_of(look, made)
    return jsonify(plain(CalledRounds(rounds=tuple(made), entries=ordered))), 201


@blueprint.post("/ward-rounds/<record>/call")
@described(
    Operation(
        ACTS,
        "立即呼叫一场已下达的远程查房",
        "Call a remote round now that was ordered for later",
        CalledRounds,
        refusals=(*CALLING, BadTransition, VersionChanged),
    )
)
def call_round_now(record: str) -> Response:
    """Call a round that waits."""
    calling.call_now(services(), cookie.signed_in().id, record)
    return jsonify(plain(CalledRounds(rounds=(record,))))


def _wanted(given: dict[str, Any]) -> Call:
    """Return a body as an order."""
    lists: dict[str, Any] = {name: tuple(given.pop(name, ())) for name in ("institutions", "wards")}
    operators = {one["institution"]: one["user"] for one in given.pop("operators", ())}
    return Call(operators=operators, **lists, **given)
