"""Devices: the list, one phone, letting one in by a code on the screen, shutting one out."""

from __future__ import annotations

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from schemas.wire.outbox_file import MEDIA_TYPE
from server.accounts import cookie
from server.casework import devices as managing
from server.casework.devices import InviteState, Ticket
from server.console.desk import blueprint, looking, show
from server.console.device_marks import DEVICE_FAULTS
from server.console.pages.devices import InvitePage, OutboxPage
from server.console.qr import path_of
from server.console.views.evidence import whole
from server.current import services
from server.problems import status_of
from server.queries import devices as queries
from server.queries import people
from server.queries.reading import Reading, moment, page_number
from sync.errors import Refusal


@blueprint.get("/devices")
def devices() -> str:
    """List phones, `?state=` in one stage or in trouble."""
    with looking() as look:
        page = page_number(request.args.get("page"))
        return show(queries.devices_page(look, state=request.args.get("state", ""), page=page), look)


@blueprint.get("/devices/<id>")
def device(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one phone."""
    with looking() as look:
        return show(queries.device_page(look, id), look)


@blueprint.get("/devices/enrol")
def enrol() -> str:
    """Show the form that makes an invite, `?user=&supersedes=` fill it."""
    with looking() as look:
        user, supersedes = request.args.get("user", ""), request.args.get("supersedes", "")
        return show(queries.enrol_page(look, user=user, supersedes=supersedes), look)


@blueprint.get("/devices/outbox")
def outbox() -> str:
    """Show the form that brings what a phone exported."""
    with looking() as look:
        queries.check_brings(look)
        return show(OutboxPage(media=MEDIA_TYPE), look)


@blueprint.post("/devices/invites")
def invite() -> AnyResponse:
    """Make an invite and show it, this once: its code is kept nowhere."""
    who = cookie.signed_in()
    user, supersedes = request.form.get("user", ""), request.form.get("supersedes", "")
    try:
        made = managing.invite(services(), who.id, user, supersedes=supersedes or None)
    except Refusal as refusal:
        if refusal.code not in DEVICE_FAULTS:
            raise
        with looking() as look:
            page = queries.enrol_page(look, user=user, supersedes=supersedes, failed=refusal.code)
            return make_response(show(page, look), status_of(refusal))
    with looking() as look:
        return make_response(show(_shown(look, made), look), 201)


@blueprint.get("/devices/invites/<digest>", endpoint="invite_state")
def stands(digest: str) -> str:
    """Tell how an invite stands, by the digest of its code."""
    state = managing.invite_state(services(), cookie.signed_in().id, digest)
    with looking() as look:
        return show(_state(look, digest, state), look)


@blueprint.post("/devices/<id>/revoke", endpoint="revoke_device")
def revoke(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Shut a phone out, with a reason."""
    try:
        version = whole(request.form.get("version"), "version")
        reason = request.form.get("reason")
        managing.revoke(services(), cookie.signed_in().id, id, reason, version=version)
    except Refusal as refusal:
        return _again(id, refusal)
    flash(gettext("The phone is shut out. What it sends from now on is kept in quarantine."), "ok")
    return redirect(url_for("console.device", id=id), 303)


@blueprint.post("/devices/<id>/lost", endpoint="report_lost")
def lost(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Report a phone lost: shut out, told to erase itself; then show what may be on it."""
    now = request.form.get("wipe") == "now"
    try:
        version = whole(request.form.get("version"), "version")
        reason = request.form.get("reason")
        managing.lose(services(), cookie.signed_in().id, id, now=now, reason=reason, version=version)
    except Refusal as refusal:
        return _again(id, refusal)
    flash(gettext("The phone is shut out and will erase itself at its next contact."), "ok")
    return redirect(url_for("console.loss", id=id), 303)


@blueprint.get("/devices/<id>/loss")
def loss(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show what may be on a phone that is shut out."""
    with looking() as look:
        return show(queries.loss_page(look, id), look)


def _again(device: str, refusal: Refusal) -> AnyResponse:
    if refusal.code not in DEVICE_FAULTS:
        raise refusal
    with looking() as look:
        page = queries.device_page(look, device, failed=refusal.code)
        return make_response(show(page, look), status_of(refusal))


def _shown(look: Reading, made: Ticket) -> InvitePage:
    path, size = path_of(made.invite.text())
    return InvitePage(
        digest=made.invite.code_digest,
        user=people.officer(made.user, look.locale).name,
        user_id=made.user.id,
        state=managing.OPEN,
        expires_at=moment(made.expires_at),
        text=made.invite.text(),
        path=path,
        size=size,
        supersedes=made.supersedes,
    )


def _state(look: Reading, digest: str, state: InviteState) -> InvitePage:
    return InvitePage(
        digest=digest,
        user=people.officers(look, [state.user])[state.user].name,
        user_id=state.user,
        state=state.state,
        expires_at=moment(state.expires_at),
        device=state.device,
    )
