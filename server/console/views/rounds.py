"""Ward rounds: the list, one round, calling rounds over the network, and how they were carried out."""

from __future__ import annotations

from dataclasses import replace

from flask import flash, make_response, redirect, request, url_for
from flask_babel import gettext
from werkzeug.wrappers import Response as AnyResponse

from schemas.records.ward_round import DRAWS, MINUTES_MAX
from server.accounts import cookie
from server.console.desk import blueprint, looking, show
from server.console.marks import CALL_FAULTS
from server.console.pages import CallForm
from server.current import services
from server.queries import call_preview, calls, execution, round_board
from server.queries import rounds as queries
from server.queries.reading import page_number
from server.rounds import calling
from server.rounds.calling import Call
from server.rounds.drawing import EVERYBODY
from sync.draw import SIZE_MAX
from sync.errors import BadCode, BadValue


@blueprint.get("/rounds")
def rounds() -> str:
    """List ward rounds."""
    with looking() as look:
        page = page_number(request.args.get("page"))
        return show(queries.rounds_page(look, state=request.args.get("state", ""), page=page), look)


@blueprint.get("/rounds/<id>", endpoint="round")
def one_round(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show a round's bed grid, with one bed opened beside it."""
    with looking() as look:
        return show(queries.round_page(look, id, selected=request.args.get("bed")), look)


@blueprint.get("/rounds/execution", endpoint="execution")
def carried_out() -> str:
    """Show how the remote rounds of some days were carried out: `?since=&until=`, the last week unless said."""
    with looking() as look:
        try:
            asked = request.args.get("since"), request.args.get("until")
            days, failed = execution.period(*asked, look.today), False
        except BadValue:
            days, failed = execution.period(None, None, look.today), True
        return show(execution.execution_page(look, *days, failed=failed), look)


@blueprint.get("/rounds/call", endpoint="call")
def call_form() -> str:
    """Show the form that calls remote rounds."""
    with looking() as look:
        return show(calls.call_page(look, CallForm(region=request.args.get("region", ""))), look)


@blueprint.post("/rounds/call", endpoint="called")
def call() -> AnyResponse:
    """Call a round at each institution that was chosen, or show the form again with what does not fit.

    `step=preview` shows how many would be drawn, and calls nobody.
    """
    who = cookie.signed_in()
    typed = _typed()
    try:
        if request.form.get("step") == "preview":
            with looking() as look:
                foreseen = call_preview.foresee(look, _wanted(typed))
                return make_response(show(calls.call_page(look, typed, foreseen), look))
        made = calling.order(services(), who.id, _wanted(typed))
    except (BadValue, BadCode) as refusal:
        # Nothing but wards is typed freely, so what the form does not name itself is a ward that is none.
        failed = refusal.field if refusal.field and refusal.field in CALL_FAULTS else "wards"
        with looking() as look:
            return make_response(show(calls.call_page(look, replace(typed, failed=failed)), look), 422)
    with looking() as look:
        waiting, ordered = queries.waiting_among(look, made), round_board.entries_of(look, made)
    if waiting:
        flash(gettext("%(waiting)s of %(all)s rounds wait", waiting=waiting, all=len(made)), "waiting")
    else:
        flash(gettext("Called: %(all)s", all=len(made)), "ok")
    if len(made) == 1:
        return redirect(url_for("console.round", id=made[0]), 303)
    return redirect(url_for("console.round_board", entries=ordered), 303)


@blueprint.post("/rounds/<id>/call", endpoint="call_now")
def call_now(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Call a round now that was ordered for later."""
    calling.call_now(services(), cookie.signed_in().id, id)
    return redirect(url_for("console.round", id=id), 303)


def _typed() -> CallForm:
    form = request.form
    chosen = tuple(form.getlist("institution"))
    return CallForm(
        institutions=chosen,
        operators={one: user for one in chosen if (user := form.get(f"operator-{one}"))},
        method=form.get("method", ""),
        size=form.get("size", "").strip(),
        wards=form.get("wards", "").strip(),
        respond_minutes=form.get("respond_minutes", "").strip(),
        explain_minutes=form.get("explain_minutes", "").strip(),
        by_bed="by_bed" in form,
        region=form.get("region", ""),
    )


def _wanted(typed: CallForm) -> Call:
    """Return what was typed as an order; raises BadValue by the field that does not fit."""
    if typed.method not in DRAWS:
        raise BadValue("there is no such way to draw", field="method")
    return Call(
        institutions=typed.institutions,
        operators=typed.operators,
        method=typed.method,
        size=None if typed.method == EVERYBODY else number_of(typed.size, "size", 1, SIZE_MAX),
        wards=wards_of(typed.wards),
        respond_minutes=number_of(typed.respond_minutes, "respond_minutes", 1, MINUTES_MAX),
        explain_minutes=number_of(typed.explain_minutes, "explain_minutes", 0, MINUTES_MAX),
        challenge_by_bed=typed.by_bed,
    )


def wards_of(text: str) -> tuple[str, ...]:
    """Return wards that were typed with commas between them, of either language."""
    written = text.replace("，", ",").replace("、", ",").split(",")
    return tuple(ward.strip() for ward in written if ward.strip())


def number_of(text: str, name: str, low: int, high: int) -> int | None:
    """Return a whole number that was typed, None for an empty field; raises BadValue by the field's name."""
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and low <= int(text[:9]) <= high):
        raise BadValue(f"a number from {low} to {high}", field=name)
    return int(text)
