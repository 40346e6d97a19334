"""A new table of working days moves the deadlines whose span it touches: computed anew, entered with its reason.

What the institution was promised is a number of working days, so that number is kept and the last day moves.
It moves later alone: a date that was served in writing is not shortened by what was published afterwards.
A case that is overdue by the date that it was told stays so.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import structlog

from schemas.drafting import Draft
from schemas.records.working_calendar import IMPORTED, IN_FORCE
from server.commit.acts import act
from server.reminders import working_calendars
from server.reminders.calendar import Calendar, add_working_days, working_days_between
from server.reminders.working_calendars import KIND, Calendars, table_of
from server.reminders.year_tables import YearTable, differing
from server.storage import deadline_store, record_store
from server.storage.deadline_store import Clock
from sync.errors import VersionChanged
from sync.merge import Record
from sync.rules import region_prefix

if TYPE_CHECKING:
    from server.wiring import Services

PAGE = 200
"""Cases in one act: a page of deadlines holds phones up for less than they wait."""
BECAUSE = "calendar"
log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Move:
    """A deadline that a table moves."""

    case: str
    before: date
    after: date


def new_last_day(served_on: date, due_on: date, old: Calendar, new: Calendar, today: date) -> date | None:
    """Return the day to which a deadline moves when `new` comes in the place of `old`; None: it stays.

    Pure. The working days between service and the last day stay as many as they were.
    """
    if due_on < today:
        return None
    promised = working_days_between(served_on, due_on, old)
    if promised < 1:
        return None
    moved = add_working_days(served_on, promised, new)
    return moved if moved > due_on else None


def moves(clocks: Sequence[Clock], old: Calendars, new: Calendars, today: date) -> list[Move]:
    """Return the open deadlines that move, by case; only spans that hold a differing day are computed."""
    touched: dict[str, frozenset[date]] = {}
    found = []
    for clock in clocks:
        if clock.closed or not clock.served_on or not clock.due_on:
            continue
        if clock.region not in touched:
            touched[clock.region] = differing(old.of(clock.region), new.of(clock.region))
        served, due = date.fromisoformat(clock.served_on), date.fromisoformat(clock.due_on)
        if not any(served < day <= due for day in touched[clock.region]):
            continue
        later = new_last_day(served, due, old.of(clock.region), new.of(clock.region), today)
        if later is not None:
            found.append(Move(clock.case, due, later))
    return found


def drafts(cases: Mapping[str, Record], moving: Sequence[Move], table: str) -> Iterator[tuple[Record, Draft]]:
    """Yield the change of each case that still has the deadline that was looked at. table: the record that moves it."""
    for move in moving:
        case = cases.get(move.case)
        if case is None or case.values.get("due_on") != move.before.isoformat():
            continue
        if case.values.get("due_calendar") == table:
            continue
        values = {
            "due_on": move.after.isoformat(),
            "due_version": int(case.values.get("due_version", 1)) + 1,
            "due_reason": BECAUSE,
            "due_calendar": table,
        }
        if "first_due_on" not in case.values:
            values["first_due_on"] = move.before.isoformat()
        yield case, Draft("edit", "rectification_case", case.id, values)


def foreseen(services: Services, table: YearTable) -> list[Move]:
    """Return the deadlines that a table would move if it came into force now; nothing is written."""
    with services.database.reading() as connection:
        standing = working_calendars.calendars(connection, services)
        clocks = deadline_store.open_within(connection, services.ledger.id, region_prefix(table.region))
    coming = Calendars((*standing.tables, table), max(standing.today, table.valid_from))
    return moves(clocks, standing, coming, standing.today)


def sweep(services: Services) -> Counter[str]:
    """Bring into force what was imported and whose day has come; return how many `calendars` and moved `deadlines`.

    A table stands in force once all that it moves has moved: who dies in between leaves the rest to the next
    sweep, and a case that has moved names the table, so that it moves once.
    """
    tally: Counter[str] = Counter()
    with services.database.reading() as connection:
        waiting = working_calendars.records(connection, services, IMPORTED)
    for record in waiting:
        if table_of(record).valid_from <= services.today():
            tally.update(_bring_into_force(services, record))
    return +tally


def _bring_into_force(services: Services, record: Record) -> Counter[str]:
    moved = 0
    try:
        moving = foreseen(services, table_of(record))
        for at in range(0, len(moving), PAGE):
            moved += _move(services, moving[at : at + PAGE], record.id)
        step = Draft("edit", KIND, record.id, {"stage": {"from": IMPORTED, "to": IN_FORCE}})
        act(
            services,
            [step],
            kind="setting",
            expect={record.id: record.version},
            after=lambda connection, _: deadline_store.wake(
                connection, services.ledger.id, region_prefix(record.region), services.now_ms()
            ),
        )
    except VersionChanged:
        # Somebody changed a case or another scheduler was quicker: the next sweep does what is left.
        return Counter({"deadlines": moved})
    log.info("calendar in force", calendar=record.id, deadlines=moved)
    return Counter({"calendars": 1, "deadlines": moved})


def _move(services: Services, moving: Sequence[Move], table: str) -> int:
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        cases = record_store.load(connection, vault, [move.case for move in moving])
        vault.committed()
    found = list(drafts(cases, moving, table))
    if found:
        act(services, [draft for _, draft in found], expect={case.id: case.version for case, _ in found})
    for case, draft in found:
        log.info("deadline moved", case=case.id, calendar=table, due_on=draft.values["due_on"])
    return len(found)
