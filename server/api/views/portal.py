"""The portal for programs of an institution: what waits for it, its notices and its cases."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Response, jsonify

from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint
from server.api.operations import PORTAL, Operation, described
from server.console.desk import language
from server.current import services
from server.portal import reading
from server.portal.looking import Look, looking_as
from server.portal.pages import PortalCase, PortalHome, PortalNotice
from sync.errors import NotAllowed


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


@blueprint.get("/portal/cases/<record>")
@described(Operation(PORTAL, "一件整改", "One case", PortalCase, refusals=(NotAllowed,)))
def portal_case(record: str) -> Response:
    """Show one case."""
    with looking() as look:
        return jsonify(plain(reading.case_page(look, record)))
