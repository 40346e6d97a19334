"""What waits for the reader."""

from __future__ import annotations

from server.accounts import cookie
from server.console.desk import blueprint, framed, looking, shell
from server.queries import home as queries


@blueprint.get("/")
def home() -> str:
    """Show the to-do list."""
    with looking() as look:
        waiting = queries.counts(look)
        return framed(queries.home_page(look, waiting), shell(cookie.reader(), waiting))
