"""Clocks of petitions (信访): one or three working days, on the same engine and channels as the ladder of cases.

A message tells whoever has a petition, and the desk above him, its number, its last day and what to do; of what it
holds and of who brought it, nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from server.reminders import channels, ladder, petition_facts, rung_tasks
from server.reminders.facts import Standing, unix_ms
from server.reminders.ladder import Reminder
from server.reminders.petition_facts import OPEN
from server.reminders.wanted_tasks import wanted
from server.storage import outbox_store, record_store
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.merge import Record

PETITIONS_MAX = 1_000
"""So many open petitions are looked at, the oldest first; that is also ladder.SCAN_MAX."""


def sweep(services: Services, now: datetime) -> Counter[str]:
    """Queue the messages and make the tasks that petitions want by now; return how many of each."""
    ledger = services.ledger.id
    with services.database.reading() as connection:
        standings = petition_facts.standings(connection, services, _open(connection, services))
        sent = outbox_store.keys(connection, ledger, list(standings))
    deadlines = [one.deadline for one in standings.values()]
    new = ladder.due(deadlines, sent, now, channels=channels.names(services.config))
    queued = _queue(services, new) if new else 0
    made = rung_tasks.make(
        services, [(task, None) for clock in deadlines if (task := wanted(clock, now)) is not None]
    )
    return +Counter({"queued": queued, "petition_tasks": made})


def foreseen(
    connection: Connection,
    services: Services,
    petitions: Sequence[Record],
    start: datetime,
    end: datetime,
) -> list[tuple[Reminder, Standing]]:
    """Return what some petitions will send from `start` until before `end`, soonest first: as the sweep would."""
    standings = petition_facts.standings(connection, services, petitions)
    sent = outbox_store.keys(connection, services.ledger.id, list(standings))
    deadlines = [one.deadline for one in standings.values()]
    coming = ladder.preview(deadlines, sent, start, end, channels=channels.names(services.config))
    return [(reminder, standings[reminder.case]) for reminder in coming]


def coming(services: Services, start: datetime, end: datetime) -> list[tuple[Reminder, Standing]]:
    """Return what open petitions will send from `start` until before `end` if nothing changes, soonest first."""
    with services.database.reading() as connection:
        return foreseen(connection, services, _open(connection, services), start, end)


def _open(connection: Connection, services: Services) -> list[Record]:
    vault = services.vault.session(connection, services.ledger.id)
    every = record_store.selected(services.ledger.id, "petition").where(TABLE.c.stage.in_(OPEN))
    found = record_store.query(connection, vault, every.order_by(TABLE.c.id).limit(PETITIONS_MAX))
    vault.committed()
    return found


def _queue(services: Services, new: Sequence[Reminder]) -> int:
    with services.database.writing(services.ledger.id) as connection:
        return sum(
            outbox_store.queue(connection, services.ledger.id, one.key, unix_ms(one.send_at)) for one in new
        )
