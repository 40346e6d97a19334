"""What has been held for a week becomes a supervisor's task, and the task goes when what it waited for has come.

One task for a phone and a missing thing, however many changes wait for it. Its id follows from both, so that any
number of schedulers make it once.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import structlog

from schemas.drafting import Draft
from server.commit.acts import MACHINE, act
from server.commit.submission import Act
from server.reminders import facts
from server.reminders.calendar import add_working_days
from server.storage import record_store, waiting_store
from server.storage.record_store import TABLE, selected
from server.storage.waiting_store import Queue
from server.wiring import Services
from sync.errors import RecordExists, Refusal, VersionChanged
from sync.ids import named_id
from sync.merge import Record
from sync.outcomes import HELD

PATIENCE_MS = 7 * 24 * 60 * 60_000
WORKING_DAYS = 3
"""How long a supervisor has to find out why what others wait for never arrived."""
ACTS_MAX = 100
CODE_CHARS_MAX = 64
UNFINISHED = ("open", "taken")
KIND = "held_change"
log = structlog.get_logger()


def sweep(services: Services) -> Counter[str]:
    """Release what can be, make the tasks that are due, drop those that are over; return how many of each."""
    released = _release(services)
    with services.database.reading() as connection:
        queues = waiting_store.queues(connection, services.ledger.id)
        overdue = {_task_of(one): one for one in queues if services.now_ms() - one.at >= PATIENCE_MS}
        known = record_store.places(connection, services.ledger.id, overdue)
        vault = services.vault.session(connection, services.ledger.id)
        unfinished = selected(services.ledger.id, "task").where(
            TABLE.c.stage.in_(UNFINISHED), TABLE.c.state.contains(f'"{KIND}"')
        )
        tasks = record_store.query(connection, vault, unfinished)
    waiting = {_task_of(one) for one in queues}
    fresh = [one for task, one in overdue.items() if task not in known]
    over = [task for task in tasks if task.values.get("kind") == KIND and task.id not in waiting]
    return +Counter(
        {
            "released": released,
            "tasks": _open(services, fresh[:ACTS_MAX]),
            "done": _drop(services, over[:ACTS_MAX]),
        }
    )


def _release(services: Services) -> int:
    """Release a part of what waits for records that have come; a commit that brings one releases so many only."""
    with services.database.reading() as connection:
        wanted = {one.waiting_for for one in waiting_store.queues(connection, services.ledger.id)}
        there = record_store.places(connection, services.ledger.id, wanted)
        before = waiting_store.tally(connection, services.ledger.id).get(HELD, (0, 0))[0]
    if not there:
        return 0
    release = frozenset(sorted(there)[:ACTS_MAX])
    services.door.submit(Act(MACHINE, "decision", (), services.now_ms(), release=release))
    with services.database.reading() as connection:
        return max(0, before - waiting_store.tally(connection, services.ledger.id).get(HELD, (0, 0))[0])


def _task_of(queue: Queue) -> str:
    return named_id("wardledger held", queue.device, queue.waiting_for)


def _open(services: Services, queues: Sequence[Queue]) -> int:
    opened = 0
    today = services.now().astimezone(ZoneInfo(services.config.timezone)).date()
    due = add_working_days(today, WORKING_DAYS, facts.published_calendar())
    for one in queues:
        values = {
            "about": one.device,
            "kind": KIND,
            "cause": one.waiting_for.replace(":", "/")[:CODE_CHARS_MAX],
            "for_role": "supervisor",
            "due_on": due.isoformat(),
        }
        try:
            act(services, [Draft("create", "task", _task_of(one), values)])
        except RecordExists:
            continue  # Another scheduler was quicker.
        except Refusal as refusal:
            # What cannot be made a task must not keep the others from being made one.
            log.warning("no task for what is held", device=one.device, code=refusal.code)
            continue
        opened += 1
    return opened


def _drop(services: Services, tasks: Sequence[Record]) -> int:
    dropped = 0
    for task in tasks:
        step = Draft("edit", "task", task.id, {"stage": {"from": task.stage, "to": "dropped"}})
        with contextlib.suppress(VersionChanged):
            act(services, [step], expect={task.id: task.version})
            dropped += 1
    return dropped
