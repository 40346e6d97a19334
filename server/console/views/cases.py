"""Rectification cases."""

from __future__ import annotations

from flask import Response, request

from server.accounts import cookie
from server.console.desk import blueprint, looking, show
from server.console.proof_answer import REPORT, desk_answer, writing_answer
from server.current import services
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


@blueprint.get("/cases/reports/<id>/files/<digest>")
def report_proof(id: str, digest: str) -> Response:  # noqa: A002
    """Show a file of proof that an institution handed in with its report."""
    return desk_answer(services(), cookie.signed_in().id, REPORT, id, digest)


@blueprint.get("/handed-in/<kind>/<id>/files/<digest>")
def handed_in_file(kind: str, id: str, digest: str) -> Response:  # noqa: A002
    """Show a file that an institution handed in with a statement or an appeal."""
    return writing_answer(services(), cookie.signed_in().id, kind, id, digest)
