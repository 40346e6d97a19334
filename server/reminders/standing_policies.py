"""The ladder that a region has laid down: the nearest region's newest one, else the shipped one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import time
from typing import TYPE_CHECKING, Any, get_args

from sqlalchemy import Connection

from schemas import regions
from schemas.item_codes import RUNG
from server.reminders.policies import (
    DIGEST_LIMIT,
    INSTITUTION_ROLES,
    PETITION,
    PETITION_TASKS,
    POLICIES,
    RECTIFICATION,
    SERVED,
    Channel,
    Policy,
    Role,
    Rung,
)
from server.storage import record_store
from server.storage.record_store import TABLE
from sync.errors import BadValue
from sync.merge import Record
from sync.rules import region_prefix

if TYPE_CHECKING:
    from server.wiring import Services

KIND = "reminder_policy"
POLICIES_MAX = 1_000
RUNGS_MAX = 20
ROLES: tuple[Role, ...] = get_args(Role)
WAYS: tuple[Channel, ...] = get_args(Channel)


class Standing:
    """The policy of any region."""

    def __init__(self, found: Iterable[Record]):
        self._found = list(found)
        self._known: dict[tuple[str, str], tuple[Policy, Record | None]] = {}

    def of(self, region: str, case_type: str = RECTIFICATION.name) -> Policy:
        """Return the ladder that counts in a region."""
        return self.with_record(region, case_type)[0]

    def with_record(self, region: str, case_type: str = RECTIFICATION.name) -> tuple[Policy, Record | None]:
        """Return it with the record that lays it down, None for the one that the program brings along."""
        key = (region, case_type)
        if key not in self._known:
            fit = [
                one
                for one in self._found
                if one.values["case_type"] == case_type and regions.reaches(one.values["region"], region)
            ]
            best = max(
                fit, key=lambda one: (len(region_prefix(one.values["region"])), one.version), default=None
            )
            self._known[key] = (policy_of(best) if best else POLICIES[case_type], best)
        return self._known[key]


def standing(connection: Connection, services: Services) -> Standing:
    """Return the policies as they stand."""
    vault = services.vault.session(connection, services.ledger.id)
    every = record_store.selected(services.ledger.id, KIND).order_by(TABLE.c.id.desc()).limit(POLICIES_MAX)
    found = Standing(record_store.query(connection, vault, every))
    vault.committed()
    return found


def policy_of(record: Record) -> Policy:
    """Return what a record lays down."""
    values = record.values
    return policy(
        values["rungs"],
        values["quiet_from"],
        values["quiet_until"],
        values["morning"],
        name=values["case_type"],
        digest_limit=values.get("digest_limit") or DIGEST_LIMIT,
    )


def policy(
    rungs: Sequence[Mapping[str, Any]],
    quiet_from: int,
    quiet_until: int,
    morning: int,
    *,
    name: str = "rectification",
    digest_limit: int = DIGEST_LIMIT,
) -> Policy:
    """Return rungs and minutes of the day as a ladder, lowest rung first; raises BadValue by what does not fit."""
    if not 1 <= len(rungs) <= RUNGS_MAX:
        raise BadValue(f"a ladder has 1 to {RUNGS_MAX} rungs", field="rungs")
    made = sorted((_rung(one) for one in rungs), key=_order)
    _check_for(name, made)
    try:
        return Policy(name, tuple(made), _time(quiet_from), _time(quiet_until), _time(morning), digest_limit)
    except ValueError as error:
        field = "morning" if "morning" in str(error) else "rungs"
        raise BadValue(str(error), field=field) from error


def _check_for(name: str, rungs: Sequence[Rung]) -> None:
    """Raise BadValue where a ladder does not fit what it is for: no institution hears of a petition."""
    if name != PETITION.name:
        if not any(one.name == SERVED for one in rungs):
            raise BadValue("a ladder begins with the service", field="rungs")
        if any(one.task in PETITION_TASKS for one in rungs):
            raise BadValue("that is a task of a petition", field="rungs")
        return
    if any(one.working_days_from_due is None for one in rungs):
        raise BadValue("a petition is not served: its rungs count from its last day", field="rungs")
    if any(INSTITUTION_ROLES & set(one.roles) for one in rungs):
        raise BadValue("a petition is told to the office alone", field="rungs")
    if any(one.task is not None and one.task not in PETITION_TASKS for one in rungs):
        raise BadValue("that is a task of a case", field="rungs")


def _rung(one: Mapping[str, Any]) -> Rung:
    name = str(one["name"])
    if not RUNG.fullmatch(name):
        raise BadValue("a rung is served, served+1, T, T-3 or T+3", field="rungs")
    given = {str(role) for role in one.get("roles", ())}
    ways = {str(way) for way in one.get("channels", ())}
    task = one.get("task") or None
    if not given or not ways:
        raise BadValue("a rung names who hears of it and by which channel", field="rungs")
    unacknowledged = int(name.removeprefix("served+")) if name.startswith("served+") else None
    days = None if name.startswith(SERVED) else int(name[1:] or 0)
    return Rung(
        name=name,
        working_days_from_due=days,
        roles=tuple(role for role in ROLES if role in given),
        channels=tuple(way for way in WAYS if way in ways),
        task=task,
        unacknowledged=unacknowledged,
    )


def _order(rung: Rung) -> tuple[int, int]:
    if rung.working_days_from_due is not None:
        return (2, rung.working_days_from_due)
    return (1, rung.unacknowledged) if rung.unacknowledged is not None else (0, 0)


def _time(minute: int) -> time:
    return time(minute // 60, minute % 60)
