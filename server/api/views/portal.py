"""The portal for programs of an institution: what waits for it, its notices and its cases, and what it does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, jsonify, request
from marshmallow import fields, validate

from schemas.wire.parts import Strict, whole
from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint
from server.api.bodies import body
from server.api.operations import PORTAL, SESSION, Content, Operation, described
from server.console.desk import language
from server.current import services
from server.portal import acknowledging, links, reading
from server.portal.acknowledgements import acknowledged
from server.portal.looking import Look, looking_as
from server.portal.pages import PortalCase, PortalHome, PortalNotice
from server.portal.papers import paper_answer
from sync.errors import (
    BadTransition,
    BadValue,
    Busy,
    LedgerStopped,
    NotAllowed,
    TooManyRequests,
    VersionChanged,
)

LINK_FAULTS = (links.LinkUnknown, links.LinkExpired, links.LinkReplaced, BadValue, TooManyRequests)
ACTING = (NotAllowed, BadValue, BadTransition, VersionChanged, Busy, LedgerStopped)


class PartyVersionBody(Strict):
    """An act on exactly one version."""

    version = whole(required=True)


class NoticeLinkBody(Strict):
    """What stands behind the # of a message's link."""

    token = fields.String(required=True, validate=validate.Length(1, links.TOKEN_CHARS_MAX))


@contextmanager
def looking() -> Iterator[Look]:
    """Yield the look of an institution's user; raises SignInRequired or NotAllowed."""
    with looking_as(services(), cookie.signed_in().id, language()) as look:
        yield look


@blueprint.get("/portal")
@described(
    Operation(
        PORTAL,
        "本机构的待办与全部文书",
        "What waits for one's own institution",
        PortalHome,
        refusals=(NotAllowed,),
    )
)
def portal() -> Response:
    """Tell what waits for the institution."""
    with looking() as look:
        return jsonify(plain(reading.home(look)))


@blueprint.get("/portal/notices/<record>")
@described(Operation(PORTAL, "一份文书", "One notice", PortalNotice, refusals=(NotAllowed,)))
def portal_notice(record: str) -> Response:
    """Show one notice."""
    with looking() as look:
        return jsonify(plain(reading.notice_page(look, record)))


@blueprint.get("/portal/notices/<record>/paper")
@described(
    Operation(PORTAL, "文书 PDF", "A notice as PDF", Content("application/pdf"), refusals=(NotAllowed,))
)
def portal_paper(record: str) -> Response:
    """Give a notice as the paper that was signed off."""
    with looking() as look:
        return paper_answer(look, record)


@blueprint.get("/portal/cases/<record>")
@described(Operation(PORTAL, "一件整改", "One case", PortalCase, refusals=(NotAllowed,)))
def portal_case(record: str) -> Response:
    """Show one case."""
    with looking() as look:
        return jsonify(plain(reading.case_page(look, record)))


@blueprint.post("/portal/notices/<record>/acknowledge")
@described(
    Operation(
        PORTAL,
        "确认收到文书",
        "Acknowledge a notice that was served",
        PortalNotice,
        body=PartyVersionBody,
        refusals=ACTING,
    )
)
def acknowledge_notice(record: str) -> Response:
    """Acknowledge a notice."""
    who, given = cookie.signed_in(), body(PartyVersionBody())
    acknowledging.by_user(services(), who.id, record, given["version"])
    with looking() as look:
        return jsonify(plain(reading.notice_page(look, record)))


@blueprint.post("/acknowledgements/look")
@described(
    Operation(
        SESSION,
        "查看短信、邮件链接所指文书（不需登录）",
        "Look up what the link of a message is about, without signing in",
        links.Seen,
        body=NoticeLinkBody,
        refusals=LINK_FAULTS,
        signed_in=False,
    )
)
def look_up_link() -> Response:
    """Tell number, last day and institution of a link."""
    services().rates.check_sign_in(request)
    return jsonify(plain(links.see(services(), body(NoticeLinkBody())["token"])))


@blueprint.post("/acknowledgements")
@described(
    Operation(
        SESSION,
        "凭链接确认收到文书（不需登录，可重复提交）",
        "Acknowledge a notice by the link of a message, without signing in; twice is once",
        links.Seen,
        body=NoticeLinkBody,
        refusals=(*LINK_FAULTS, BadTransition, Busy, LedgerStopped),
        signed_in=False,
    )
)
def acknowledge_by_link() -> Response:
    """Acknowledge by a link."""
    services().rates.check_sign_in(request)
    given = body(NoticeLinkBody())["token"]
    seen = links.see(services(), given)
    return jsonify(plain(acknowledged(given) if seen.state == links.READY else seen))
