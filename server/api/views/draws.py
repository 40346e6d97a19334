"""Draws of institutions and officers for programs: ordered, listed, and drawn again while they are asked for."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, jsonify
from marshmallow import fields, validate

from schemas.declare import WholeNumber
from schemas.records.institution import GRADES, KINDS
from schemas.records.random_draw import SIZE_MAX
from schemas.wire.parts import Strict
from server.accounts import cookie
from server.api.answers import PAGE_WORDS, listing, plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import body
from server.api.operations import ACTS, ITEMS, Listing, Operation, described
from server.casework import random_draws
from server.casework.random_draws import Wanted
from server.console.pages.draws import DrawPage, DrawRow
from server.current import services
from server.queries import draws
from sync.errors import BadTransition, BadValue, Busy, LedgerStopped, NotAllowed, VersionChanged

REGION_CHARS_MAX = 12
MAKING = (BadValue, NotAllowed, Busy, LedgerStopped)


@dataclass(frozen=True, kw_only=True)
class OrderedDraw:
    """The draw that was made."""

    id: str


class DrawBody(Strict):
    """POST /api/institution-draws. kinds, grades: of these alone, of all where none is named."""

    region = fields.String(required=True, validate=validate.Length(1, REGION_CHARS_MAX))
    size = WholeNumber(required=True, validate=validate.Range(1, SIZE_MAX))
    kinds = fields.List(fields.String(validate=validate.OneOf(list(KINDS))), validate=validate.Length(0, 10))
    grades = fields.List(
        fields.String(validate=validate.OneOf(list(GRADES))), validate=validate.Length(0, 10)
    )


@blueprint.get("/institution-draws")
@described(
    Operation(
        ITEMS,
        "机构随机抽取的记录",
        "List draws of institutions",
        Listing(DrawRow),
        query=PAGE_WORDS,
        refusals=(BadValue,),
    )
)
def list_draws() -> Response:
    """List draws of institutions."""
    with looking() as look:
        return jsonify(listing(look, look.visible("random_draw"), draws.draw_rows))


@blueprint.post("/institution-draws")
@described(
    Operation(
        ACTS,
        "随机抽取待检查机构，种子由本次下达的台账条目决定",
        "Draw institutions to inspect; the seed follows from the order's own entry",
        OrderedDraw,
        status=201,
        body=DrawBody,
        refusals=MAKING,
    )
)
def draw_institutions() -> tuple[Response, int]:
    """Order a draw and carry it out."""
    who = cookie.signed_in()
    given = body(DrawBody())
    wanted = Wanted(
        region=given["region"],
        size=given["size"],
        kinds=tuple(given.get("kinds", ())),
        grades=tuple(given.get("grades", ())),
    )
    made = random_draws.order(services(), who.id, wanted)
    return jsonify(plain(OrderedDraw(id=made))), 201


@blueprint.get("/institution-draws/<record>")
@described(
    Operation(
        ITEMS, "一次机构抽取，当场重新抽取核对", "Show a draw of institutions, drawn again now", DrawPage
    )
)
def one_draw(record: str) -> Response:
    """Show a draw, drawn again now."""
    with looking() as look:
        return jsonify(plain(draws.draw_page(look, record)))


@blueprint.post("/institution-draws/<record>/draw")
@described(
    Operation(
        ACTS,
        "对已下达而未抽取的，立即抽取",
        "Carry out a draw that was ordered and is not drawn yet",
        OrderedDraw,
        refusals=(*MAKING, BadTransition, VersionChanged),
    )
)
def carry_out_draw(record: str) -> Response:
    """Draw what was ordered."""
    random_draws.carry_out(services(), cookie.signed_in().id, record)
    return jsonify(plain(OrderedDraw(id=record)))


@blueprint.get("/inspections/<record>/draw")
@described(
    Operation(
        ITEMS,
        "一次检查的人员如何抽取，当场重新抽取核对",
        "Show how an inspection's officers were drawn, drawn again now",
        DrawPage,
    )
)
def officers_draw(record: str) -> Response:
    """Show how officers were drawn."""
    with looking() as look:
        return jsonify(plain(draws.officers_page(look, record)))
