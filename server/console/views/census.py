"""A census at the desk: a file is looked at, and imported when it is sent again with the word that it was seen.

The server keeps nothing of it between the two: whoever confirms sends the file once more, and its digest tells
whether it is the one that was on the screen.
"""

from __future__ import annotations

import hmac
from dataclasses import replace

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext, ngettext
from werkzeug.wrappers import Response as AnyResponse

from server.accounts import cookie
from server.console.census_marks import FAULTS
from server.console.desk import blueprint, language, looking, show
from server.console.pages.census import CensusForm
from server.current import services
from server.imports import census as imports
from server.imports.census import Looked, WrongInstitution
from server.imports.table import BadFile, BadRows
from server.queries import census as queries
from server.queries.days import asked_day
from sync.errors import BadCode, BadValue, NotFound, Refusal, TooLarge, VersionChanged

UNFIT = (BadFile, BadRows, TooLarge, BadCode, BadValue, NotFound, WrongInstitution, VersionChanged)


@blueprint.get("/rounds/census", endpoint="census")
def census_form() -> str:
    """Show the form that brings a census: `?institution=` the code of whose list it is."""
    with looking() as look:
        form = CensusForm(institution=request.args.get("institution", ""), day=look.today.isoformat())
        return show(queries.census_page(look, form), look)


@blueprint.post("/rounds/census", endpoint="bring_census")
def bring_census() -> AnyResponse:
    """Show what the file would do, or import it where `seen` names it: all of its rows, or none."""
    who = cookie.signed_in()
    with looking() as look:
        queries.check_bringer(look)
    typed = _typed()
    try:
        looked = _looked(who.id, typed)
        seen = request.form.get("seen", "")
        if "import" not in request.form:
            return _shown(typed, looked)
        if not hmac.compare_digest(seen.encode(), looked.table.digest.encode()):
            return _shown(replace(typed, failed="seen"), looked, 422)
        return _imported(who.id, typed)
    except UNFIT as refusal:
        failed = replace(typed, failed=_failed(refusal), detail=_detail(refusal))
        with looking() as look:
            return make_response(show(queries.census_page(look, failed), look), 422)


def _looked(user: str, typed: CensusForm) -> Looked:
    return imports.look_at(
        services(),
        _file(),
        typed.institution or None,
        acting=user,
        partial_list=typed.partial,
        day=asked_day(typed.day, "day"),
        sheet=typed.sheet or None,
    )


def _shown(typed: CensusForm, looked: Looked, status: int = 200) -> AnyResponse:
    preview = queries.previewed(services(), looked, language())
    with looking() as look:
        return make_response(show(queries.census_page(look, typed, preview), look), status)


def _imported(user: str, typed: CensusForm) -> AnyResponse:
    report = imports.import_census(
        services(),
        _file(),
        typed.institution or None,
        acting=user,
        partial_list=typed.partial,
        day=asked_day(typed.day, "day"),
        sheet=typed.sheet or None,
    )
    words = ngettext(
        "Imported as ledger entry %(index)s: %(num)s row",
        "Imported as ledger entry %(index)s: %(num)s rows",
        report.rows,
        index=report.index,
    )
    flash(words + " " + gettext("Samples are drawn from this list from now on."), "ok")
    return redirect(url_for("console.call"), 303)


def _typed() -> CensusForm:
    form = request.form
    return CensusForm(
        institution=form.get("institution", "").strip().upper(),
        day=form.get("day", "").strip(),
        partial="partial" in form,
        sheet=form.get("sheet", "").strip(),
    )


def _file() -> bytes:
    """Return what was sent as a file; raises BadValue where nothing was, TooLarge."""
    sent = request.files.get("file")
    sent_bytes = b""
    if sent is not None:
        sent.stream.seek(0)
        sent_bytes = sent.read(queries.FILE_BYTES_MAX + 1)
    if not sent_bytes:
        raise BadValue("no file was sent", field="file")
    if len(sent_bytes) > queries.FILE_BYTES_MAX:
        raise TooLarge(f"the desk takes files of at most {queries.FILE_BYTES_MAX} bytes")
    return sent_bytes


def _failed(refusal: Refusal) -> str:
    """Return what does not fit, by `census_marks.FAULTS`."""
    if isinstance(refusal, NotFound | BadCode):
        return "institution"
    if isinstance(refusal, VersionChanged):
        return "changed"
    if isinstance(refusal, BadValue):
        return refusal.field if refusal.field and refusal.field in FAULTS else "bad_file"
    return refusal.code if refusal.code in FAULTS else "bad_file"


def _detail(refusal: Refusal) -> str:
    """Return what a file lacks: names of columns and sheets, and never a cell."""
    return refusal.detail if isinstance(refusal, BadFile) else ""
