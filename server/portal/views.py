"""The portal's pages: the institution's first page, a notice, a case."""

from __future__ import annotations

from server.portal import reading
from server.portal.rim import blueprint, looking, show


@blueprint.get("")
def home() -> str:
    """Show what waits for the institution."""
    with looking() as look:
        return show(reading.home(look))


@blueprint.get("/notices/<id>")
def notice(id: str) -> str:  # noqa: A002 - the name that the templates ask for
    """Show one notice."""
    with looking() as look:
        return show(reading.notice_page(look, id))


@blueprint.get("/cases/<id>")
def case(id: str) -> str:  # noqa: A002
    """Show one case."""
    with looking() as look:
        return show(reading.case_page(look, id))
