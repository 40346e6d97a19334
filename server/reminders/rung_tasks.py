"""Tasks of rungs: made once, through the door, by whichever scheduler comes first; dropped when they are over.

A task's id follows from case, rung and version of the deadline, so a second scheduler meets a record that is
there, and a killed one leaves what the next scan makes. The suspension of settlement is proposed as a record of
its own beside its task: what becomes of it is decided by people.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import and_, select

from schemas.drafting import Draft
from server.commit.acts import act
from server.reminders.facts import SERVED_STAGE, Standing
from server.reminders.wanted_tasks import KINDS, WantedTask, stands
from server.storage import record_store
from server.storage.database import table_of
from server.storage.models import DeadlineRow
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.errors import RecordExists, Refusal, VersionChanged
from sync.ids import named_id

UNFINISHED = ("open", "taken")
PROPOSED = "proposed"
SUSPENSION = "suspension_proposal"
DROPPED_MAX = 500
DEADLINES = table_of(DeadlineRow)
CASES = TABLE.alias("cases")
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
        proposed = _proposed(connection, services.ledger.id, cases)
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
    values: Mapping[str, Any] = {
        "case": wanted.case,
        "institution": standing.house.id,
        "track": "agreement",
        "level": "2",
        "proposed_by": "ladder",
    }
    findings = sorted(standing.case.values.get("findings", ()))
    add = {"measures": ["settlement_suspension"]} | ({"findings": findings} if findings else {})
    key = named_id("wardledger rung sanction", wanted.case, wanted.cause)
    return Draft("create", "sanction", key, values, add=add)


def _proposed(connection: Any, ledger: int, cases: Sequence[str]) -> set[str]:
    """Return the cases for which a sanction is proposed already and not decided: one proposal is enough."""
    if not cases:
        return set()
    open_ones = record_store.selected(ledger, "sanction").where(
        TABLE.c.parent.in_(cases), TABLE.c.stage.in_((PROPOSED, "told_party", "legal_reviewed"))
    )
    return set(connection.execute(open_ones.with_only_columns(TABLE.c.parent)).scalars())


def drop_over(services: Services) -> int:
    """Drop unfinished tasks of rungs whose case was closed or got another deadline; return how many."""
    joined = and_(DEADLINES.c.ledger == TABLE.c.ledger, DEADLINES.c.case == TABLE.c.parent)
    case = and_(CASES.c.ledger == TABLE.c.ledger, CASES.c.id == TABLE.c.parent)
    where = (
        TABLE.c.ledger == services.ledger.id, TABLE.c.type == "task", TABLE.c.stage.in_(UNFINISHED),
    )  # fmt: skip
    columns = (TABLE.c.id, DEADLINES.c.due_version, DEADLINES.c.closed, CASES.c.stage.label("case_stage"))
    with services.database.reading() as connection:
        rows = connection.execute(
            select(*columns).select_from(TABLE).join(DEADLINES, joined).join(CASES, case).where(*where)
        ).all()
        vault = services.vault.session(connection, services.ledger.id)
        tasks = record_store.load(connection, vault, [row.id for row in rows])
        vault.committed()
    over = [
        tasks[row.id]
        for row in rows
        if tasks[row.id].values.get("kind") in KINDS
        and "/v" in (why := str(tasks[row.id].values.get("cause", "")))
        and not stands(
            why, due_version=row.due_version, closed=row.closed, unacknowledged=row.case_stage == SERVED_STAGE
        )
    ]
    dropped = 0
    for task in over[:DROPPED_MAX]:
        step = Draft("edit", "task", task.id, {"stage": {"from": task.stage, "to": "dropped"}})
        with contextlib.suppress(VersionChanged):
            act(services, [step], expect={task.id: task.version})
            dropped += 1
    return dropped
