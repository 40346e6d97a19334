"""Ward rounds."""

from __future__ import annotations

from flask import request

from server.console.desk import blueprint, looking, show
from server.queries import rounds as queries
from server.queries.reading import page_number


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
