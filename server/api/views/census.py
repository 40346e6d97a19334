"""Censuses for programs: looked at, and imported as one entry."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify
from marshmallow import fields, validate

from schemas.wire.parts import Strict
from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import a_day, body
from server.api.operations import ACTS, Operation, described
from server.console.desk import language
from server.console.pages.census import CensusPreview
from server.current import services
from server.imports import census as imports
from server.imports.census import WrongInstitution
from server.imports.table import BadFile, BadRows
from server.queries import census as queries
from sync.errors import (
    BadCode,
    BadValue,
    Busy,
    LedgerStopped,
    NotAllowed,
    NotFound,
    TooLarge,
    VersionChanged,
)

CONTENT_CHARS_MAX = 4 * ((queries.FILE_BYTES_MAX + 2) // 3)
WORD_CHARS_MAX = 60
READING = (BadValue, BadCode, BadFile, TooLarge, NotFound, NotAllowed, WrongInstitution)


@dataclass(frozen=True, kw_only=True)
class BroughtCensus:
    """What an import did; entry: its ledger entry; left: listed before and not in this list."""

    entry: int | None
    rows: int
    created: int
    changed: int
    same: int
    left: int


class CensusBody(Strict):
    """A census's file in base64. institution: the code of whose list it is, where its rows do not name it.

    some_wards: it names some wards only; strict_codes: a diagnosis code that no catalogue has is a fault
    """

    content = fields.String(required=True, validate=validate.Length(1, CONTENT_CHARS_MAX))
    institution = fields.String(validate=validate.Length(1, WORD_CHARS_MAX))
    day = fields.Date()
    some_wards = fields.Boolean(load_default=False)
    sheet = fields.String(validate=validate.Length(1, WORD_CHARS_MAX))


class ImportBody(CensusBody):
    """POST /api/censuses."""

    strict_codes = fields.Boolean(load_default=False)


@blueprint.post("/censuses/preview")
@described(
    Operation(
        ACTS,
        "预览在院名单：逐行校验，不写入台账",
        "Look at a census: every row is judged, nothing is written and nothing is kept",
        CensusPreview,
        body=CensusBody,
        refusals=READING,
        told_once=True,
    )
)
def preview_census() -> Response:
    """Tell what a file would do."""
    who = cookie.signed_in()
    with looking() as look:
        queries.check_bringer(look)
    looked = imports.look_at(services(), **_given(body(CensusBody())), acting=who.id)
    return jsonify(plain(queries.previewed(services(), looked, language())))


@blueprint.post("/censuses")
@described(
    Operation(
        ACTS,
        "导入在院名单：一个文件一条台账，全部或不动",
        "Import a census as one entry: all of its rows, or none and every bad row named",
        BroughtCensus,
        status=201,
        body=ImportBody,
        refusals=(*READING, BadRows, VersionChanged, Busy, LedgerStopped),
    )
)
def bring_census() -> tuple[Response, int]:
    """Import a file."""
    who = cookie.signed_in()
    with looking() as look:
        queries.check_bringer(look)
    given = body(ImportBody())
    strict = given.pop("strict_codes")
    report = imports.import_census(services(), **_given(given), acting=who.id, strict_codes=strict)
    done = BroughtCensus(
        entry=report.index,
        rows=report.rows,
        created=report.created,
        changed=report.changed,
        same=report.same,
        left=report.left,
    )
    return jsonify(plain(done)), 201


def _given(found: dict[str, Any]) -> dict[str, Any]:
    """Return a body as the import takes it; raises BadValue for what is not base64."""
    try:
        content = base64.b64decode(found["content"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadValue("the file is sent in base64", field="content") from error
    if len(content) > queries.FILE_BYTES_MAX:
        raise TooLarge(f"a file has at most {queries.FILE_BYTES_MAX} bytes")
    return {
        "source": content,
        "institution_code": found.get("institution"),
        "partial_list": found["some_wards"],
        "day": a_day(found, "day"),
        "sheet": found.get("sheet"),
    }
