"""Phones: lists, one, invites, shutting out."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, jsonify, request

from server.accounts import cookie
from server.accounts.invites import AlreadySuperseded
from server.api.answers import PAGE_WORDS, listing, plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import DeviceInviteBody, LostBody, RevokeBody, body
from server.api.operations import ACTS, ITEMS, Listing, Operation, described, text
from server.casework import devices as managing
from server.console.pages.devices import DevicePage, DeviceRow, Invited, InviteStands, LossPage
from server.current import services
from server.queries import devices as queries
from server.queries.reading import TABLE, moment
from sync.errors import BadTransition, BadValue, Busy, LedgerStopped, NotAllowed, VersionChanged

SHUTTING = (NotAllowed, BadTransition, VersionChanged, Busy, LedgerStopped)
STAGE = text("stage", "只列出处于该阶段的", "Only those at one stage")


@dataclass(frozen=True, kw_only=True)
class ShutOut:
    """A phone that was shut out; ledger_index: the entry that says so."""

    id: str
    stage: str
    version: int
    ledger_index: int


@blueprint.get("/devices")
@described(
    Operation(
        ITEMS,
        "手机列表及其同步状况",
        "List phones with how they keep up",
        Listing(DeviceRow),
        query=(STAGE, *PAGE_WORDS),
        refusals=(BadValue,),
    )
)
def list_devices() -> Response:
    """List phones, `?stage=` in one stage."""
    with looking() as look:
        statement = queries.visible(look)
        if stage := request.args.get("stage"):
            statement = statement.where(TABLE.c.stage == stage)
        return jsonify(listing(look, statement, queries.device_rows))


@blueprint.get("/devices/<record>")
@described(Operation(ITEMS, "一部手机", "Show a phone", DevicePage))
def one_device(record: str) -> Response:
    """Show a phone."""
    with looking() as look:
        return jsonify(plain(queries.device_page(look, record)))


@blueprint.get("/devices/<record>/loss")
@described(
    Operation(
        ITEMS,
        "已停用手机上可能存有的内容（只计数）",
        "What may be on a phone that is shut out, counted",
        LossPage,
        refusals=(BadTransition,),
    )
)
def device_loss(record: str) -> Response:
    """Tell what may be on a phone that is shut out."""
    with looking() as look:
        return jsonify(plain(queries.loss_page(look, record)))


@blueprint.post("/devices/invites")
@described(
    Operation(
        ACTS,
        "为一名用户的手机生成一次性登记码，15 分钟内有效",
        "Make a one-time invite for a user's phone, good for 15 minutes",
        Invited,
        status=201,
        body=DeviceInviteBody,
        refusals=(NotAllowed, AlreadySuperseded),
    )
)
def invite_device() -> tuple[Response, int]:
    """Make an invite; its code is told this once."""
    who = cookie.signed_in()
    given = body(DeviceInviteBody())
    made = managing.invite(services(), who.id, given["user"], supersedes=given.get("supersedes"))
    told = Invited(
        invite=made.invite.text(),
        url=made.invite.url,
        code=made.invite.code,
        digest=made.invite.code_digest,
        expires_at=moment(made.expires_at),
    )
    return jsonify(plain(told)), 201


@blueprint.get("/devices/invites/<digest>")
@described(
    Operation(
        ITEMS,
        "登记码是否已使用",
        "How an invite stands, by the digest of its code",
        InviteStands,
        refusals=(NotAllowed,),
    )
)
def invite_stands(digest: str) -> Response:
    """Tell how an invite stands."""
    state = managing.invite_state(services(), cookie.signed_in().id, digest)
    told = InviteStands(state=state.state, expires_at=moment(state.expires_at), device=state.device)
    return jsonify(plain(told))


@blueprint.post("/devices/<record>/revoke")
@described(
    Operation(
        ACTS,
        "吊销一部手机并说明原因",
        "Shut a phone out, with a reason",
        ShutOut,
        body=RevokeBody,
        refusals=SHUTTING,
    )
)
def revoke_device(record: str) -> Response:
    """Shut a phone out."""
    who = cookie.signed_in()
    given = body(RevokeBody())
    result = managing.revoke(services(), who.id, record, given["reason"], version=given["version"])
    moved = result.records[record]
    done = ShutOut(id=record, stage=str(moved.stage), version=moved.version, ledger_index=result.first)
    return jsonify(plain(done))


@blueprint.post("/devices/<record>/lost")
@described(
    Operation(
        ACTS,
        "报失一部手机：停用、下达擦除命令，并列出其上可能存有的内容",
        "Report a phone lost: shut out, told to erase itself; answers what may be on it",
        LossPage,
        body=LostBody,
        refusals=SHUTTING,
    )
)
def report_lost(record: str) -> Response:
    """Report a phone lost."""
    who = cookie.signed_in()
    given = body(LostBody())
    now, version = given["wipe"] == "now", given["version"]
    managing.lose(services(), who.id, record, now=now, reason=given["reason"], version=version)
    with looking() as look:
        return jsonify(plain(queries.loss_page(look, record)))
