"""What a row of the outbox is about, as it stands now: a case, or a petition."""

from __future__ import annotations

from sqlalchemy import Connection

from server.reminders import facts, petition_facts
from server.reminders.facts import Standing
from server.storage import deadline_store
from server.wiring import Services


def find(connection: Connection, services: Services, about: str) -> Standing | None:
    """Return what the clock of a case or of a petition stands for, None where none runs."""
    clock = deadline_store.find(connection, services.ledger.id, about)
    if clock is not None:
        return facts.standings(connection, services, [clock]).get(about)
    return petition_facts.find(connection, services, about)
