"""Calls of schedules: each week planned by one entry, each round made once when its time has come."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy import Connection

from schemas.drafting import Draft
from schemas.records.round_schedule import SURPRISE
from schemas.records.ward_round import REMOTE
from server.commit.acts import act
from server.keys.vault import VaultSession
from server.rounds import censuses, orders, staff, timetable
from server.rounds.timetable import Occurrence
from server.storage import record_store
from server.storage.record_store import TABLE, selected
from server.wiring import Services
from sync.draw import seed_of
from sync.errors import RecordExists, Refusal, VersionChanged
from sync.merge import Record

CATCH_UP = timedelta(minutes=30)
"""A call that could not be made when its time came, because nothing ran, is still made so long; then it is missed."""
PASSED_ON = ("wards", "draw_method", "draw_size", "respond_minutes", "explain_minutes", "challenge_by_bed")
PLANNED, FIRED = "weeks planned", "rounds called"


def fire(services: Services) -> Counter[str]:
    """Plan the weeks of schedules and call the rounds whose time has come; return how many of each.

    Safe beside other schedulers: a week is planned on the version that was read, and a round's id follows
    from its schedule, institution and day.
    """
    tally: Counter[str] = Counter()
    now = services.now().astimezone(services.config.zone)
    monday = timetable.monday_of(now.date())
    for schedule in _active(services):
        if schedule.values.get("planned_week") != monday.isoformat():
            tally[PLANNED] += _plan(services, schedule, monday)
    for schedule in _active(services):
        for due in coming(services, schedule, monday):
            if due.at <= now < due.at + CATCH_UP:
                tally[FIRED] += _call(services, schedule, due)
    return +tally


def coming(services: Services, schedule: Record, monday: date) -> list[Occurrence]:
    """Return the calls of a schedule in the week that it was planned for; none of another week."""
    if schedule.values.get("planned_week") != monday.isoformat():
        return []
    with services.database.reading() as connection:
        seed = week_seed(connection, services.ledger.id, schedule)
    return timetable.occurrences(schedule.id, schedule.values, monday, seed, services.config.zone)


def week_seed(connection: Connection, ledger: int, schedule: Record) -> str:
    """Return the seed of the week for which a schedule was planned last: of the entry that planned it."""
    return seed_at(connection, ledger, schedule.writes["planned_week"][-1].act.index)


def seed_at(connection: Connection, ledger: int, index: int) -> str:
    """Return the seed that an entry gives which planned a week."""
    root = censuses.root_at(connection, ledger, index + 1)
    return seed_of(root, censuses.change_at(connection, ledger, index), 1)


def _active(services: Services) -> list[Record]:
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        statement = selected(services.ledger.id, "round_schedule").where(TABLE.c.stage == "active")
        return record_store.query(connection, vault, statement.order_by(TABLE.c.id))


def _plan(services: Services, schedule: Record, monday: date) -> int:
    draft = Draft("edit", "round_schedule", schedule.id, {"planned_week": monday.isoformat()})
    try:
        act(services, [draft], kind="setting", expect={schedule.id: schedule.version})
    except VersionChanged:
        return 0
    return 1


def _call(services: Services, schedule: Record, due: Occurrence) -> int:
    """Make the round of an occurrence, and let it be called; 0 where it is there already."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        if record_store.places(connection, services.ledger.id, [due.ward_round]):
            return 0
        draft = _draft(connection, vault, schedule, due)
    try:
        act(services, [draft], kind="change")
    except RecordExists:
        return 0
    except Refusal as refusal:
        orders.log.warning("a scheduled round was refused", schedule=schedule.id, code=refusal.code)
        return 0
    orders.ask(services, [due.ward_round])
    return 1


def _draft(connection: Connection, vault: VaultSession, schedule: Record, due: Occurrence) -> Draft:
    values: Mapping[str, Any] = schedule.values
    given: dict[str, Any] = {name: values[name] for name in PASSED_ON if name in values and name != "wards"}
    given |= {
        "mode": REMOTE,
        "trigger": "surprise" if values["kind"] == SURPRISE else "plan",
        "institution": due.institution,
        "schedule": schedule.id,
        "lead": values["lead"],
    }
    able = staff.of(connection, vault, [due.institution]).get(due.institution, [])
    named = sorted(set(able) & set(values.get("operators") or ()))
    given |= {"operator": named[0]} if named else {}
    sets = {name: list(values[name]) for name in ("members", "wards") if values.get(name)}
    return Draft("create", "ward_round", due.ward_round, given, add=sets)
