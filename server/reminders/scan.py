"""The scan: what the open clocks want by now goes into the outbox, and each clock learns when it wants more.

Any number of schedulers may scan at once: the outbox's unique key decides, and a clock that moved between
reading and writing is left to whoever moved it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from server.reminders import channels, digests, facts, ladder, offices, rung_tasks
from server.reminders.calendar import next_working_morning
from server.reminders.facts import Standing, unix_ms
from server.reminders.ladder import SCAN_MAX, Deadline, Reminder, ReminderKey
from server.reminders.wanted_tasks import WantedTask
from server.reminders.wanted_tasks import wanted as wanted_task
from server.storage import deadline_store, outbox_store, pace_store
from server.storage.deadline_store import Clock
from server.wiring import Services

_NEXT_INSTANT = timedelta(milliseconds=1)


@dataclass(frozen=True)
class _Page:
    """What one page of clocks wants. wanted: by case; next_at: by case, Unix ms or None; tasks: for people."""

    clocks: list[Clock]
    wanted: dict[str, list[Reminder]]
    next_at: dict[str, int | None]
    tasks: list[tuple[WantedTask, Standing]]


def scan(services: Services, now: datetime) -> int:
    """Put everything that is wanted at `now` into the outbox; return how many reminders are new there.

    One transaction for each page of SCAN_MAX clocks; computing them holds no lock.
    """
    queued = 0
    while True:
        page = _read(services, now)
        # Before the clocks are set: who dies in between leaves them due, and the tasks are made then.
        rung_tasks.make(services, page.tasks)
        if page.clocks:
            queued += _write(services, page, now)
        if len(page.clocks) < SCAN_MAX:
            return queued


def coming(services: Services, start: datetime, end: datetime) -> list[tuple[Reminder, Standing]]:
    """Return what will be sent from `start` until before `end` if nothing changes, soonest first."""
    with services.database.reading() as connection:
        clocks = [
            clock for clock in deadline_store.everything(connection, services.ledger.id) if not clock.closed
        ]
        return foreseen(connection, services, clocks, start, end)


def foreseen(
    connection: Connection, services: Services, clocks: Sequence[Clock], start: datetime, end: datetime
) -> list[tuple[Reminder, Standing]]:
    """Return what some open clocks will send from `start` until before `end`, soonest first: as the scan would."""
    standings = facts.standings(connection, services, clocks)
    sent = outbox_store.keys(connection, services.ledger.id, list(standings))
    deadlines = [standing.deadline for standing in standings.values()]
    coming = ladder.preview(deadlines, sent, start, end, channels=channels.names(services.config))
    return [(reminder, standings[reminder.case]) for reminder in coming]


def joined(coming: Sequence[tuple[Reminder, Standing]]) -> Mapping[ReminderKey, int]:
    """Return which of what was foreseen will go within a digest, and of how many."""
    return digests.foreseen(
        ((reminder, standing.deadline.policy.digest_limit) for reminder, standing in coming),
        lambda channel: pace_store.BURST if channel in offices.ROBOTS else None,
    )


def _read(services: Services, now: datetime) -> _Page:
    ledger = services.ledger.id
    with services.database.reading() as connection:
        clocks = deadline_store.wanting(connection, ledger, unix_ms(now), SCAN_MAX)
        standings = facts.standings(connection, services, clocks)
        sent = outbox_store.keys(connection, ledger, list(standings))
    wanted: dict[str, list[Reminder]] = {}
    deadlines = [standing.deadline for standing in standings.values()]
    here = channels.names(services.config)
    for reminder in ladder.due(deadlines, sent, now, channels=here):
        wanted.setdefault(reminder.case, []).append(reminder)
    sent |= {reminder.key for reminders in wanted.values() for reminder in reminders}
    next_at: dict[str, int | None] = {
        deadline.case: _next_at(deadline, sent, now, here) for deadline in deadlines
    }
    tasks = [
        (task, standing)
        for standing in standings.values()
        if (task := wanted_task(standing.deadline, now)) is not None
    ]
    return _Page(clocks, wanted, next_at, tasks)


def _next_at(
    deadline: Deadline, sent: Iterable[ReminderKey], now: datetime, here: frozenset[str]
) -> int | None:
    """Return when to look at an open deadline again: at its next instant, and so seldom that a day reads what is due.

    A rung that reached nobody is looked at every working morning until the next one: an address that comes later
    moves no clock.
    """
    ahead = ladder.next_due_at(deadline, now, sent=frozenset(sent), channels=here)
    wanted = [at for rung in deadline.policy.rungs if (at := ladder.rung_at(deadline, rung)) and at > now]
    wanted += [ahead] if ahead else []
    if ladder.reached_nobody(deadline, now, channels=here):
        wanted.append(
            next_working_morning(
                now + _NEXT_INSTANT, deadline.calendar, deadline.zone, morning=deadline.policy.morning
            )
        )
    return unix_ms(min(wanted)) if wanted else None


def _write(services: Services, page: _Page, now: datetime) -> int:
    """Queue the page's reminders and set its clocks, except those that somebody moved meanwhile."""
    ledger = services.ledger.id
    with services.database.writing(ledger) as connection:
        still = set(deadline_store.wanting(connection, ledger, unix_ms(now), SCAN_MAX))
        clocks = [clock for clock in page.clocks if clock in still]
        new = [
            outbox_store.queue(connection, ledger, reminder.key, unix_ms(reminder.send_at))
            for clock in clocks
            for reminder in page.wanted.get(clock.case, ())
        ]
        for clock in clocks:
            # A case that is not served yet wants nothing until its stage moves, which sets its clock anew.
            next_at = page.next_at.get(clock.case)
            deadline_store.set_next(connection, ledger, clock.case, clock.due_version, next_at)
    return sum(new)
