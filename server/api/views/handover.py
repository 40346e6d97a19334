"""Handing a visit over while it goes on, for programs."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, jsonify
from marshmallow import fields, validate

from schemas.wire.parts import Strict
from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import assertion, body
from server.api.operations import ACTS, ITEMS, Operation, described
from server.api.views.acts import SIGNING
from server.api.views.inspections import CHANGING, ID_CHARS_MAX
from server.casework import plans
from server.casework.handover import REASON_CHARS_MAX, REASON_CHARS_MIN
from server.casework.plans import Handing
from server.console.pages.handover import HandoverPage
from server.queries.handover import handover_page
from sync.errors import NotAllowed


class HandoverBody(Strict):
    """POST /api/inspections/<id>/handover: `taker` goes on in the place of `giver`, who stays unless he `leaves`."""

    giver = fields.String(required=True, validate=validate.Length(1, ID_CHARS_MAX))
    taker = fields.String(required=True, validate=validate.Length(1, ID_CHARS_MAX))
    reason = fields.String(required=True, validate=validate.Length(REASON_CHARS_MIN, REASON_CHARS_MAX))
    leaves = fields.Boolean(load_default=False)
    assertion = assertion()


@dataclass(frozen=True, kw_only=True)
class HandedOver:
    """What a handover led to. lead: who leads now; ledger_index: the first entry of the act."""

    id: str
    version: int
    lead: str
    members: tuple[str, ...]
    ledger_index: int


@blueprint.get("/inspections/<record>/handover")
@described(
    Operation(
        ITEMS,
        "移交检查前的情况：组员及其手机未上传的数据、可接手的人员",
        "Before a visit is handed over: its team, what their phones have not sent, who could go on",
        HandoverPage,
        refusals=(NotAllowed,),
    )
)
def who_could_go_on(record: str) -> Response:
    """Tell who could go on with a visit."""
    with looking() as look:
        return jsonify(plain(handover_page(look, record)))


@blueprint.post("/inspections/<record>/handover")
@described(
    Operation(
        ACTS,
        "将进行中的检查移交同事",
        "Hand a visit that goes on to a colleague",
        HandedOver,
        body=HandoverBody,
        refusals=(*CHANGING, *SIGNING),
    )
)
def hand_over(record: str) -> Response:
    """Hand a visit over."""
    who = cookie.signed_in()
    given = body(HandoverBody())
    with looking() as look:
        handover_page(look, record)
    by = cookie.deciding(given.pop("assertion", None))
    result = plans.hand_over(by, who.id, record, Handing(**given))
    item = result.records[record]
    done = HandedOver(
        id=record,
        version=item.version,
        lead=str(item.values["lead"]),
        members=tuple(item.values.get("members", ())),
        ledger_index=result.first,
    )
    return jsonify(plain(done))
