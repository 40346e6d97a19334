"""An institution's accounts at the portal for programs, let in and out by the supervisor over it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, jsonify
from marshmallow import fields, validate

from schemas.wire.parts import Strict
from server.accounts import cookie, party_users
from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import LOGIN_CHARS_MAX, body
from server.api.operations import USERS, Operation, described
from server.api.user_bodies import EMAIL_CHARS_MAX, NAME_CHARS_MAX
from server.api.views.users import CodeAnswer, code_answer
from server.console.pages.users import UserRow
from server.current import services
from server.queries import party_users as queries
from sync.errors import BadTransition, NotAllowed, RecordExists


@dataclass(frozen=True, kw_only=True)
class PartyAccounts:
    """The accounts of one institution, the newest first."""

    items: tuple[UserRow, ...]


class PartyUserBody(Strict):
    """POST /api/institutions/<id>/users."""

    login = fields.String(required=True, validate=validate.Length(2, LOGIN_CHARS_MAX))
    name = fields.String(required=True, validate=validate.Length(1, NAME_CHARS_MAX))
    email = fields.String(validate=validate.Length(1, EMAIL_CHARS_MAX))


@blueprint.get("/institutions/<record>/users")
@described(
    Operation(
        USERS,
        "一家机构的门户账号（主管）",
        "List an institution's accounts, for a supervisor over it",
        PartyAccounts,
        refusals=(NotAllowed,),
    )
)
def list_party_users(record: str) -> Response:
    """List an institution's accounts."""
    return jsonify(plain(_listed(record)))


@blueprint.post("/institutions/<record>/users")
@described(
    Operation(
        USERS,
        "邀请机构用户，返回一次性代码",
        "Invite a user of an institution; the answer holds the code, this once",
        CodeAnswer,
        told_once=True,
        status=201,
        body=PartyUserBody,
        refusals=(NotAllowed, RecordExists),
    )
)
def invite_party_user(record: str) -> tuple[Response, int]:
    """Make a user of an institution, who chooses his password himself."""
    who, given = cookie.signed_in(), body(PartyUserBody())
    made = party_users.invite(
        services(), who.id, record, login=given["login"], name=given["name"], email=given.get("email")
    )
    return jsonify(plain(code_answer(made))), 201


@blueprint.post("/institutions/<record>/users/<user>/invite")
@described(
    Operation(
        USERS,
        "重新发放机构用户的邀请代码",
        "A new code for somebody of an institution who has not used his",
        CodeAnswer,
        told_once=True,
        refusals=(NotAllowed,),
    )
)
def invite_party_user_again(record: str, user: str) -> Response:
    """Give somebody invited a new code."""
    return jsonify(plain(code_answer(party_users.again(services(), cookie.signed_in().id, record, user))))


@blueprint.post("/institutions/<record>/users/<user>/disable")
@described(
    Operation(
        USERS,
        "停用机构用户",
        "Disable a user of an institution",
        PartyAccounts,
        refusals=(NotAllowed, BadTransition),
    )
)
def disable_party_user(record: str, user: str) -> Response:
    """End a user's access."""
    party_users.disable(services(), cookie.signed_in().id, record, user)
    return jsonify(plain(_listed(record)))


def _listed(institution: str) -> PartyAccounts:
    with looking() as look:
        return PartyAccounts(items=queries.accounts(look, queries.governed(look, institution)))
