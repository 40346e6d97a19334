"""Reports: questions with their charts, and tables to take along."""

from __future__ import annotations

from flask import Response, request

from server.console.desk import blueprint, looking, show
from server.console.table_answer import table_answer
from server.documents import tables
from server.queries import execution as rounds_carried_out
from server.queries import records
from server.queries import reports as queries
from server.queries.register_table import register_table


@blueprint.get("/reports")
def reports() -> str:
    """Show every report over a period: `?since=&until=`."""
    with looking() as look:
        page = queries.reports_page(look, request.args.get("since"), request.args.get("until"))
        return show(page, look)


@blueprint.get("/reports/<name>/<form>")
def report_file(name: str, form: str) -> Response:
    """Send one report's table as CSV or XLSX."""
    with looking() as look:
        found = queries.report(look, name, request.args.get("since"), request.args.get("until"))
        return table_answer(look, found.table, form)


@blueprint.get("/records/<kind>/export/<form>")
def register_file(kind: str, form: str) -> Response:
    """Send a register, narrowed by the words of its page, as CSV or XLSX."""
    with looking() as look:
        table = register_table(look, records.kind_of(kind), request.args, tables.ROWS_MAX)
        return table_answer(look, table, form)


@blueprint.get("/rounds/execution/<form>")
def execution_file(form: str) -> Response:
    """Send how remote rounds were carried out as CSV or XLSX."""
    with looking() as look:
        days = rounds_carried_out.period(request.args.get("since"), request.args.get("until"), look.today)
        return table_answer(look, rounds_carried_out.as_table(look, *days), form)
