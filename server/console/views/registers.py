"""Registers: the list of them all, each as a table, and any record by all its fields."""

from __future__ import annotations

from flask import request, url_for

from server.console.desk import blueprint, looking, show
from server.queries import records
from server.queries import registers as queries
from server.queries.record_page import record_page


@blueprint.get("/records")
def registers() -> str:
    """List the registers."""
    with looking() as look:
        return show(queries.registers_page(look, url_for("api.guide")), look)


@blueprint.get("/records/<kind>")
def register(kind: str) -> str:
    """Show one register, a page at a time."""
    with looking() as look:
        return show(queries.register_page(look, records.kind_of(kind), request.args), look)


@blueprint.get("/records/<kind>/<id>")
def record(kind: str, id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one record by all its fields."""
    with looking() as look:
        address = url_for("api.one_record", type=kind, record=id)
        return show(record_page(look, records.kind_of(kind), id, api=address), look)
