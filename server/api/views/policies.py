"""The ladder for programs: what counts in a region, and a new one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, request
from marshmallow import fields, validate

from schemas.codes import asked_region
from schemas.declare import WholeNumber
from schemas.records.reminder import ADDRESSEES, CHANNELS
from schemas.records.reminder_policy import CASE_TYPES, DAY_MINUTES, DIGEST_LIMIT_MAX, RECTIFICATION, TASKS
from schemas.wire.parts import Strict
from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import body
from server.api.operations import ACTS, ITEMS, Operation, described, text
from server.casework import laying_down
from server.casework.laying_down import Wanted
from server.console.pages.policies import RungRow, SampleRow
from server.current import services
from server.queries import policies as queries
from server.reminders.policies import DIGEST_LIMIT
from server.reminders.standing_policies import RUNGS_MAX
from sync.errors import BadValue, Busy, LedgerStopped, NotAllowed


@dataclass(frozen=True, kw_only=True)
class Ladder:
    """The ladder of a case type that counts in a region; times as 08:30.

    origin: who laid it down, '' for the one brought along
    digest_limit: more reminders than these to one recipient by one channel at once go as one message
    sample: what a case gets that is served now with 15 working days and never acknowledged, a petition with 3
    """

    region: str
    case_type: str
    origin: str
    rungs: tuple[RungRow, ...]
    quiet_from: str
    quiet_until: str
    morning: str
    digest_limit: int
    sample: tuple[SampleRow, ...]


@dataclass(frozen=True, kw_only=True)
class LaidDown:
    """The policy that was laid down."""

    id: str


class RungBody(Strict):
    """One rung: served, served+1, T-3, T, T+1."""

    name = fields.String(required=True, validate=validate.Length(1, 12))
    roles = fields.List(
        fields.String(validate=validate.OneOf(list(ADDRESSEES))),
        required=True,
        validate=validate.Length(1, 10),
    )
    channels = fields.List(
        fields.String(validate=validate.OneOf(list(CHANNELS))), required=True, validate=validate.Length(1, 10)
    )
    task = fields.String(validate=validate.OneOf(list(TASKS)))


class LadderBody(Strict):
    """POST /api/reminder-policies. Minutes are of the day."""

    region = fields.String(required=True, validate=validate.Length(6, 12))
    rungs = fields.List(fields.Nested(RungBody), required=True, validate=validate.Length(1, RUNGS_MAX))
    quiet_from = WholeNumber(load_default=20 * 60, validate=validate.Range(0, DAY_MINUTES - 1))
    quiet_until = WholeNumber(load_default=8 * 60, validate=validate.Range(0, DAY_MINUTES - 1))
    morning = WholeNumber(load_default=8 * 60 + 30, validate=validate.Range(0, DAY_MINUTES - 1))
    digest_limit = WholeNumber(load_default=DIGEST_LIMIT, validate=validate.Range(1, DIGEST_LIMIT_MAX))
    case_type = fields.String(load_default=RECTIFICATION, validate=validate.OneOf(list(CASE_TYPES)))
    words = fields.String(load_default="", validate=validate.Length(0, 500))


@blueprint.get("/reminder-policies")
@described(
    Operation(
        ITEMS,
        "某区划适用的催办规则，含样例",
        "The ladder that counts in a region, the reader's own unless told, with a sample case",
        Ladder,
        query=(
            text("region", "行政区划代码", "A region's code"),
            text(
                "case_type",
                "事项类型，默认为限期整改",
                "A case type, rectification unless told",
                enum=list(CASE_TYPES),
            ),
        ),
        refusals=(BadValue,),
    )
)
def counting_ladder() -> Response:
    """Tell which ladder counts."""
    who = cookie.signed_in()
    region = asked_region(request.args.get("region") or who.region)
    case_type = queries.case_type_of(request.args.get("case_type"))
    with looking() as look:
        policy, origin = queries.in_force(look, region, case_type)
        form = queries.form_of(policy, region)
        told = Ladder(
            region=region,
            case_type=case_type,
            origin=origin,
            rungs=form.rungs,
            quiet_from=form.quiet_from,
            quiet_until=form.quiet_until,
            morning=form.morning,
            digest_limit=policy.digest_limit,
            sample=queries.sample(look, region, policy)[0],
        )
        return jsonify(plain(told))


@blueprint.post("/reminder-policies")
@described(
    Operation(
        ACTS,
        "制定催办规则：整份替换，在办事项即按新规则",
        "Lay a ladder down, whole; running cases follow it from now on",
        LaidDown,
        status=201,
        body=LadderBody,
        refusals=(BadValue, NotAllowed, Busy, LedgerStopped),
    )
)
def lay_down_ladder() -> tuple[Response, int]:
    """Lay a ladder down."""
    who = cookie.signed_in()
    with looking() as look:
        queries.check_layer(look)
    given: dict[str, Any] = body(LadderBody())
    rungs = tuple(given.pop("rungs"))
    made = laying_down.lay_down(services(), who.id, Wanted(rungs=rungs, **given))
    return jsonify(plain(LaidDown(id=made))), 201
