"""Statements on findings, for programs of an institution."""

from __future__ import annotations

from flask import Response, jsonify
from marshmallow import fields, validate

from schemas.records.statement import KINDS
from schemas.wire.parts import Strict, whole
from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint
from server.api.bodies import body
from server.api.operations import PORTAL, Operation, described
from server.api.views.portal import ACTING, looking
from server.casework.statements import WORDS_CHARS_MAX, Said
from server.current import services
from server.portal import stating
from server.portal.handed_files import files_field, given_files
from server.portal.pages import PortalFinding
from server.portal.reading import finding_page
from sync.errors import FileCorrupt, NotAllowed, UnsupportedType


class StatementBody(Strict):
    """POST /api/portal/findings/<id>/statement; words: wanted of whoever disputes."""

    version = whole(required=True)
    kind = fields.String(required=True, validate=validate.OneOf(list(KINDS)))
    words = fields.String(load_default="", validate=validate.Length(0, WORDS_CHARS_MAX))
    files = files_field()


@blueprint.get("/portal/findings/<record>")
@described(
    Operation(
        PORTAL,
        "向本机构提出的一个问题",
        "A finding that was put to the party",
        PortalFinding,
        refusals=(NotAllowed,),
    )
)
def portal_finding(record: str) -> Response:
    """Show one finding."""
    with looking() as look:
        return jsonify(plain(finding_page(look, record)))


@blueprint.post("/portal/findings/<record>/statement")
@described(
    Operation(
        PORTAL,
        "陈述申辩：对所提问题表示无异议或有异议",
        "State whether one agrees with a finding, before it is confirmed",
        PortalFinding,
        body=StatementBody,
        refusals=(*ACTING, FileCorrupt, UnsupportedType),
    )
)
def state_on_finding(record: str) -> Response:
    """Write a statement."""
    who, given = cookie.signed_in(), body(StatementBody())
    version, files = given.pop("version"), given_files(given.pop("files"))
    stating.state(services(), who.id, record, Said(**given, files=files), version)
    with looking() as look:
        return jsonify(plain(finding_page(look, record)))
