"""Schedules of remote rounds from the desk: made, paused, taken up again and ended, each an act of the supervisor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.drafting import Draft
from schemas.records.round_schedule import DAY_MINUTES, KINDS, SURPRISE, WEEKDAYS
from schemas.records.ward_round import DRAWS
from server.access import scope
from server.commit.acts import act, new_id
from server.rounds.calling import INSTITUTIONS_MAX
from server.rounds.drawing import EVERYBODY
from server.storage import record_store
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.errors import BadTransition, BadValue, NotFound
from sync.merge import Record

STEPS = {"pause": ("active", "paused"), "resume": ("paused", "active")}
END = "end"
"""A schedule that is ended is voided: it stays in the ledger, and calls nobody any more."""


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """What a supervisor orders for every week; minutes are of the day, in the ledger's zone."""

    institutions: tuple[str, ...]
    kind: str
    weekdays: tuple[str, ...]
    from_minute: int
    until_minute: int | None = None
    times_a_week: int | None = None
    method: str = EVERYBODY
    size: int | None = None
    wards: tuple[str, ...] = ()
    respond_minutes: int | None = None
    explain_minutes: int | None = None
    challenge_by_bed: bool = False


def make(services: Services, user: str, region: str, wanted: Schedule) -> str:
    """Make a schedule that its supervisor leads, and return its id; raises BadValue, NotFound or NotAllowed."""
    _check(wanted)
    with services.database.reading() as connection:
        seen = scope.visible(connection, services.ledger.id, user, "institution")
        there = seen.where(TABLE.c.id.in_(wanted.institutions)).with_only_columns(TABLE.c.id)
        found = set(connection.execute(there).scalars())
    for institution in wanted.institutions:
        if institution not in found:
            raise NotFound("there is no such institution in your scope", item=institution)
    values: dict[str, Any] = {
        "region": region,
        "kind": wanted.kind,
        "lead": user,
        "from_minute": wanted.from_minute,
        "draw_method": wanted.method,
    }
    optional = {
        "until_minute": wanted.until_minute,
        "times_a_week": wanted.times_a_week,
        "draw_size": wanted.size,
        "respond_minutes": wanted.respond_minutes,
        "explain_minutes": wanted.explain_minutes,
        "challenge_by_bed": wanted.challenge_by_bed or None,
    }
    values |= {name: value for name, value in optional.items() if value is not None}
    sets = {"institutions": wanted.institutions, "weekdays": wanted.weekdays, "wards": wanted.wards}
    made = new_id(services)
    add: dict[str, Sequence[str]] = {name: list(some) for name, some in sets.items() if some}
    act(services, [Draft("create", "round_schedule", made, values, add=add)], user=user, kind="setting")
    return made


def _check(wanted: Schedule) -> None:
    """Raise BadValue by the field that does not fit."""
    if not 1 <= len(set(wanted.institutions)) == len(wanted.institutions) <= INSTITUTIONS_MAX:
        raise BadValue(f"a schedule names 1 to {INSTITUTIONS_MAX} institutions", field="institutions")
    if wanted.kind not in KINDS:
        raise BadValue("a schedule is routine or by surprise", field="kind")
    if not wanted.weekdays or set(wanted.weekdays) - WEEKDAYS.keys():
        raise BadValue("a schedule names days of the week", field="weekdays")
    if not 0 <= wanted.from_minute < DAY_MINUTES:
        raise BadValue("a time of the day", field="from_minute")
    if wanted.kind == SURPRISE:
        if wanted.until_minute is None or not wanted.from_minute < wanted.until_minute <= DAY_MINUTES:
            raise BadValue("a surprise has a time until which it is drawn", field="until_minute")
        if wanted.times_a_week is None or not 1 <= wanted.times_a_week <= len(wanted.weekdays):
            raise BadValue("a surprise comes so many times a week, once a day at most", field="times_a_week")
    if wanted.method not in DRAWS:
        raise BadValue("there is no such way to draw", field="method")
    if wanted.method != EVERYBODY and wanted.size is None:
        raise BadValue("a random sample has a number", field="size")


def turn(services: Services, user: str, schedule: str, step: str) -> None:
    """Pause a schedule, take it up again, or end it; raises NotFound, BadValue, BadTransition or NotAllowed."""
    found = _find(services, user, schedule)
    if step == END:
        draft = Draft("void", "round_schedule", schedule)
    elif step in STEPS:
        source, target = STEPS[step]
        if found.stage != source:
            raise BadTransition(f"the schedule is {found.stage}", item=schedule, field="stage")
        draft = Draft("edit", "round_schedule", schedule, {"stage": {"from": source, "to": target}})
    else:
        raise BadValue("pause, resume or end", field="step")
    act(services, [draft], user=user, kind="setting", expect={schedule: found.version})


def _find(services: Services, user: str, schedule: str) -> Record:
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        seen = scope.visible(connection, services.ledger.id, user, "round_schedule")
        found = record_store.query(connection, vault, seen.where(TABLE.c.id == schedule))
    if not found:
        raise NotFound(item=schedule)
    return found[0]
