"""What people have to do because of a deadline: the phone call, the interview, the proposal of its highest rung.

Pure: no clock and no storage, like the ladder itself. The machine makes the task; a person does it, or decides.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

from server.reminders.calendar import add_working_days
from server.reminders.ladder import Deadline, rung_at
from server.reminders.policies import Rung, Task


class _Work(NamedTuple):
    """What a rung's task becomes: a kind of `task`, for a role, to be done within so many working days."""

    kind: str
    for_role: str
    working_days: int


WORK: Mapping[Task, _Work] = MappingProxyType(
    {
        "obtain_acknowledgement": _Work("acknowledgement", "inspector", 1),
        "answer_petition": _Work("petition_answer", "inspector", 0),
        "answer_overdue_petition": _Work("petition_answer", "supervisor", 1),
        "phone_call": _Work("phone_call", "supervisor", 1),
        "interview": _Work("interview", "supervisor", 3),
        "propose_settlement_suspension": _Work("suspension_proposal", "supervisor", 3),
        "propose_sanction": _Work("sanction_proposal", "leader", 5),
    }
)
KINDS = frozenset(work.kind for work in WORK.values())
"""What follows from a clock."""


@dataclass(frozen=True, slots=True)
class WantedTask:
    """A task that there must be. cause: `<days>/v<due version>` after `overdue/`, `before/` or `served/`."""

    case: str
    due_version: int
    kind: str
    for_role: str
    cause: str
    due_on: date


def wanted(deadline: Deadline, now: datetime) -> WantedTask | None:
    """Return the task of the highest rung with one that the deadline has reached; None: it has reached none.

    Like messages, tasks of lower rungs that nobody made in time are passed over: after a week's outage there is
    one thing to do, not three. What was made earlier stays, and is done or dropped by a person.
    """
    if deadline.closed:
        return None
    reached = [
        (at, rung) for rung in deadline.policy.rungs if (at := _at(deadline, rung)) is not None and at <= now
    ]
    if not reached:
        return None
    at, rung = max(reached, key=lambda one: one[0])
    assert rung.task is not None, "a rung without a task has no instant here"
    work = WORK[rung.task]
    day = at.astimezone(deadline.zone).date()
    return WantedTask(
        case=deadline.case,
        due_version=deadline.due_version,
        kind=work.kind,
        for_role=work.for_role,
        cause=cause(rung, deadline.due_version),
        due_on=add_working_days(day, work.working_days, deadline.calendar),
    )


def cause(rung: Rung, due_version: int) -> str:
    """Return why a task is there, as a code: which rung of which version of the deadline."""
    if rung.unacknowledged is not None:
        return f"served/{rung.unacknowledged}/v{due_version}"
    days = rung.working_days_from_due or 0
    return f"{'overdue' if days > 0 else 'before'}/{abs(days)}/v{due_version}"


def stands(cause: str, *, due_version: int, closed: bool, unacknowledged: bool) -> bool:
    """Return whether a task of this cause is still wanted of a case that stands so."""
    sort, _, rest = cause.partition("/")
    if closed or rest.rpartition("/v")[2] != str(due_version):
        return False
    return sort != "served" or unacknowledged


def _at(deadline: Deadline, rung: Rung) -> datetime | None:
    if rung.task not in WORK or (rung.unacknowledged is not None and not deadline.unacknowledged):
        return None
    at = rung_at(deadline, rung)
    return at if at is not None and at > deadline.served_at else None
