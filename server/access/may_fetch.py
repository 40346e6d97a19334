"""Fetching: the content of a catalogue is shown to whoever may read an inspection that names it."""

from __future__ import annotations

import json

from server.access import scope
from server.storage.record_store import TABLE
from server.wiring import Services

NAMED_IN = ("checklist_digest", "violations_digest")


def catalogue(services: Services, user: str, digest: str) -> bool:
    """Return whether an inspection in the user's scope names this content.

    digest: 64 hex digits, so nothing in it is a pattern
    """
    with services.database.reading() as connection:
        statement = scope.visible(connection, services.ledger.id, user, "inspection")
        rows = connection.execute(statement.where(TABLE.c.state.contains(digest)))
        # The text of the state also holds what was written earlier; only what stands now counts.
        return any(digest in _named(row.state) for row in rows)


def _named(state: str) -> set[str]:
    values = json.loads(state)["values"]
    return {str(values[name]) for name in NAMED_IN if name in values}
