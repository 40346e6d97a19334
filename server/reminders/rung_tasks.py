"""Tasks of rungs: made once, through the door, by whichever scheduler comes first; dropped when they are over.

A task's id follows from case, rung and version of the deadline, so a second scheduler meets a record that is
there, and a killed one leaves what the next scan makes. The suspension of settlement is proposed as a record of
its own beside its task: what becomes of it is decided by people.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, select

from schemas.drafting import Draft
from server.casework import proposing
from server.commit.acts import act
from server.reminders.facts import SERVED_STAGE, Standing
from server.reminders.petition_facts import OPEN
from server.reminders.policies import PETITION
from server.reminders.wanted_tasks import KINDS, WantedTask, stands
from server.storage import deadline_store, record_store, swept_store
from server.storage.deadline_store import Clock
from server.storage.ledger_store import PAGE
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.errors import RecordExists, Refusal, VersionChanged
from sync.ids import named_id
from sync.merge import VOIDED, Record

UNFINISHED = ("open", "taken")
SUSPENSION = "suspension_proposal"
SWEEP = "over:"
"""How the marks begin up to which changes were looked at, one for each type."""
CLOCKED = ("rectification_case", PETITION.name)
MOVED_MAX = 500
"""So many changed records of a type are looked at in one tick; the others in the next."""
log = structlog.get_logger()


def task_id(wanted: WantedTask) -> str:
    """Return the id of the one task that a rung of a version of a deadline asks for."""
    return named_id("wardledger rung", wanted.case, wanted.cause)


def make(services: Services, tasks: Sequence[tuple[WantedTask, Standing | None]]) -> int:
    """Make the tasks that are not there yet; return how many."""
    wanted = {task_id(task): (task, standing) for task, standing in tasks}
    with services.database.reading() as connection:
        known = record_store.places(connection, services.ledger.id, wanted)
        cases = [
            task.case for key, (task, _) in wanted.items() if key not in known and task.kind == SUSPENSION
        ]
        proposed = proposing.lying(connection, services.ledger.id, cases)
    made = 0
    for key, (task, standing) in wanted.items():
        if key in known:
            continue
        drafts = [_task(key, task)]
        if task.kind == SUSPENSION and standing is not None and task.case not in proposed:
            drafts.append(_sanction(task, standing))
        try:
            act(services, drafts)
        except RecordExists:
            continue  # Another scheduler was quicker.
        except Refusal as refusal:
            # What cannot be made a task must not keep the others from being made one.
            log.warning("no task for a rung", case=task.case, cause=task.cause, code=refusal.code)
            continue
        log.info("task made", case=task.case, kind=task.kind, cause=task.cause)
        made += 1
    return made


def _task(key: str, wanted: WantedTask) -> Draft:
    values = {
        "about": wanted.case,
        "kind": wanted.kind,
        "cause": wanted.cause,
        "for_role": wanted.for_role,
        "due_on": wanted.due_on.isoformat(),
    }
    return Draft("create", "task", key, values)


def _sanction(wanted: WantedTask, standing: Standing) -> Draft:
    """Return the proposal to suspend settlement; only a leader makes a decision of it."""
    key = named_id("wardledger rung sanction", wanted.case, wanted.cause)
    findings = standing.case.values.get("findings", ())
    return proposing.suspension(key, wanted.case, standing.house.id, by="ladder", findings=findings)


def drop_over(services: Services) -> int:
    """Drop unfinished tasks of rungs whose case or petition is closed or has another deadline; return how many.

    It reads what changed since it last looked: cases, petitions, and tasks, for one may have been made for a case that
    was just closed. Who dies before the mark is set leaves what the next tick looks at again.
    """
    marks: dict[str, int] = {}
    about: set[str] = set()
    with services.database.reading() as connection:
        for kind in (*CLOCKED, "task"):
            mark, moved = _moved(connection, services.ledger.id, kind)
            about |= moved
            if mark is not None:
                marks[kind] = mark
        if not marks:
            return 0
        over = _over(connection, services, sorted(about))
    for task in over:
        step = Draft("edit", "task", task.id, {"stage": {"from": task.stage, "to": "dropped"}})
        # Whoever changed it meanwhile made it one that is looked at again.
        with contextlib.suppress(VersionChanged):
            act(services, [step], expect={task.id: task.version})
    with services.database.writing(services.ledger.id) as connection:
        for kind, mark in marks.items():
            swept_store.set_upto(connection, services.ledger.id, SWEEP + kind, mark)
    return len(over)


def _moved(connection: Connection, ledger: int, kind: str) -> tuple[int | None, set[str]]:
    """Return how far the records of a kind are looked at now, None where none changed, and what they are about."""
    since = swept_store.upto(connection, ledger, SWEEP + kind)
    which = TABLE.c.parent if kind == "task" else TABLE.c.id
    changed = (TABLE.c.ledger == ledger, TABLE.c.type == kind, TABLE.c.version > since)
    oldest = select(TABLE.c.version, which.label("about")).where(*changed)
    rows = connection.execute(oldest.order_by(TABLE.c.version, TABLE.c.id).limit(MOVED_MAX)).all()
    if not rows:
        return None, set()
    first, last = rows[0].version, rows[-1].version
    # A full page may end within one entry's records: that entry is looked at again, unless it is all there is.
    mark = last if len(rows) < MOVED_MAX or first == last else last - 1
    return mark, {row.about for row in rows if row.about}


def _over(connection: Connection, services: Services, about: Sequence[str]) -> list[Record]:
    """Return the unfinished tasks of rungs that are no longer wanted, of some cases and petitions."""
    vault = services.vault.session(connection, services.ledger.id)
    over = []
    for at in range(0, len(about), PAGE):
        some = about[at : at + PAGE]
        unfinished = record_store.selected(services.ledger.id, "task").where(
            TABLE.c.parent.in_(some), TABLE.c.stage.in_(UNFINISHED)
        )
        tasks = record_store.query(connection, vault, unfinished)
        named = {str(task.values["about"]) for task in tasks}
        known = _about(connection, services.ledger.id, named)
        clocks = {one.case: one for one in deadline_store.these(connection, services.ledger.id, named)}
        over += [
            task
            for task in tasks
            if task.values.get("kind") in KINDS
            and "/v" in (cause := str(task.values.get("cause", "")))
            and not _stands(cause, known.get(task.values["about"]), clocks.get(task.values["about"]))
        ]
    vault.committed()
    return over


def _about(connection: Connection, ledger: int, ids: Collection[str]) -> dict[str, Any]:
    """Return the type, stage and life of what tasks are about, by id; a full page has PAGE tasks' at most."""
    columns = select(TABLE.c.id, TABLE.c.type, TABLE.c.stage, TABLE.c.life)
    found = connection.execute(columns.where(TABLE.c.ledger == ledger, TABLE.c.id.in_(sorted(ids))))
    return {row.id: row for row in found}


def _stands(cause: str, about: Any, clock: Clock | None) -> bool:
    """Return whether a task is still wanted of a case with its clock, or of a petition, which has none of its own."""
    if about is not None and about.type == PETITION.name:
        closed = about.stage not in OPEN or about.life == VOIDED
        return stands(cause, due_version=1, closed=closed, unacknowledged=False)
    if about is None or clock is None:
        return True
    unacknowledged = about.stage == SERVED_STAGE
    return stands(cause, due_version=clock.due_version, closed=clock.closed, unacknowledged=unacknowledged)
