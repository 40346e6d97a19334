"""Signing in and out."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, jsonify
from flask_wtf.csrf import generate_csrf

from server.accounts import cookie
from server.accounts.credentials import WrongPassword
from server.accounts.passkeys import PasskeyWanted
from server.accounts.second_factor import SecondFactorMissing, SecondStepRequired, WrongCode
from server.api.answers import plain
from server.api.blueprint import blueprint
from server.api.bodies import SignIn, body
from server.api.operations import SESSION, Operation, described


@dataclass(frozen=True, kw_only=True)
class SignedInUser:
    """Who is signed in; region: the code of the unit."""

    id: str
    name: str
    role: str
    region: str


@dataclass(frozen=True, kw_only=True)
class Session:
    """A session. csrf_token: what every POST and DELETE sends back as X-CSRFToken."""

    user: SignedInUser | None
    csrf_token: str


def current() -> Session:
    """Return who is signed in, with the token of the session."""
    who = cookie.reader()
    user = SignedInUser(id=who.id, name=who.name, role=who.role, region=who.region) if who else None
    return Session(user=user, csrf_token=str(generate_csrf()))


@blueprint.get("/session")
@described(
    Operation(
        SESSION,
        "查看当前会话，并取得令牌",
        "Tell who is signed in, if anybody, and give the session's token",
        Session,
        signed_in=False,
    )
)
def session() -> Response:
    """Tell who is signed in, if anybody."""
    return jsonify(plain(current()))


@blueprint.post("/session")
@described(
    Operation(
        SESSION,
        "登录；返回的令牌用于新会话",
        "Sign in; the answer's token is good for the new session",
        Session,
        status=201,
        body=SignIn,
        refusals=(WrongPassword, SecondStepRequired, WrongCode, SecondFactorMissing, PasskeyWanted),
        signed_in=False,
    )
)
def sign_in() -> tuple[Response, int]:
    """Sign in; the answer's token is good for the new session."""
    given = body(SignIn())
    cookie.sign_in(given["login"], given["password"], given.get("code", ""))
    return jsonify(plain(current())), 201


@blueprint.delete("/session")
@described(Operation(SESSION, "退出登录", "Sign out", None, status=204))
def sign_out() -> Response:
    """End the session."""
    cookie.signed_in()
    cookie.sign_out()
    return Response(status=204)
