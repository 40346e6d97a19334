"""Working calendars at the desk: what counts, and a file that is looked at, and imported when it is sent again.

The server keeps nothing of the file between the two: its digest tells whether it is the one that was seen.
"""

from __future__ import annotations

import hmac
from dataclasses import replace

from flask import flash, make_response, redirect, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from server.accounts import cookie
from server.console.desk import blueprint, looking, show
from server.console.pages.calendars import CalendarForm
from server.console.reminder_marks import CALENDAR_FAULTS
from server.current import services
from server.imports import calendars as imports
from server.imports.calendars import Header, Looked
from server.imports.table import BadFile
from server.queries import calendars as queries
from sync.errors import BadValue, Refusal, TooLarge


@blueprint.get("/reminders/calendars", endpoint="calendars")
def listed() -> str:
    """Show which days count at the reader's place, and the form that brings a table."""
    who = cookie.signed_in()
    with looking() as look:
        form = CalendarForm(
            region=who.region, year=str(look.today.year + 1), valid_from=look.today.isoformat()
        )
        return show(queries.calendars_page(look, who.region, form), look)


@blueprint.post("/reminders/calendars", endpoint="bring_calendar")
def bring() -> AnyResponse:
    """Show what the file would do, or import it where `seen` names it: all of its rows, or none."""
    who = cookie.signed_in()
    with looking() as look:
        queries.check_bringer(look)
    typed = _typed()
    try:
        looked = imports.look_at(_file(), _header(typed))
    except (BadFile, TooLarge, BadValue) as refusal:
        detail = refusal.detail if isinstance(refusal, BadFile) else ""
        return _shown(who.region, replace(typed, failed=_failed(refusal), detail=detail), None, 422)
    if "import" not in request.form or looked.faults:
        failed = "bad_rows" if "import" in request.form else ""
        return _shown(who.region, replace(typed, failed=failed), looked, 422 if looked.faults else 200)
    if not hmac.compare_digest(request.form.get("seen", "").encode(), looked.digest.encode()):
        return _shown(who.region, replace(typed, failed="seen"), looked, 422)
    report = imports.bring(services(), looked, acting=who.id)
    words = ngettext(
        "The table stands; %(num)s deadline moved.",
        "The table stands; %(num)s deadlines moved.",
        report.deadlines,
    )
    flash(words, "ok")
    return redirect(url_for("console.calendars"), 303)


def _shown(region: str, typed: CalendarForm, looked: Looked | None, status: int) -> AnyResponse:
    with looking() as look:
        preview = queries.previewed(look, looked) if looked else None
        return make_response(show(queries.calendars_page(look, region, typed, preview), look), status)


def _typed() -> CalendarForm:
    form = request.form
    names = ("region", "year", "valid_from", "standing", "source")
    return CalendarForm(**{name: form.get(name, "").strip()[:200] for name in names})


def _header(typed: CalendarForm) -> Header:
    if not typed.year.isascii() or not typed.year.isdigit() or len(typed.year) > 4:
        raise BadValue("a year is written 2027", field="year")
    day = imports.day_of(typed.valid_from, "valid_from")
    return imports.header(typed.region, int(typed.year), day, standing=typed.standing, source=typed.source)


def _file() -> bytes:
    """Return what was sent as a file; raises BadValue where nothing was, TooLarge."""
    sent = request.files.get("file")
    raw = sent.stream.read(queries.FILE_BYTES_MAX + 1) if sent is not None else b""
    if not raw:
        raise BadValue("no file was sent", field="file")
    if len(raw) > queries.FILE_BYTES_MAX:
        raise TooLarge(f"a table of days has at most {queries.FILE_BYTES_MAX} bytes")
    return raw


def _failed(refusal: Refusal) -> str:
    name = (refusal.field or "") if isinstance(refusal, BadValue) else refusal.code
    return name if name in CALENDAR_FAULTS else "bad_file"
