"""Writing the access log: reading evidence is itself recorded, and never queues for the ledger's head."""

from __future__ import annotations

from server.commit.acts import new_id
from server.storage import access_store
from server.storage.access_store import Access
from server.wiring import Services

SIGN_IN, SIGN_OUT, READ_FILE = "sign_in", "sign_out", "read_file"


def note(services: Services, user: str, act: str, record: str | None = None) -> None:
    """Record an access durably before what it asks for is answered."""
    access = Access(services.now_ms(), user, act, record)
    with services.engine.execution_options(immediate=True).begin() as connection:
        access_store.add(connection, services.ledger.id, new_id(services), access)
