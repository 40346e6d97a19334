"""Working calendars for programs: what counts at a place, tables looked at, and imported as one entry."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, request
from marshmallow import fields, validate

from schemas.codes import asked_region
from schemas.declare import WholeNumber
from schemas.records.working_calendar import STANDINGS, YEAR_MAX, YEAR_MIN
from schemas.wire.parts import Strict
from server.accounts import cookie
from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.bodies import body
from server.api.operations import ACTS, ITEMS, Operation, described, text
from server.console.pages.calendars import CalendarPreview, YearRow
from server.current import services
from server.imports import calendars as imports
from server.imports.calendars import Looked
from server.imports.table import BadFile, BadRows
from server.queries import calendars as queries
from server.reminders import working_calendars
from sync.errors import BadValue, Busy, LedgerStopped, NotAllowed, TooLarge

CONTENT_CHARS_MAX = 4 * ((queries.FILE_BYTES_MAX + 2) // 3)
READING = (BadValue, BadFile, TooLarge, NotAllowed)


@dataclass(frozen=True, kw_only=True)
class CountingCalendar:
    """Which days count in a region: the year before, this one and the next."""

    region: str
    years: tuple[YearRow, ...]


@dataclass(frozen=True, kw_only=True)
class BroughtCalendar:
    """What an import did; id, entry: null where the same table was there already; deadlines: how many moved."""

    id: str | None
    entry: int | None
    off: int
    working: int
    deadlines: int


class CalendarBody(Strict):
    """A table of days in base64: columns day, until, kind. valid_from: today unless told."""

    content = fields.String(required=True, validate=validate.Length(1, CONTENT_CHARS_MAX))
    region = fields.String(required=True, validate=validate.Length(6, 12))
    year = WholeNumber(required=True, validate=validate.Range(YEAR_MIN, YEAR_MAX))
    valid_from = fields.Date()
    standing = fields.String(load_default="published", validate=validate.OneOf(list(STANDINGS)))
    source = fields.String(load_default="", validate=validate.Length(0, 200))


@blueprint.get("/working-calendars")
@described(
    Operation(
        ITEMS,
        "某区划的工作日历：放假日与调休上班日",
        "Which days count in a region; the reader's own unless told",
        CountingCalendar,
        query=(text("region", "行政区划代码", "A region's code"),),
        refusals=(BadValue,),
    )
)
def counting_calendar() -> Response:
    """Tell which days count."""
    who = cookie.signed_in()
    region = asked_region(request.args.get("region") or who.region)
    with looking() as look:
        standing = working_calendars.calendars(look.connection, services())
        return jsonify(plain(CountingCalendar(region=region, years=queries.years(standing, region))))


@blueprint.post("/working-calendars/preview")
@described(
    Operation(
        ACTS,
        "预览工作日历：逐行校验并列出将变动的期限，不写入台账",
        "Look at a table of days: every row is judged, deadlines that would move are named, nothing is written",
        CalendarPreview,
        body=CalendarBody,
        refusals=READING,
        told_once=True,
    )
)
def preview_calendar() -> Response:
    """Tell what a table would do."""
    looked = _looked()
    with looking() as look:
        return jsonify(plain(queries.previewed(look, looked)))


@blueprint.post("/working-calendars")
@described(
    Operation(
        ACTS,
        "导入工作日历：一个文件一条台账；期限因此变动的逐件重算",
        "Import a table of days as one entry; deadlines that it touches are computed anew",
        BroughtCalendar,
        status=201,
        body=CalendarBody,
        refusals=(*READING, BadRows, Busy, LedgerStopped),
    )
)
def bring_calendar() -> tuple[Response, int]:
    """Import a table."""
    looked = _looked()
    if looked.faults:
        raise BadRows(looked.faults, looked.rows)
    report = imports.bring(services(), looked, acting=cookie.signed_in().id)
    done = BroughtCalendar(
        id=report.record or None,
        entry=report.index,
        off=report.off,
        working=report.working,
        deadlines=report.deadlines,
    )
    return jsonify(plain(done)), 201


def _looked() -> Looked:
    cookie.signed_in()
    with looking() as look:
        queries.check_bringer(look)
    given: dict[str, Any] = body(CalendarBody())
    head = imports.header(
        given["region"],
        given["year"],
        given.get("valid_from") or services().today(),
        standing=given["standing"],
        source=given["source"],
    )
    try:
        raw = base64.b64decode(given["content"], validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadValue("the file is base64", field="content") from error
    return imports.look_at(raw, head)
