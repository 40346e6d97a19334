"""Drawing what is reviewed a second time: each region's first reviews of a day, once the ledger has passed its end."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import Connection, Select, select

from schemas.drafting import Draft
from server.casework import second_review
from server.casework.second_review import First
from server.commit.acts import act
from server.keys.vault import VaultSession
from server.reminders.calendar import add_working_days
from server.rounds import local_rules
from server.rounds.censuses import root_at
from server.storage import ledger_store, record_store
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.errors import NotFound, RecordExists
from sync.merge import Record

DAYS_BACK = 7
"""So many past days are looked at: a scheduler that stood still for a week misses none."""
REGION_DIGITS = 6


@dataclass(frozen=True)
class Draw:
    """A region's draw of a day; ended_by: the ledger entry that ended the day, whose tree's root is the seed's."""

    region: str
    day: date
    ended_by: int
    seed: str
    percent: int
    population: tuple[First, ...]
    drawn: tuple[First, ...]


def sweep(services: Services) -> int:
    """Draw what is due of the last days; return how many second reviews were made."""
    today, made = services.today(), 0
    for back in range(DAYS_BACK, 0, -1):
        day = today - timedelta(days=back)
        for found in _due(services, day):
            made += _enter(services, found)
    return made


def draw_of(services: Services, region: str, day: date) -> Draw:
    """Return a region's draw of a day, from the ledger; raises NotFound while the day has not ended there."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        span = _span(services, connection, day)
        if span is None:
            raise NotFound(f"the ledger holds nothing later than {day} yet", field="day")
        return _draw(services, connection, vault, region, day, span)


def tasks_of(services: Services, found: Draw) -> list[Record]:
    """Return the tasks that a draw was entered as."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        ids = [
            second_review.task_id(found.region, found.day.isoformat(), n) for n in range(len(found.drawn) + 1)
        ]
        known = record_store.load(connection, vault, ids)
    return [known[one] for one in ids if one in known]


def _due(services: Services, day: date) -> list[Draw]:
    with services.database.reading() as connection:
        span = _span(services, connection, day)
        if span is None or span[0] == span[1]:
            return []
        vault = services.vault.session(connection, services.ledger.id)
        regions = connection.execute(_decisions(services, span).with_only_columns(TABLE.c.region).distinct())
        found = {str(region)[:REGION_DIGITS] for region in regions.scalars()}
        first = {second_review.task_id(region, day.isoformat(), 0): region for region in sorted(found)}
        known = record_store.places(connection, services.ledger.id, first)
        return [
            _draw(services, connection, vault, region, day, span)
            for task, region in first.items()
            if task not in known
        ]


def _enter(services: Services, found: Draw) -> int:
    due = add_working_days(services.today(), second_review.WORKING_DAYS, services.calendar).isoformat()
    drafts = [
        Draft(
            "create",
            "task",
            second_review.task_id(found.region, found.day.isoformat(), place),
            {
                "about": one.evidence,
                "kind": second_review.KIND,
                "cause": f"entry/{one.index}",
                "for_role": "second_reviewer",
                "due_on": due,
            },
        )
        for place, one in enumerate(found.drawn)
    ]
    if not drafts:
        return 0
    try:
        act(services, drafts, kind="change")
    except RecordExists:
        return 0  # Another scheduler was first, with the same draw.
    return len(drafts)


def _draw(
    services: Services,
    connection: Connection,
    vault: VaultSession,
    region: str,
    day: date,
    span: tuple[int, int],
) -> Draw:
    statement = _decisions(services, span).where(TABLE.c.region.startswith(region, autoescape=True))
    records = record_store.query(connection, vault, statement)
    about = record_store.places(connection, services.ledger.id, [str(one.values["about"]) for one in records])
    firsts = second_review.population(
        first_of(one) for one in records if about[str(one.values["about"])].type == "evidence"
    )
    rules = local_rules.holding(local_rules.known(services.config.home), region, day)
    seed = second_review.seed_of(
        root_at(connection, services.ledger.id, span[1] + 1), region, day.isoformat()
    )
    drawn = second_review.drawn(seed, firsts, rules.second_review_percent)
    return Draw(region, day, span[1], seed, rules.second_review_percent, tuple(firsts), tuple(drawn))


def first_of(decision: Record) -> First:
    """Return a decision as the draw knows it."""
    values = decision.values
    made = decision.acts[0].index
    return First(decision.id, str(values["about"]), made, decision.created_by, str(values["act"]))


def _decisions(services: Services, span: tuple[int, int]) -> Select[Any]:
    return select(TABLE).where(
        TABLE.c.ledger == services.ledger.id,
        TABLE.c.type == "decision",
        TABLE.c.version >= span[0],
        TABLE.c.version < span[1],
    )


def _span(services: Services, connection: Connection, day: date) -> tuple[int, int] | None:
    """Return the entries of a day: from its first one to the one that ended it; None before there is such a one."""
    size = ledger_store.head(connection, services.ledger.id).size
    since, until = (first_entry(services, connection, each) for each in (day, day + timedelta(days=1)))
    return None if until == size else (since, until)


def first_entry(services: Services, connection: Connection, day: date) -> int:
    """Return the first entry received on a day or later, the ledger's size where there is none, by halving."""
    start = datetime.combine(day, time(), services.config.zone)
    low, high = 0, ledger_store.head(connection, services.ledger.id).size
    at = int(start.timestamp() * 1000)
    while low < high:
        middle = (low + high) // 2
        line = ledger_store.entry_lines(connection, services.ledger.id, middle, 1)[0]
        low, high = (middle + 1, high) if int(json.loads(line)["at"]) < at else (low, middle)
    return low
