"""Institutions: the list, one with its dossier, and the dossier as a document."""

from __future__ import annotations

from flask import Response, request

from server.console.desk import blueprint, looking, show
from server.console.dossier_answer import dossier_answer
from server.queries import institutions as queries
from server.queries.institution import institution_page
from server.queries.reading import page_number


@blueprint.get("/institutions")
def institutions() -> str:
    """List institutions."""
    with looking() as look:
        page = page_number(request.args.get("page"))
        return show(queries.institutions_page(look, queries.asked(request.args), page=page), look)


@blueprint.get("/institutions/<id>")
def institution(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one institution with its dossier."""
    with looking() as look:
        return show(institution_page(look, id), look)


@blueprint.get("/institutions/<id>/dossier.pdf")
def dossier(id: str) -> Response:  # noqa: A002 - the name that the templates ask for
    """Send the dossier as PDF/A."""
    with looking() as look:
        return dossier_answer(look, id)
