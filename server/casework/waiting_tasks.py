"""What has been held for a week becomes a supervisor's task, what is late at once; the task goes when nothing waits.

One task for a phone and a missing thing, however many changes wait for it, and one for what of a phone is late, from
the first change that nobody has ruled on. A task's id follows from that, so that any number of schedulers make it once.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog
from sqlalchemy import or_

from schemas.drafting import Draft
from server.casework import device_tasks
from server.commit.acts import MACHINE, act
from server.commit.releasing import is_understood
from server.commit.submission import Act
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
HELD_CHANGE, LATE_CHANGE = "held_change", "late_change"
log = structlog.get_logger()


@dataclass(frozen=True)
class _Wanted:
    """A task that there must be: its kind, the device that it is about, what caused it, and whether it is due."""

    task: str
    kind: str
    device: str
    cause: str
    due: bool


def _wanted(services: Services, queues: Sequence[Queue], late: dict[str, int]) -> Iterator[_Wanted]:
    for one in queues:
        due = services.now_ms() - one.at >= PATIENCE_MS
        task = named_id("wardledger held", one.device, one.waiting_for)
        yield _Wanted(task, HELD_CHANGE, one.device, one.waiting_for.replace(":", "/")[:CODE_CHARS_MAX], due)
    for device, first in late.items():
        task = named_id("wardledger late", device, str(first))
        yield _Wanted(task, LATE_CHANGE, device, f"entry/{first}", True)


def sweep(services: Services) -> Counter[str]:
    """Release what can be, make the tasks that are due, drop those that are over; return how many of each."""
    released = _release(services)
    with services.database.reading() as connection:
        queues = waiting_store.queues(connection, services.ledger.id)
        late = waiting_store.late_since(connection, services.ledger.id)
        wanted = {one.task: one for one in _wanted(services, queues, late)}
        known = record_store.places(connection, services.ledger.id, wanted)
        vault = services.vault.session(connection, services.ledger.id)
        unfinished = selected(services.ledger.id, "task").where(
            TABLE.c.stage.in_(UNFINISHED),
            or_(*(TABLE.c.state.contains(f'"{kind}"') for kind in (HELD_CHANGE, LATE_CHANGE))),
        )
        tasks = record_store.query(connection, vault, unfinished)
    fresh = [one for task, one in wanted.items() if one.due and task not in known]
    kinds = (HELD_CHANGE, LATE_CHANGE)
    over = [task for task in tasks if task.values.get("kind") in kinds and task.id not in wanted]
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
        there = set(record_store.places(connection, services.ledger.id, wanted))
        before = waiting_store.tally(connection, services.ledger.id).get(HELD, (0, 0))[0]
    there |= {one for one in wanted if is_understood(one)}
    if not there:
        return 0
    release = frozenset(sorted(there)[:ACTS_MAX])
    services.door.submit(Act(MACHINE, "decision", (), services.now_ms(), release=release))
    with services.database.reading() as connection:
        return max(0, before - waiting_store.tally(connection, services.ledger.id).get(HELD, (0, 0))[0])


def _open(services: Services, wanted: Sequence[_Wanted]) -> int:
    opened = 0
    for one in wanted:
        told = device_tasks.draft(
            services, one.task, device=one.device, kind=one.kind, cause=one.cause, working_days=WORKING_DAYS
        )
        try:
            act(services, [told])
        except RecordExists:
            continue  # Another scheduler was quicker.
        except Refusal as refusal:
            # What cannot be made a task must not keep the others from being made one.
            log.warning("no task for what waits", device=one.device, code=refusal.code)
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
