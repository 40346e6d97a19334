"""Asking for more time and appealing, for programs of an institution."""

from __future__ import annotations

from flask import Response, jsonify
from marshmallow import fields, validate

from schemas.declare import WholeNumber
from schemas.records.appeal import KINDS
from schemas.records.extension import REASONS, WORKING_DAYS_MAX
from schemas.wire.parts import Strict, whole
from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint
from server.api.bodies import body
from server.api.operations import PORTAL, Operation, described
from server.api.views.portal import ACTING, looking
from server.casework.asking_time import WORDS_CHARS_MAX, Asked
from server.casework.filing_appeals import REASONS_CHARS_MAX, Filing
from server.current import services
from server.portal import asking
from server.portal.handed_files import files_field, given_files
from server.portal.pages import PortalCase, PortalHome, PortalSanction
from server.portal.reading import case_page, home, sanction_page
from sync.errors import FileCorrupt, NotAllowed, UnsupportedType


class TimeBody(Strict):
    """POST /api/portal/cases/<id>/extension; version: of the case's page is not wanted: it is asked for once."""

    working_days = WholeNumber(required=True, validate=validate.Range(1, WORKING_DAYS_MAX))
    reason = fields.String(required=True, validate=validate.OneOf(list(REASONS)))
    words = fields.String(required=True, validate=validate.Length(1, WORDS_CHARS_MAX))


class FilingBody(Strict):
    """POST /api/portal/sanctions/<id>/appeal."""

    kind = fields.String(required=True, validate=validate.OneOf(list(KINDS)))
    reasons = fields.String(required=True, validate=validate.Length(1, REASONS_CHARS_MAX))
    files = files_field()


class TakingBackBody(Strict):
    """POST /api/portal/withdraw/<id>: what is taken back, at exactly one version."""

    kind = fields.String(required=True, validate=validate.OneOf(list(asking.TAKEN_BACK)))
    version = whole(required=True)


@blueprint.post("/portal/cases/<record>/extension")
@described(
    Operation(PORTAL, "申请延期", "Ask for an extension, once", PortalCase, body=TimeBody, refusals=ACTING)
)
def party_asks_time(record: str) -> Response:
    """Ask for an extension."""
    who, given = cookie.signed_in(), body(TimeBody())
    asking.ask_time(services(), who.id, record, Asked(**given))
    with looking() as look:
        return jsonify(plain(case_page(look, record)))


@blueprint.get("/portal/sanctions/<record>")
@described(Operation(PORTAL, "一件处理处罚", "One sanction", PortalSanction, refusals=(NotAllowed,)))
def portal_sanction(record: str) -> Response:
    """Show one sanction."""
    with looking() as look:
        return jsonify(plain(sanction_page(look, record)))


@blueprint.post("/portal/sanctions/<record>/appeal")
@described(
    Operation(
        PORTAL,
        "提出陈述申辩、听证、复议等",
        "File an appeal in one of the ways that are open",
        PortalSanction,
        body=FilingBody,
        refusals=(*ACTING, FileCorrupt, UnsupportedType),
    )
)
def party_appeal(record: str) -> Response:
    """File an appeal."""
    who, given = cookie.signed_in(), body(FilingBody())
    files = given_files(given.pop("files"))
    asking.appeal(services(), who.id, record, Filing(**given, files=files))
    with looking() as look:
        return jsonify(plain(sanction_page(look, record)))


@blueprint.post("/portal/withdraw/<record>")
@described(
    Operation(
        PORTAL,
        "撤回延期申请或申辩复议",
        "Take back an extension or an appeal",
        PortalHome,
        body=TakingBackBody,
        refusals=ACTING,
    )
)
def party_takes_back(record: str) -> Response:
    """Take back what was asked for."""
    who, given = cookie.signed_in(), body(TakingBackBody())
    asking.take_back(services(), who.id, given["kind"], record, given["version"])
    with looking() as look:
        return jsonify(plain(home(look)))
