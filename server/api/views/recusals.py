"""Recusals for programs: listed, declared and lifted."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, jsonify, request
from marshmallow import fields, validate

from schemas.declare import WholeNumber
from schemas.records.recusal import REASONS, WORDS_CHARS_MAX
from schemas.wire.parts import Strict
from server.accounts import cookie
from server.api.answers import PAGE_WORDS, listing, plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import body
from server.api.operations import ACTS, ITEMS, Listing, Operation, described, text
from server.casework import recusing
from server.casework.recusing import Wanted
from server.console.pages.recusals import RecusalRow
from server.current import services
from server.queries import recusals as queries
from sync.errors import (
    BadTransition,
    BadValue,
    Busy,
    LedgerStopped,
    NotAllowed,
    NotFound,
    OwnWork,
    VersionChanged,
)
from sync.rights import Recused

ID_CHARS = 36
DECLARING = (BadValue, NotFound, NotAllowed, Recused, Busy, LedgerStopped)


@dataclass(frozen=True, kw_only=True)
class Declared:
    """A recusal, its version and where it stands now."""

    id: str
    version: int
    stage: str


class RecusalBody(Strict):
    """POST /api/recusals; user: the caller himself unless told; about: an institution or an inspection."""

    user = fields.String(validate=validate.Length(ID_CHARS, ID_CHARS))
    about = fields.String(required=True, validate=validate.Length(ID_CHARS, ID_CHARS))
    reason = fields.String(required=True, validate=validate.OneOf(list(REASONS)))
    words = fields.String(load_default="", validate=validate.Length(0, WORDS_CHARS_MAX))
    first = fields.Date()
    last = fields.Date()


class LiftBody(Strict):
    """POST /api/recusals/<id>/lift; version: the one that was looked at."""

    version = WholeNumber(required=True)
    because = fields.String(required=True, validate=validate.Length(1, WORDS_CHARS_MAX))


@blueprint.get("/recusals")
@described(
    Operation(
        ITEMS,
        "回避列表",
        "List recusals of the region, and one's own",
        Listing(RecusalRow),
        query=(
            text("state", "只列出该状态的", "Only those in this state", enum=list(queries.STATES)),
            text("user", "只列出该用户（记录编号）的", "Only those of this user, by the record's id"),
            *PAGE_WORDS,
        ),
        refusals=(BadValue,),
    )
)
def list_recusals() -> Response:
    """List recusals."""
    with looking() as look:
        return jsonify(
            listing(
                look,
                queries.narrowed(look, *(request.args.get(name, "") for name in ("state", "user"))),
                queries.recusal_rows,
            )
        )


@blueprint.post("/recusals")
@described(
    Operation(
        ACTS,
        "申报回避：本人，或由主管、管理员代为申报",
        "Declare a recusal: one's own, or as a supervisor or administrator another's",
        Declared,
        status=201,
        body=RecusalBody,
        refusals=DECLARING,
    )
)
def declare_recusal() -> tuple[Response, int]:
    """Declare a recusal."""
    who, given = cookie.signed_in(), body(RecusalBody())
    made = recusing.declare(services(), who.id, Wanted(**{"user": who.id, **given}))
    return jsonify(plain(Declared(id=made.id, version=made.version, stage=str(made.stage)))), 201


@blueprint.post("/recusals/<record>/lift")
@described(
    Operation(
        ACTS,
        "解除回避",
        "Lift a recusal with a reason; nobody lifts his own",
        Declared,
        body=LiftBody,
        refusals=(*DECLARING, OwnWork, BadTransition, VersionChanged),
    )
)
def lift_recusal(record: str) -> Response:
    """Lift a recusal."""
    who, given = cookie.signed_in(), body(LiftBody())
    made = recusing.lift(services(), who.id, record, given["because"], given["version"])
    return jsonify(plain(Declared(id=made.id, version=made.version, stage=str(made.stage))))
