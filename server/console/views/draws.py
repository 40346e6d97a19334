"""Drawing institutions to inspect, and looking how institutions and officers were drawn."""

from __future__ import annotations

from dataclasses import replace

from flask import make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from schemas.records.random_draw import SIZE_MAX
from server.accounts import cookie
from server.casework import random_draws
from server.casework.random_draws import Wanted
from server.console.desk import blueprint, looking, show
from server.console.draw_marks import FAULTS
from server.console.pages.draws import DrawForm
from server.console.views.rounds import number_of
from server.current import services
from server.queries import draws as queries
from sync.errors import BadValue


@blueprint.get("/inspections/draws", endpoint="draws")
def draws() -> str:
    """List the draws of institutions, with the form of a new one."""
    with looking() as look:
        return show(queries.draws_page(look, DrawForm()), look)


@blueprint.post("/inspections/draws", endpoint="draw_institutions")
def draw_institutions() -> AnyResponse:
    """Order a draw of institutions and carry it out, or show the form again with what does not fit."""
    who, form = cookie.signed_in(), request.form
    typed = DrawForm(
        region=form.get("region", ""),
        size=form.get("size", "").strip(),
        kinds=tuple(form.getlist("kind")),
        grades=tuple(form.getlist("grade")),
    )
    try:
        size = number_of(typed.size, "size", 1, SIZE_MAX) or 0
        wanted = Wanted(region=typed.region, size=size, kinds=typed.kinds, grades=typed.grades)
        made = random_draws.order(services(), who.id, wanted)
    except BadValue as refusal:
        failed = refusal.field if refusal.field and refusal.field in FAULTS else "region"
        with looking() as look:
            return make_response(show(queries.draws_page(look, replace(typed, failed=failed)), look), 422)
    return redirect(url_for("console.one_draw", id=made), 303)


@blueprint.get("/inspections/draws/<id>", endpoint="one_draw")
def one_draw(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show which institutions were drawn, drawn again now."""
    with looking() as look:
        return show(queries.draw_page(look, id), look)


@blueprint.post("/inspections/draws/<id>", endpoint="carry_out_draw")
def carry_out(id: str) -> AnyResponse:  # noqa: A002 - the name that the templates ask for
    """Draw what was ordered and is not drawn yet."""
    random_draws.carry_out(services(), cookie.signed_in().id, id)
    return redirect(url_for("console.one_draw", id=id), 303)


@blueprint.get("/inspections/<id>/draw", endpoint="officers_draw")
def officers_draw(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show how an inspection's officers were drawn, drawn again now."""
    with looking() as look:
        return show(queries.officers_page(look, id), look)
