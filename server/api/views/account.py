"""One's own account: the password, the second factor, the sessions; and choosing a password with a code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from flask import Response, jsonify, request

from server.accounts import cookie, invitations, own_password, second_factor, sessions, users
from server.accounts.choosing import WeakPassword
from server.accounts.cookie import ProofWanted
from server.accounts.credentials import WrongPassword
from server.accounts.invitations import InvitationUnknown
from server.accounts.second_factor import WrongCode
from server.api.account_bodies import CodeBody, JoinBody, PasswordBody
from server.api.answers import plain
from server.api.blueprint import blueprint
from server.api.bodies import body
from server.api.operations import SESSION, Operation, described
from server.console.account import factor_state, own_passkeys, own_sessions
from server.console.pages.account import DeskSession, FactorState, PasskeyLine
from server.current import services
from sync.errors import BadTransition, BadValue, NotFound, TooManyRequests


@dataclass(frozen=True, kw_only=True)
class Account:
    """One's own account."""

    id: str
    login: str
    name: str
    second_factor: FactorState
    passkeys: tuple[PasskeyLine, ...]
    sessions: tuple[DeskSession, ...]


@dataclass(frozen=True, kw_only=True)
class FactorSecret:
    """A second factor that waits for its first code: the secret in base32, and the address that a QR code holds."""

    secret: str
    uri: str


@dataclass(frozen=True, kw_only=True)
class RecoveryCodes:
    """Ten codes, each good once; nobody can read them again."""

    codes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How many sessions stood and have ended; at: when."""

    ended: int
    at: datetime


@blueprint.get("/account")
@described(Operation(SESSION, "我的账户", "Show one's own account", Account))
def account() -> Response:
    """Show one's own account."""
    here, who = services(), cookie.signed_in()
    user = users.load(here, who.id)
    shown = Account(
        id=who.id,
        login=str(user.values.get("login", "")),
        name=who.name,
        second_factor=factor_state(here, who.id),
        passkeys=own_passkeys(here, who.id),
        sessions=own_sessions(here, who),
    )
    return jsonify(plain(shown))


@blueprint.post("/account/password")
@described(
    Operation(
        SESSION,
        "修改本人密码；其他会话随即结束",
        "Change one's own password; every other session ends",
        None,
        status=204,
        body=PasswordBody,
        refusals=(WrongPassword, WeakPassword, BadValue),
    )
)
def change_password() -> Response:
    """Change one's own password."""
    here, who = services(), cookie.signed_in()
    given = body(PasswordBody())
    own_password.change(here, users.load(here, who.id), given["present"], given["password"], token=who.token)
    return Response(status=204)


@blueprint.delete("/account/sessions/<handle>")
@described(
    Operation(
        SESSION, "结束本人的一个会话", "End one of one's own sessions", None, status=204, refusals=(NotFound,)
    )
)
def end_session(handle: str) -> Response:
    """End one of one's own sessions."""
    sessions.end_one(services(), cookie.signed_in().id, handle)
    return Response(status=204)


@blueprint.delete("/account/sessions")
@described(Operation(SESSION, "结束本人的其他全部会话", "End every session of one's own but this one", Ended))
def end_other_sessions() -> Response:
    """End every session of one's own but this one."""
    here, who = services(), cookie.signed_in()
    return jsonify(plain(Ended(ended=sessions.end_all(here, who.id, but=who.token), at=here.now())))


@blueprint.post("/account/second-factor")
@described(
    Operation(
        SESSION,
        "生成第二因素的密钥，待首个验证码确认后生效",
        "Make the secret of a second factor, which counts once its first code was right",
        FactorSecret,
        status=201,
        refusals=(BadTransition, ProofWanted),
    )
)
def begin_second_factor() -> tuple[Response, int]:
    """Make a new secret."""
    cookie.check_proven()
    here, who = services(), cookie.signed_in()
    made = second_factor.begin(here, users.load(here, who.id))
    return jsonify(plain(FactorSecret(secret=made.secret, uri=made.uri))), 201


@blueprint.post("/account/second-factor/confirm")
@described(
    Operation(
        SESSION,
        "用首个验证码启用第二因素，返回十个恢复码",
        "Switch the second factor on by its first code; the answer holds the recovery codes",
        RecoveryCodes,
        body=CodeBody,
        refusals=(WrongCode, NotFound),
    )
)
def confirm_second_factor() -> Response:
    """Switch the factor on."""
    who = cookie.signed_in()
    codes = second_factor.confirm(services(), who.id, body(CodeBody())["code"], token=who.token)
    return jsonify(plain(RecoveryCodes(codes=tuple(codes))))


@blueprint.post("/account/second-factor/codes")
@described(
    Operation(
        SESSION,
        "换发十个恢复码，旧码作废",
        "Make ten new recovery codes; those of before open nothing",
        RecoveryCodes,
        body=CodeBody,
        refusals=(WrongCode,),
    )
)
def renew_codes() -> Response:
    """Make new recovery codes."""
    codes = second_factor.renew_codes(services(), cookie.signed_in().id, body(CodeBody())["code"])
    return jsonify(plain(RecoveryCodes(codes=tuple(codes))))


@blueprint.post("/account/second-factor/off")
@described(
    Operation(
        SESSION,
        "停用第二因素；角色要求时不可停用",
        "Switch the second factor off; refused where the role asks for it",
        None,
        status=204,
        body=CodeBody,
        refusals=(WrongCode, BadTransition),
    )
)
def switch_off_second_factor() -> Response:
    """Switch the factor off."""
    who = cookie.signed_in()
    second_factor.switch_off(services(), who.id, body(CodeBody())["code"], token=who.token)
    return Response(status=204)


@blueprint.post("/join")
@described(
    Operation(
        SESSION,
        "凭一次性代码设置密码",
        "Choose a password with a one-time code",
        None,
        status=204,
        body=JoinBody,
        refusals=(InvitationUnknown, WeakPassword, BadValue, TooManyRequests),
        signed_in=False,
    )
)
def join() -> Response:
    """Choose a password with a code."""
    services().rates.check_sign_in(request)
    given = body(JoinBody())
    invitations.redeem(services(), given["code"], given["password"])
    return Response(status=204)
