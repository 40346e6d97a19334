"""User administration: what an administrator does at the desk, for programs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from flask import Response, jsonify, request

from server.accounts import administration, cookie, deputations, invitations, single_sign_on, users
from server.accounts.administration import Wanted
from server.accounts.invitations import Invitation
from server.api.answers import UnknownFilter, plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import body
from server.api.operations import USERS, Operation, described, number, text
from server.api.user_bodies import DeputationBody, LinkBody, UserBody, UserInviteBody
from server.console.pages.users import DeputationRow, UserRow
from server.current import services
from server.queries import users as queries
from server.queries.reading import PAGE_SIZE, PAGES_MAX, moment, page_number
from sync.errors import (
    BadCode,
    BadTransition,
    BadValue,
    NotAllowed,
    NotFound,
    OwnWork,
    RecordExists,
    VersionChanged,
)

WORDS = (
    text("role", "只列出有该角色的", "Only those who have a role"),
    text("region", "只列出该行政区划及其下级的", "Only those of this region and below it"),
    text("stage", "只列出该状态的", "Only those active or disabled", enum=list(queries.STAGES)),
    number("page", f"第几页，每页 {PAGE_SIZE} 条", f"Which page of {PAGE_SIZE}", 1, PAGES_MAX),
)


@dataclass(frozen=True, kw_only=True)
class UserList:
    """One page of users; total: how many there are on all pages."""

    items: tuple[UserRow, ...]
    total: int
    page: int


@dataclass(frozen=True, kw_only=True)
class UserAnswer:
    """One user; version: what a change names; sessions: how many stand."""

    user: UserRow
    version: int
    email: str
    certificate: str
    institution: str
    sessions: int


@dataclass(frozen=True, kw_only=True)
class CodeAnswer:
    """A code with which a user chooses a password, told this once; purpose: `invite` or `reset`."""

    user: str
    purpose: str
    code: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True)
class EndedSessions:
    """How many sessions were ended."""

    ended: int


@dataclass(frozen=True, kw_only=True)
class DeputationList:
    """Who is or will be away, and who stands in."""

    items: tuple[DeputationRow, ...]


@dataclass(frozen=True, kw_only=True)
class Appointed:
    """The deputation that was made, and its last day."""

    id: str
    stage: str
    until_on: date


@blueprint.get("/users")
@described(
    Operation(USERS, "用户列表（管理员）", "List users, for an administrator", UserList, query=WORDS,
              refusals=(BadValue, BadCode, NotAllowed, UnknownFilter))
)  # fmt: skip
def list_users() -> Response:
    """List users of the administrator's region."""
    with looking() as look:
        for name in request.args:
            if name not in {word.name for word in WORDS}:
                raise UnknownFilter(f"there is no {name} to ask by", field=name)
        wanted = queries.asked(*(request.args.get(name, "") for name in ("role", "region", "stage")))
        page = queries.users_page(look, wanted, page=page_number(request.args.get("page")))
    return jsonify(plain(UserList(items=page.rows, total=page.paging.total, page=page.paging.page)))


@blueprint.post("/users")
@described(
    Operation(USERS, "邀请用户，返回一次性代码", "Invite a user; the answer holds the code, this once", CodeAnswer,
              told_once=True, status=201, body=UserInviteBody, refusals=(BadCode, NotAllowed, NotFound, RecordExists))
)  # fmt: skip
def invite_user() -> tuple[Response, int]:
    """Make a user who chooses his password himself."""
    who, given = cookie.signed_in(), body(UserInviteBody())
    wanted = users.check(
        login=given["login"],
        name=given["name"],
        roles=tuple(given["roles"]),
        region=given["region"],
        email=given.get("email"),
        institution=administration.institution(services(), given.get("institution", "")),
    )
    administration.enlisted(services(), who.id, wanted.region)
    return jsonify(plain(code_answer(invitations.invite(services(), wanted, by=who.id)))), 201


@blueprint.get("/users/<record>")
@described(Operation(USERS, "一名用户", "Show one user", UserAnswer, refusals=(NotAllowed,)))
def one_user(record: str) -> Response:
    """Show one user."""
    return jsonify(plain(_answer(record)))


@blueprint.post("/users/<record>")
@described(
    Operation(USERS, "修改用户", "Change one version of a user; what is left out stays", UserAnswer, body=UserBody,
              refusals=(BadCode, NotAllowed, OwnWork, VersionChanged))
)  # fmt: skip
def change_user(record: str) -> Response:
    """Change a user's roles, region, name, address or certificate."""
    who, given = cookie.signed_in(), body(UserBody())
    with looking() as look:
        form = queries.user_page(look, record).form
    wanted = Wanted(
        version=given["version"],
        name=given.get("name", form.name),
        roles=tuple(given.get("roles", form.roles)),
        region=given.get("region", form.region),
        email=given.get("email", form.email),
        certificate=given.get("certificate", form.certificate),
        institution=administration.institution(services(), given.get("institution", form.institution)),
    )
    administration.change(services(), who.id, record, wanted)
    return jsonify(plain(_answer(record)))


@blueprint.post("/users/<record>/disable")
@described(
    Operation(USERS, "停用用户", "Disable a user", UserAnswer, refusals=(NotAllowed, OwnWork, BadTransition))
)
def disable_user(record: str) -> Response:
    """End a user's access."""
    administration.disable(services(), cookie.signed_in().id, record)
    return jsonify(plain(_answer(record)))


@blueprint.post("/users/<record>/enable")
@described(
    Operation(
        USERS, "恢复用户", "Let a disabled user in again", UserAnswer, refusals=(NotAllowed, BadTransition)
    )
)
def enable_user(record: str) -> Response:
    """Let a disabled user in again."""
    administration.enable(services(), cookie.signed_in().id, record)
    return jsonify(plain(_answer(record)))


@blueprint.post("/users/<record>/sign-out")
@described(
    Operation(
        USERS, "结束用户的全部会话", "End all sessions of a user", EndedSessions, refusals=(NotAllowed,)
    )
)
def sign_out_user(record: str) -> Response:
    """End all sessions of a user."""
    ended = administration.sign_out(services(), cookie.signed_in().id, record)
    return jsonify(plain(EndedSessions(ended=ended)))


@blueprint.post("/users/<record>/reset-factor")
@described(
    Operation(USERS, "重置第二因素：验证器和通行密钥一并删除，全部会话结束",
              "Take a second factor and passkeys away and end all sessions", None, status=204, refusals=(NotAllowed,))
)  # fmt: skip
def reset_factor(record: str) -> Response:
    """Take a user's second factor and passkeys away."""
    administration.reset_factor(services(), cookie.signed_in().id, record)
    return Response(status=204)


@blueprint.post("/users/<record>/reset")
@described(
    Operation(USERS, "重置密码，返回一次性代码", "End a password; the answer holds the code for another, this once",
              CodeAnswer, told_once=True, refusals=(NotAllowed,))
)  # fmt: skip
def reset_user(record: str) -> Response:
    """End a user's password and sessions."""
    who = cookie.signed_in()
    known = administration.one(services(), who.id, record)
    return jsonify(plain(code_answer(invitations.reset(services(), known, by=who.id))))


@blueprint.post("/users/<record>/invite")
@described(
    Operation(USERS, "重新发放邀请代码", "A new code for somebody who has not used his", CodeAnswer, told_once=True,
              refusals=(NotAllowed,))
)  # fmt: skip
def invite_again(record: str) -> Response:
    """Give somebody invited a new code."""
    who = cookie.signed_in()
    known = administration.one(services(), who.id, record)
    return jsonify(plain(code_answer(invitations.again(services(), known, by=who.id))))


@blueprint.post("/users/<record>/link")
@described(
    Operation(USERS, "关联统一身份认证标识；空则解除", "Link a user to a person of the single sign-on, or to none",
              UserAnswer, body=LinkBody, refusals=(NotAllowed, RecordExists))
)  # fmt: skip
def link_user(record: str) -> Response:
    """Link a user to a person of the single sign-on."""
    single_sign_on.link(services(), cookie.signed_in().id, record, body(LinkBody())["subject"].strip())
    return jsonify(plain(_answer(record)))


@blueprint.get("/deputations")
@described(
    Operation(
        USERS,
        "请假与代理（管理员）",
        "List who is away and who stands in",
        DeputationList,
        refusals=(NotAllowed,),
    )
)
def list_deputations() -> Response:
    """List who is away."""
    with looking() as look:
        rows = queries.deputation_rows(look, queries.reached(look))
    return jsonify(plain(DeputationList(items=rows)))


@blueprint.post("/deputations")
@described(
    Operation(USERS, "指定代理人", "Appoint a deputy", Appointed, status=201, body=DeputationBody,
              refusals=(NotAllowed, NotFound))
)  # fmt: skip
def appoint_deputy() -> tuple[Response, int]:
    """Let one user stand in for another."""
    who, given = cookie.signed_in(), body(DeputationBody())
    made = deputations.appoint(
        services(),
        administration.one(services(), who.id, given["absent"]),
        administration.one(services(), who.id, given["deputy"]),
        first=given.get("first") or services().today(),
        last=given["last"],
        roles=tuple(given.get("roles", ())),
        by=who.id,
    )
    return jsonify(plain(Appointed(id=made.id, stage=str(made.stage), until_on=given["last"]))), 201


@blueprint.delete("/deputations/<record>")
@described(
    Operation(
        USERS, "提前结束代理", "End a deputation before its day", None, status=204, refusals=(NotAllowed,)
    )
)
def end_deputation(record: str) -> Response:
    """End a deputation."""
    who = cookie.signed_in()
    with looking() as look:
        if all(one.id != record for one in queries.reached(look)):
            raise NotFound(item=record)
    deputations.end(services(), record, by=who.id)
    return Response(status=204)


def _answer(user: str) -> UserAnswer:
    with looking() as look:
        page = queries.user_page(look, user)
    return UserAnswer(
        user=page.row,
        version=page.version,
        email=page.form.email,
        certificate=page.form.certificate,
        institution=page.form.institution,
        sessions=page.sessions,
    )


def code_answer(made: Invitation) -> CodeAnswer:
    """Return a code as it is told, this once."""
    return CodeAnswer(
        user=made.user, purpose=made.purpose, code=made.code, url=made.url, expires_at=moment(made.expires_at)
    )
