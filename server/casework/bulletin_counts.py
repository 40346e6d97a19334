"""How many cases of a city stand open, and how many a week has closed: what a bulletin tells beside its lines."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Select, func

from server.projections import CLOSED_STAGES
from server.storage import ledger_store, record_store
from server.storage.ledger_store import PAGE
from server.storage.record_store import TABLE
from sync import entries
from sync.rules import region_prefix

CLOSED_MAX = 5_000
"""So many closed cases of a city are looked at, those that changed last: a week closes fewer."""


def standing_open(connection: Connection, ledger: int, city: str) -> int:
    """Return how many cases of a city are not closed, served or not."""
    some = _of(ledger, city).where(TABLE.c.stage.not_in(sorted(CLOSED_STAGES)))
    counted = some.with_only_columns(func.count(), maintain_column_froms=True)
    return int(connection.execute(counted).scalar_one())


def closed_within(
    connection: Connection, ledger: int, city: str, first: date, after: date, zone: ZoneInfo
) -> int:
    """Return how many closed cases of a city were closed from `first` until before `after`, on `zone`'s clock.

    What was closed and opened again is open; what was found satisfactory later was closed when it was.
    """
    some = _of(ledger, city).where(TABLE.c.stage.in_(sorted(CLOSED_STAGES)))
    rows = connection.execute(some.order_by(TABLE.c.version.desc()).limit(CLOSED_MAX)).all()
    closings = []
    for row in rows:
        writes = record_store.glimpse(row, ("stage",)).writes["stage"]
        steps = [one.act.index for one in writes if one.value == "closed"] or [writes[-1].act.index]
        closings.append(max(steps))
    found = 0
    for at in range(0, len(closings), PAGE):
        lines = ledger_store.lines_at(connection, ledger, closings[at : at + PAGE])
        found += sum(first <= _day(line, zone) < after for line in lines.values())
    return found


def _day(line: bytes, zone: ZoneInfo) -> date:
    return datetime.fromtimestamp(entries.from_line(line).at / 1000, zone).date()


def _of(ledger: int, city: str) -> Select[Any]:
    prefix = TABLE.c.region.startswith(region_prefix(city), autoescape=True)
    return record_store.selected(ledger, "rectification_case").where(prefix)
