"""Clocks of petitions (信访): one or three working days, on the same engine as the ladder of cases.

What a petition holds reaches nobody by message; whoever has it finds a task at the desk, due when its clock says.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from schemas.drafting import Draft
from server.commit.acts import act
from server.reminders import rung_tasks, working_calendars
from server.reminders.calendar import Calendar, due_date
from server.reminders.ladder import Deadline
from server.reminders.policies import PETITION
from server.reminders.wanted_tasks import PETITION_ANSWER, wanted
from server.storage import record_store
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.errors import VersionChanged
from sync.merge import Record

OPEN = ("received", "assigned", "handling")
PETITIONS_MAX = 1_000


def last_day(received_at: datetime, working_days: int, calendar: Calendar, zone: ZoneInfo) -> date:
    """Return the last day on which a petition is answered in time: day 1 is the working day after it came."""
    return due_date(received_at.astimezone(zone).date(), working_days, calendar)


def deadline_of(petition: Record, calendar: Calendar, zone: ZoneInfo) -> Deadline:
    """Return a petition's clock as the engine knows clocks."""
    return Deadline(
        case=petition.id,
        due_on=date.fromisoformat(petition.values["due_on"]),
        due_version=1,
        served_at=datetime.fromtimestamp(petition.values["received_at"] / 1000, UTC),
        zone=zone,
        calendar=calendar,
        policy=PETITION,
        recipients={},
        closed=petition.stage not in OPEN,
    )


def sweep(services: Services) -> Counter[str]:
    """Make the tasks that petitions want by now and drop those that are over; return how many of each."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        every = record_store.selected(services.ledger.id, "petition").where(TABLE.c.stage.in_(OPEN))
        found = record_store.query(connection, vault, every.order_by(TABLE.c.id).limit(PETITIONS_MAX))
        calendars = working_calendars.calendars(connection, services)
        unfinished = record_store.selected(services.ledger.id, "task").where(
            TABLE.c.stage.in_(rung_tasks.UNFINISHED), TABLE.c.state.contains(f'"{PETITION_ANSWER}"')
        )
        tasks = record_store.query(connection, vault, unfinished)
        named = {str(task.values["about"]) for task in tasks}
        about = record_store.places(connection, services.ledger.id, named)
        known = record_store.load(connection, vault, about)
        vault.committed()
    zone, now = services.config.zone, services.now()
    clocks = [deadline_of(one, calendars.of(one.region), zone) for one in found]
    made = rung_tasks.make(
        services, [(task, None) for clock in clocks if (task := wanted(clock, now)) is not None]
    )
    over = [
        task
        for task in tasks
        if task.values.get("kind") == PETITION_ANSWER
        and (petition := known.get(str(task.values["about"]))) is not None
        and petition.stage not in OPEN
    ]
    return +Counter({"petition_tasks": made, "petition_tasks_over": _drop(services, over)})


def _drop(services: Services, over: list[Record]) -> int:
    dropped = 0
    for task in over:
        step = Draft("edit", "task", task.id, {"stage": {"from": task.stage, "to": "dropped"}})
        with contextlib.suppress(VersionChanged):
            act(services, [step], expect={task.id: task.version})
            dropped += 1
    return dropped
