"""The ledger's head."""

from __future__ import annotations

from server.console.desk import blueprint, looking, show
from server.queries import ledger as queries


@blueprint.get("/ledger")
def ledger() -> str:
    """Show the head and how anybody can check it."""
    with looking() as look:
        return show(queries.ledger_page(look), look)
