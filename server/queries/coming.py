"""What will be sent in the coming days, as far as the reader sees its cases: the engine of the scan, asked ahead."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from itertools import groupby, islice

from server.console.pages.coming import ComingDay, ComingPage, ComingRow
from server.queries import people
from server.queries.cases import with_deadlines
from server.queries.message_log import recipients
from server.queries.narrowing import in_region, region_choices, region_of
from server.queries.reading import TABLE, Reading
from server.reminders import petitions, scan
from server.reminders.facts import Standing
from server.reminders.ladder import Reminder, ReminderKey
from server.reminders.petition_facts import OPEN
from server.storage import deadline_store
from sync.errors import BadValue
from sync.merge import Record

DAYS, DAYS_MAX = 30, 366
DAYS_CHOICES = (1, 7, 14, 30, 90)
CASES_MAX = 1_000
ROWS_MAX = 500


def days_of(words: str | None) -> int:
    """Return how many days an address asks for; raises BadValue."""
    if not words:
        return DAYS
    if not words.isascii() or not words.isdigit() or not 1 <= int(words[:6]) <= DAYS_MAX:
        raise BadValue(f"days are a number from 1 to {DAYS_MAX}", field="days")
    return int(words)


def coming_page(reading: Reading, given: Mapping[str, str]) -> ComingPage:
    """Return the reminders of the coming days by `days` and `region` of an address; raises BadValue or BadCode.

    Cases are taken by the instant at which they next want something, so a limit leaves out the latest.
    """
    days, region = days_of(given.get("days")), region_of(given)
    start = reading.services.now()
    end = start + timedelta(days=days)
    every = in_region(with_deadlines(reading), region)
    clocks = deadline_store.TABLE.c
    open_ones = every.where(clocks.closed.is_(False), clocks.next_at < round(end.timestamp() * 1000))
    nearest = (
        open_ones.order_by(clocks.next_at, TABLE.c.id).limit(CASES_MAX + 1).with_only_columns(TABLE.c.id)
    )
    cases = list(reading.connection.execute(nearest).scalars())
    found = deadline_store.these(reading.connection, reading.services.ledger.id, cases[:CASES_MAX])
    petitions_found = _petitions(reading, region)
    foreseen = sorted(
        [
            *scan.foreseen(reading.connection, reading.services, found, start, end),
            *petitions.foreseen(
                reading.connection, reading.services, petitions_found[:CASES_MAX], start, end
            ),
        ],
        key=lambda one: one[0].send_at,
    )
    rows = _rows(reading, list(islice(foreseen, ROWS_MAX)), scan.joined(foreseen))
    zone = reading.services.config.zone
    by_day = groupby(rows, key=lambda row: row.at.astimezone(zone).date())
    return ComingPage(
        days=days,
        days_choices=tuple(sorted({*DAYS_CHOICES, days})),
        coming=tuple(ComingDay(on=day, rows=tuple(some)) for day, some in by_day),
        total=len(foreseen),
        more=max(len(cases), len(petitions_found)) > CASES_MAX or len(foreseen) > ROWS_MAX,
        regions=region_choices(reading, region),
        query={"region": region} if region else {},
    )


def _petitions(reading: Reading, region: str) -> list[Record]:
    """Return the open petitions that a reader may see, the oldest first."""
    every = in_region(reading.visible("petition"), region).where(TABLE.c.stage.in_(OPEN))
    return reading.records(every.order_by(TABLE.c.id).limit(CASES_MAX + 1))


def _rows(
    reading: Reading, foreseen: list[tuple[Reminder, Standing]], joined: Mapping[ReminderKey, int]
) -> list[ComingRow]:
    names = recipients(reading, {reminder.recipient for reminder, _ in foreseen})
    return [
        ComingRow(
            at=reminder.send_at,
            case=reminder.case,
            about=standing.case.type,
            number=str(standing.case.values.get("number") or ""),
            institution=people.institution(standing.institution) if standing.institution else None,
            due_on=standing.deadline.due_on,
            rung=reminder.rung,
            role=reminder.role,
            recipient="" if (name := names.get(reminder.recipient, "")) == reminder.role else name,
            channel=reminder.channel,
            task=reminder.task or "",
            why=reminder.why,
            joined=joined.get(reminder.key, 1),
        )
        for reminder, standing in foreseen
    ]
