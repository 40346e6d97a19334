"""Rectification cases."""

from __future__ import annotations

from flask import request

from server.console.desk import blueprint, looking, show
from server.queries import cases as queries
from server.queries.reading import page_number


@blueprint.get("/cases")
def cases() -> str:
    """List cases, the most urgent first."""
    with looking() as look:
        page = page_number(request.args.get("page"))
        found = queries.cases_page(look, state=request.args.get("state", ""), page=page, given=request.args)
        return show(found, look)


@blueprint.get("/cases/<id>")
def case(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one case."""
    with looking() as look:
        return show(queries.case_page(look, id), look)
