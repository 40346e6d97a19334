"""Messages for programs: the log, one as it was seen, and what a supervisor does about one that failed."""

from __future__ import annotations

from flask import Response, jsonify, request
from marshmallow import fields, validate

from schemas.records.reminder import CHANNELS, MENDING_REASON_CHARS_MAX, MENDINGS
from schemas.wire.parts import Strict
from server.accounts import cookie
from server.api.answers import PAGE_WORDS, page_limit, plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import body
from server.api.operations import ACTS, ITEMS, Listing, Operation, described, text
from server.casework import mending
from server.casework.mending import Mending
from server.console.pages.messages import MessagePage, MessageRow
from server.current import services
from server.queries import message_log as queries
from server.reminders import following
from server.storage.outbox_store import STATES
from sync.errors import BadCode, BadTransition, BadValue, Busy, LedgerStopped, NotAllowed, VersionChanged


class MendBody(Strict):
    """POST /api/reminders/log/<id>/mend."""

    act = fields.String(required=True, validate=validate.OneOf(list(MENDINGS)))
    reason = fields.String(required=True, validate=validate.Length(2, MENDING_REASON_CHARS_MAX))


@blueprint.get("/reminders/log")
@described(
    Operation(
        ITEMS,
        "通知日志，最近的在前；state=dead 为需要处理的",
        "Messages that were sent or wait, the newest first; state=dead: those that want somebody's look",
        Listing(MessageRow),
        query=(
            text("state", "只列出该状态的", "Only those in this state", enum=[*STATES, queries.WANTED]),
            text("channel", "只列出该渠道的", "Only those of this channel", enum=list(CHANNELS)),
            text("region", "行政区划及其下级", "A region and what lies below it"),
            text("case", "只列出该案件的", "Only those of this case"),
            *PAGE_WORDS,
        ),
        refusals=(BadValue, BadCode),
    )
)
def list_messages() -> Response:
    """Tell what was sent and what waits."""
    with looking() as look:
        rows, following = queries.page_of(look, request.args, page_limit())
        return jsonify({"items": plain(rows), "next": following or None})


@blueprint.get("/reminders/log/<item>")
@described(
    Operation(
        ITEMS,
        "一条通知：当时看到的原文、问题与经过",
        "One message: the text as it was seen, what is wrong with it, what the ledger says of it",
        MessagePage,
    )
)
def one_message(item: str) -> Response:
    """Tell of one message."""
    with looking() as look:
        return jsonify(plain(queries.message_page(look, item)))


@blueprint.post("/reminders/log/<item>/mend")
@described(
    Operation(
        ACTS,
        "处理发送失败或结果不明的通知：重新发送、确认已收到、不再发送",
        "Mend a message that failed or of which nobody knows: send it again, say that it arrived, or give it up",
        MessagePage,
        body=MendBody,
        refusals=(BadValue, BadTransition, NotAllowed, VersionChanged, Busy, LedgerStopped),
    )
)
def mend_message(item: str) -> Response:
    """Do what a supervisor wants about a message."""
    who, given = cookie.signed_in(), body(MendBody())
    with looking() as look:
        queries.message_page(look, item)
    mending.mend(services(), who.id, item, Mending(given["act"], given["reason"]))
    with looking() as look:
        return jsonify(plain(queries.message_page(look, item)))


@blueprint.get("/reminders/mine")
@described(
    Operation(
        ITEMS,
        "发给本人的通知，最近的在前",
        "What was addressed to the caller himself, the newest first",
        Listing(MessageRow),
        query=(
            text(
                "state",
                "unread 未读（默认），all 全部",
                "unread, the default, or all",
                enum=["unread", "all"],
            ),
            *PAGE_WORDS,
        ),
        refusals=(BadValue,),
    )
)
def list_my_messages() -> Response:
    """Tell what was addressed to the caller."""
    with looking() as look:
        page = queries.mine_page(look, request.args)
        return jsonify({"items": plain(page.rows), "next": page.next or None})


@blueprint.post("/reminders/mine/<item>/read")
@described(
    Operation(
        ACTS,
        "将发给本人的一条通知标为已读",
        "Mark a message to the caller himself as read; again, it changes nothing",
        MessagePage,
        refusals=(Busy, LedgerStopped),
    )
)
def read_message(item: str) -> Response:
    """Mark a message as read."""
    with looking() as look:
        row = queries.one_of_mine(look, item)
    following.read(services(), row)
    with looking() as look:
        return jsonify(plain(queries.message_page(look, item)))
