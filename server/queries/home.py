"""What waits for a reader, counted; and the few items that move or fall due."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import and_, func, or_

from server.console.pages import HomePage, Queue
from server.queries.cases import by_urgency, case_rows, due_this_week
from server.queries.origins import origins
from server.queries.reading import TABLE, Reading
from server.queries.rounds import round_rows

SHOWN = 5
WAITING = {"evidence": "pending_review", "ward_round": "in_progress", "finding": "heard"}
"""The stage of each type in which an item waits for the desk."""
RAIL = {"evidence": "evidence", "rounds": "ward_round", "findings": "finding"}


def counts(reading: Reading) -> dict[str, int]:
    """Return what waits by entry of the rail, `conflicts` and `home` (all of it) besides."""
    waits = or_(*(and_(TABLE.c.type == kind, TABLE.c.stage == stage) for kind, stage in WAITING.items()))
    statement = reading.visible(*WAITING).where(waits)
    grouped = statement.with_only_columns(TABLE.c.type, func.count(), maintain_column_froms=True)
    by_type: dict[str, int] = dict(reading.connection.execute(grouped.group_by(TABLE.c.type)).all())
    found = {name: by_type.get(kind, 0) for name, kind in RAIL.items()}
    found["cases"] = reading.count(due_this_week(reading))
    found["conflicts"] = reading.count(reading.visible("finding").where(TABLE.c.open_conflicts > 0))
    found["home"] = sum(number for name, number in found.items() if name != "rounds")
    return found


def home_page(reading: Reading, waiting: Mapping[str, int]) -> HomePage:
    """Return the to-do list; waiting: from `counts`."""
    moving = reading.visible("ward_round").where(TABLE.c.stage == WAITING["ward_round"])
    rounds = reading.records(moving.order_by(TABLE.c.version.desc()).limit(SHOWN))
    cases = reading.records(due_this_week(reading).order_by(*by_urgency()).limit(SHOWN))
    names = ("evidence", "conflicts", "findings", "cases", "rounds")
    oldest = {name: _oldest(reading, RAIL[name]) for name in ("evidence", "findings") if waiting[name]}
    return HomePage(
        queues=tuple(Queue(name=name, count=waiting[name], oldest_at=oldest.get(name)) for name in names),
        rounds=round_rows(reading, rounds),
        cases=case_rows(reading, cases),
    )


def _oldest(reading: Reading, kind: str) -> datetime | None:
    """Return since when the item that waits longest has waited."""
    statement = reading.visible(kind).where(TABLE.c.stage == WAITING[kind])
    first = statement.with_only_columns(func.min(TABLE.c.version), maintain_column_froms=True)
    index = reading.connection.execute(first).scalar_one()
    return origins(reading, [index])[index].received if index is not None else None
