"""The log of messages, one of them as it was seen, and what a supervisor does about one that failed."""

from __future__ import annotations

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from server.accounts import cookie
from server.casework import mending
from server.casework.mending import Mending
from server.console.desk import blueprint, looking, show
from server.console.message_marks import FAULTS
from server.current import services
from server.problems import status_of
from server.queries import message_log as queries
from server.reminders import following
from sync.errors import Refusal


@blueprint.get("/reminders/log", endpoint="messages")
def listed() -> str:
    """List messages: `?state= &channel= &region= &case= &after=`, `state=dead` for those that want a look."""
    with looking() as look:
        return show(queries.messages_page(look, request.args), look)


@blueprint.get("/reminders/log/<id>", endpoint="message")
def one(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one message as it was seen."""
    with looking() as look:
        return show(queries.message_page(look, id), look)


@blueprint.post("/reminders/log/<id>/mend", endpoint="mend_message")
def mend(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Send it again, or say that it has arrived, or give it up; each with a reason."""
    who, form = cookie.signed_in(), request.form
    reason = form.get("reason", "").strip()
    with looking() as look:
        queries.message_page(look, id)
    try:
        mending.mend(services(), who.id, id, Mending(form.get("act", ""), reason))
    except Refusal as refusal:
        if refusal.code not in FAULTS:
            raise
        with looking() as look:
            page = queries.message_page(look, id, failed=refusal.code, reason=reason)
            return make_response(show(page, look), status_of(refusal))
    flash(gettext("Done, and entered in the ledger."), "ok")
    return redirect(url_for("console.message", id=id), 303)


@blueprint.get("/reminders/mine", endpoint="my_messages")
def mine() -> str:
    """List what was addressed to the reader himself: `?state=all` with what he has read."""
    with looking() as look:
        return show(queries.mine_page(look, request.args), look)


@blueprint.post("/reminders/mine/<id>/read", endpoint="read_message")
def read(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Mark a message to the reader himself as read."""
    with looking() as look:
        row = queries.one_of_mine(look, id)
    following.read(services(), row)
    return redirect(url_for("console.my_messages"), 303)
