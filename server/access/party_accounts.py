"""Who can sign in for an institution."""

from __future__ import annotations

from sqlalchemy import Connection

from schemas.records.user import OWN_INSTITUTION
from server.storage import grant_store


def has_any(connection: Connection, ledger: int, institution: str) -> bool:
    """Return whether somebody active has the role of an institution's user over it."""
    return grant_store.is_held(connection, ledger, OWN_INSTITUTION, institution)
