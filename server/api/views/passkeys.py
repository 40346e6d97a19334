"""Passkeys: made, removed, and signing in by one alone."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, jsonify

from server.accounts import cookie, passkeys, users
from server.accounts.cookie import ProofWanted
from server.accounts.credentials import WrongPassword
from server.accounts.passkeys import PasskeyDoubted, PasskeyRefused
from server.accounts.second_factor import WrongCode
from server.api.account_bodies import ConfirmSelfBody, NewPasskeyBody, PasskeyBody
from server.api.answers import plain
from server.api.blueprint import blueprint
from server.api.bodies import body
from server.api.operations import SESSION, Content, Operation, described
from server.api.views.session import Session, current
from server.console.account import own_passkeys
from server.console.pages.account import PasskeyLine
from server.current import services
from sync.errors import BadTransition, BadValue, NotFound, TooManyRequests

JSON = "application/json"


@blueprint.post("/session/passkey/options")
@described(
    Operation(
        SESSION,
        "取得通行密钥登录的质询，五分钟内一次有效",
        "Ask for the challenge of signing in by a passkey: good once, for five minutes, in this browser",
        Content(JSON),
        refusals=(TooManyRequests,),
        signed_in=False,
    )
)
def ask_for_passkey() -> Response:
    """Give a challenge."""
    return Response(cookie.ask_for_passkey(), content_type=JSON)


@blueprint.post("/session/passkey")
@described(
    Operation(
        SESSION,
        "用通行密钥登录",
        "Sign in by a passkey alone",
        Session,
        status=201,
        body=PasskeyBody,
        refusals=(PasskeyRefused, PasskeyDoubted, TooManyRequests),
        signed_in=False,
    )
)
def sign_in_by_passkey() -> tuple[Response, int]:
    """Sign in."""
    cookie.sign_in_by_passkey(_answer(body(PasskeyBody())))
    return jsonify(plain(current())), 201


@blueprint.post("/session/confirm")
@described(
    Operation(
        SESSION,
        "再次验证本人身份：十分钟内可增删通行密钥、设置第二因素",
        "Prove again who one is: for ten minutes passkeys and the second factor can be changed",
        None,
        status=204,
        body=ConfirmSelfBody,
        refusals=(WrongPassword, WrongCode, PasskeyRefused, PasskeyDoubted, TooManyRequests),
    )
)
def confirm_self() -> Response:
    """Take a proof."""
    given = body(ConfirmSelfBody())
    cookie.prove(password=given.get("password", ""), code=given.get("code", ""), answer=given.get("answer"))
    return Response(status=204)


@blueprint.post("/account/passkeys/options")
@described(
    Operation(
        SESSION,
        "取得创建通行密钥的质询",
        "Ask for the challenge with which a browser makes a passkey",
        Content(JSON),
        refusals=(BadTransition, ProofWanted),
    )
)
def ask_for_new_passkey() -> Response:
    """Give the options of a new passkey."""
    here, who = services(), cookie.signed_in()
    cookie.check_proven()
    asked = passkeys.ask_to_register(here, users.load(here, who.id), who.token)
    return Response(asked, content_type=JSON)


@blueprint.post("/account/passkeys")
@described(
    Operation(
        SESSION,
        "登记新的通行密钥",
        "Keep a new passkey under a name",
        PasskeyLine,
        status=201,
        body=NewPasskeyBody,
        refusals=(PasskeyRefused, BadValue, ProofWanted),
    )
)
def add_passkey() -> tuple[Response, int]:
    """Keep a new passkey."""
    here, who, given = services(), cookie.signed_in(), body(NewPasskeyBody())
    cookie.check_proven()
    made = passkeys.register(here, who.id, who.token, given["name"], _answer(given))
    line = next(one for one in own_passkeys(here, who.id) if one.id == made.id)
    return jsonify(plain(line)), 201


@blueprint.delete("/account/passkeys/<key>")
@described(
    Operation(
        SESSION,
        "删除本人的一个通行密钥",
        "Remove one of one's own passkeys",
        None,
        status=204,
        refusals=(NotFound, ProofWanted),
    )
)
def remove_passkey(key: str) -> Response:
    """Remove a passkey."""
    cookie.check_proven()
    passkeys.remove(services(), cookie.signed_in().id, key)
    return Response(status=204)


def _answer(given: Mapping[str, Any]) -> Mapping[str, Any]:
    answer = given["answer"]
    if not isinstance(answer, Mapping):
        raise BadValue("the authenticator's answer is a JSON object", field="answer")
    return answer
