"""The ladder at the desk: what counts, a new one with a sample case, and its history."""

from __future__ import annotations

import re
from dataclasses import replace

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from server.accounts import cookie
from server.casework import laying_down
from server.casework.laying_down import Wanted
from server.console.desk import blueprint, looking, show
from server.console.pages.policies import PolicyForm, RungRow
from server.console.reminder_marks import POLICY_FAULTS
from server.current import services
from server.queries import policies as queries
from server.reminders.policies import RECTIFICATION
from server.reminders.standing_policies import RUNGS_MAX
from sync.errors import BadValue

CLOCK = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")


@blueprint.get("/reminders/policies", endpoint="policies")
def listed() -> str:
    """Show the ladder that counts at the reader's place."""
    who = cookie.signed_in()
    case_type = queries.case_type_of(request.args.get("case_type"))
    with looking() as look:
        return show(queries.policies_page(look, who.region, case_type), look)


@blueprint.post("/reminders/policies", endpoint="lay_down_policy")
def lay_down() -> AnyResponse:
    """Show what a ladder would do to a sample case (`look`), or lay it down."""
    who = cookie.signed_in()
    with looking() as look:
        queries.check_layer(look)
    typed = _typed()
    try:
        wanted = _wanted(typed)
        policy = laying_down.checked(wanted)
        if "look" not in request.form:
            laying_down.lay_down(services(), who.id, wanted)
            flash(gettext("The ladder stands. Running cases follow it from now on."), "ok")
            return redirect(url_for("console.policies", case_type=_asked(typed)), 303)
    except BadValue as refusal:
        failed = refusal.field if refusal.field in POLICY_FAULTS else "rungs"
        with looking() as look:
            failing = replace(typed, failed=failed or "rungs")
            page = queries.policies_page(look, who.region, typed.case_type, failing)
            return make_response(show(page, look), 422)
    with looking() as look:
        return make_response(
            show(queries.policies_page(look, who.region, typed.case_type, typed, policy), look)
        )


def _typed() -> PolicyForm:
    form = request.form
    rungs = tuple(
        RungRow(
            name=form.get(f"name-{n}", "").strip()[:12],
            roles=tuple(form.getlist(f"role-{n}")),
            channels=tuple(form.getlist(f"channel-{n}")),
            task=form.get(f"task-{n}", ""),
        )
        for n in range(RUNGS_MAX + queries.BLANK_RUNGS)
        if form.get(f"name-{n}", "").strip()
    )
    words = {
        name: form.get(name, "").strip()[:500]
        for name in ("quiet_from", "quiet_until", "morning", "digest_limit", "words")
    }
    case_type = queries.case_type_of(form.get("case_type"))
    return PolicyForm(region=form.get("region", "").strip()[:12], rungs=rungs, case_type=case_type, **words)


def _asked(typed: PolicyForm) -> str | None:
    """Return the case type as an address tells it, None for the usual one."""
    return typed.case_type if typed.case_type != RECTIFICATION.name else None


def _wanted(typed: PolicyForm) -> Wanted:
    """Return what was typed as a ladder; raises BadValue by the field that does not fit."""
    return Wanted(
        region=typed.region,
        rungs=tuple(
            {"name": one.name, "roles": one.roles, "channels": one.channels, "task": one.task}
            for one in typed.rungs
        ),
        quiet_from=_minute(typed.quiet_from, "quiet_from"),
        quiet_until=_minute(typed.quiet_until, "quiet_until"),
        morning=_minute(typed.morning, "morning"),
        digest_limit=_number(typed.digest_limit, "digest_limit"),
        words=typed.words,
        case_type=typed.case_type,
    )


def _minute(text: str, name: str) -> int:
    found = CLOCK.fullmatch(text)
    if found is None:
        raise BadValue("a time is written 08:30", field=name)
    return int(found[1]) * 60 + int(found[2])


def _number(text: str, name: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise BadValue("a number", field=name)
    return int(text)
