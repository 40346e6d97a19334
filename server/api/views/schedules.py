"""Schedules of remote rounds for programs: made, paused, taken up again and ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify
from marshmallow import fields, validate

from schemas.declare import WholeNumber
from schemas.records.round_schedule import DAY_MINUTES, KINDS, WEEKDAYS
from schemas.records.ward_round import DRAWS, MINUTES_MAX
from schemas.wire.parts import Strict
from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint
from server.api.bodies import body
from server.api.operations import ACTS, Operation, described
from server.current import services
from server.rounds import schedules
from server.rounds.calling import INSTITUTIONS_MAX
from server.rounds.drawing import EVERYBODY
from server.rounds.schedules import END, STEPS, Schedule
from sync.draw import SIZE_MAX
from sync.errors import BadTransition, BadValue, Busy, LedgerStopped, NotAllowed, NotFound, VersionChanged

WORD_CHARS_MAX = 60
WARDS_MAX = 200
MAKING = (BadValue, NotFound, NotAllowed, Busy, LedgerStopped)


@dataclass(frozen=True, kw_only=True)
class Scheduled:
    """The schedule that was made or turned."""

    id: str


class ScheduleBody(Strict):
    """POST /api/round-schedules. Minutes are of the day; until_minute and times_a_week: by surprise."""

    institutions = fields.List(
        fields.String(validate=validate.Length(1, WORD_CHARS_MAX)),
        required=True,
        validate=validate.Length(1, INSTITUTIONS_MAX),
    )
    kind = fields.String(required=True, validate=validate.OneOf(list(KINDS)))
    weekdays = fields.List(
        fields.String(validate=validate.OneOf(list(WEEKDAYS))), required=True, validate=validate.Length(1, 7)
    )
    from_minute = WholeNumber(required=True, validate=validate.Range(0, DAY_MINUTES - 1))
    until_minute = WholeNumber(validate=validate.Range(1, DAY_MINUTES))
    times_a_week = WholeNumber(validate=validate.Range(1, 7))
    method = fields.String(load_default=EVERYBODY, validate=validate.OneOf(list(DRAWS)))
    size = WholeNumber(validate=validate.Range(1, SIZE_MAX))
    wards = fields.List(
        fields.String(validate=validate.Length(1, WORD_CHARS_MAX)), validate=validate.Length(0, WARDS_MAX)
    )
    respond_minutes = WholeNumber(validate=validate.Range(1, MINUTES_MAX))
    explain_minutes = WholeNumber(validate=validate.Range(0, MINUTES_MAX))


class TurnBody(Strict):
    """POST /api/round-schedules/<id>: pause, resume or end."""

    step = fields.String(required=True, validate=validate.OneOf([*STEPS, END]))


@blueprint.post("/round-schedules")
@described(
    Operation(
        ACTS,
        "建立查房排期：定时，或在抽取的时间突击",
        "Make a schedule of remote rounds, routine or by surprise",
        Scheduled,
        status=201,
        body=ScheduleBody,
        refusals=MAKING,
    )
)
def make_schedule() -> tuple[Response, int]:
    """Make a schedule."""
    who = cookie.signed_in()
    given = body(ScheduleBody())
    lists: dict[str, Any] = {
        name: tuple(given.pop(name, ())) for name in ("institutions", "weekdays", "wards")
    }
    made = schedules.make(services(), who.id, who.region, Schedule(**lists, **given))
    return jsonify(plain(Scheduled(id=made))), 201


@blueprint.post("/round-schedules/<record>")
@described(
    Operation(
        ACTS,
        "暂停、恢复或结束查房排期",
        "Pause a schedule, take it up again, or end it",
        Scheduled,
        body=TurnBody,
        refusals=(*MAKING, BadTransition, VersionChanged),
    )
)
def turn_schedule(record: str) -> Response:
    """Pause, resume or end a schedule."""
    schedules.turn(services(), cookie.signed_in().id, record, body(TurnBody())["step"])
    return jsonify(plain(Scheduled(id=record)))
