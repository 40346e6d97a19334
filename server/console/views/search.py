"""Search: what was typed in the box at the top of every page."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from server.accounts import cookie
from server.console import dossier_marks
from server.console.desk import blueprint, looking, show
from server.current import services
from server.queries import search as queries
from server.queries import search_persons as persons
from server.queries.reading import page_number


@blueprint.get("/search")
def search() -> AnyResponse | str:
    """Show what is found, by group or one group a page at a time; an address with a person's number is left at once."""
    asked, within = request.args.get("q", ""), request.args.get("in", "")
    if queries.is_person(asked):
        flash(str(dossier_marks.SEARCH_PROBLEMS[queries.NOT_IN_ADDRESS].word), "waiting")
        return redirect(url_for("console.search"), 303)
    with looking() as look:
        page = page_number(request.args.get("page"))
        return show(queries.search_page(look, asked, within=within, page=page), look)


@blueprint.post("/search")
def look_for() -> AnyResponse | str:
    """Take what was typed: a person's number is answered here and never gets into an address; all else moves there."""
    cookie.signed_in()
    asked = request.form.get("q", "")
    if not queries.is_person(asked):
        return redirect(url_for("console.search", q=asked.strip()[: queries.QUERY_CHARS_MAX]), 303)
    with looking() as look:
        found = persons.of_number(look, asked)
        persons.note(services(), look.user, found)
        return show(persons.page(look, found, asked), look)
