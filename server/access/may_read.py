"""Reading: what a user's standing grants show."""

from __future__ import annotations

from server.storage import grant_store, record_store
from server.storage.record_store import TABLE, selected
from server.wiring import Services

READERS = frozenset(
    {"member", "lead", "supervisor", "second_reviewer", "legal_reviewer", "leader", "auditor"}
)


def file(services: Services, user: str, digest: str) -> bool:
    """Return whether a user may read the evidence whose cipher has this digest."""
    return claim(services, user, digest) is not None


def claim(services: Services, user: str, digest: str) -> str | None:
    """Return the evidence by which a user may read the cipher of this digest, None without any."""
    with services.database.reading() as connection:
        ledger = services.ledger.id
        vault = services.vault.session(connection, ledger)
        statement = selected(ledger, "evidence").where(TABLE.c.natural_key == digest)
        claims = record_store.query(connection, vault, statement)
        grants = grant_store.granted(connection, ledger, user)
    now = 2**53
    return next((r.id for r in claims if grants.roles(user, r.root, r.region, now) & READERS), None)
