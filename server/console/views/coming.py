"""What will be sent in the coming days if nothing changes."""

from __future__ import annotations

from flask import request

from server.console.desk import blueprint, looking, show
from server.queries import coming as queries


@blueprint.get("/reminders", endpoint="coming")
def listed() -> str:
    """Show the reminders to come: `?days=` 30 unless told, `?region=`."""
    with looking() as look:
        return show(queries.coming_page(look, request.args), look)
