"""Recusals: the list, declaring one and lifting one."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from schemas.records.recusal import OVERSEEING
from server.accounts import administration, cookie, users
from server.accounts.sessions import SignedIn
from server.casework import recusing
from server.casework.recusing import Wanted
from server.console.desk import blueprint, looking, show
from server.console.pages.recusals import RecusalForm
from server.console.recusal_marks import FAULTS
from server.console.views.evidence import whole
from server.current import services
from server.queries import recusals as queries
from server.queries.reading import page_number
from sync.errors import BadCode, BadValue, NotAllowed, NotFound


@blueprint.get("/recusals", endpoint="recusals")
def listed() -> str:
    """List recusals: `?state= &user= &page= &about=`, the last what the form is to be about."""
    with looking() as look:
        about = request.args.get("about", "")
        form = RecusalForm(about=about, place=queries.named(look, about) if about else "")
        page, state, user = (request.args.get(name, "") for name in ("page", "state", "user"))
        return show(queries.recusals_page(look, state, form, user=user, page=page_number(page)), look)


@blueprint.post("/recusals", endpoint="declare_recusal")
def declare() -> AnyResponse:
    """Declare a recusal, or show the form again with what does not fit."""
    who, typed = cookie.signed_in(), _typed()
    try:
        recusing.declare(
            services(),
            who.id,
            Wanted(
                user=_person(who, typed.user),
                about=typed.about or administration.institution(services(), typed.code) or "",
                reason=typed.reason,
                words=typed.words,
                first=_day(typed.first, "from_on"),
                last=_day(typed.last, "until_on"),
            ),
        )
    except (BadValue, BadCode, NotFound) as refusal:
        field = refusal.field or ""
        if field not in FAULTS:
            field = "user" if typed.user else "about"
        failed = str(FAULTS[field].word)
        with looking() as look:
            place = queries.named(look, typed.about) if typed.about else ""
            form = replace(typed, place=place, failed=failed, fault=field)
            return make_response(show(queries.recusals_page(look, form=form), look), 422)
    flash(gettext("The recusal is declared, and entered in the ledger."), "ok")
    return redirect(url_for("console.recusals"), 303)


@blueprint.post("/recusals/<id>/lift", endpoint="lift_recusal")
def lift(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Lift a recusal with a reason."""
    who, form = cookie.signed_in(), request.form
    recusing.lift(services(), who.id, id, form.get("because", ""), whole(form.get("version", ""), "version"))
    flash(gettext("The recusal is lifted with this entry; what it kept away is back."), "ok")
    return redirect(url_for("console.recusals"), 303)


def _person(who: SignedIn, login: str) -> str:
    """Return whom a recusal is to be of: only who oversees a region looks another up."""
    if not login:
        return who.id
    if not set(who.roles) & set(OVERSEEING):
        raise NotAllowed(
            "a supervisor or administrator of the region declares another's recusal", field="user"
        )
    return users.find(services(), login).id


def _typed() -> RecusalForm:
    given = {
        name: request.form.get(name, "").strip()
        for name in ("user", "about", "code", "reason", "words", "first", "last")
    }
    return RecusalForm(**given)


def _day(words: str, field: str) -> date | None:
    if not words:
        return None
    try:
        return date.fromisoformat(words)
    except ValueError as error:
        raise BadValue("a day is written 2026-11-17", field=field) from error
