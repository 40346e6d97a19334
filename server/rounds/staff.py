"""Who of an institution may answer a remote round: its active users."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection

from server.accounts.credentials import ACTIVE
from server.keys.vault import VaultSession
from server.storage import record_store
from server.storage.record_store import TABLE, selected

ROLE = "institution_user"


def of(connection: Connection, vault: VaultSession, institutions: Iterable[str]) -> dict[str, list[str]]:
    """Return {institution: ids of its active users}, of those that have any."""
    wanted = set(institutions)
    found: dict[str, list[str]] = {}
    statement = selected(vault.ledger, "user").where(
        TABLE.c.stage == ACTIVE, TABLE.c.state.contains(f'"{ROLE}"', autoescape=True)
    )
    for row in connection.execute(statement.order_by(TABLE.c.id)):
        values = record_store.glimpse(row, ("institution", "roles")).values
        place = str(values.get("institution", ""))
        if place in wanted and ROLE in values.get("roles", ()):
            found.setdefault(place, []).append(row.id)
    return found
