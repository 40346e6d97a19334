"""The clocks of open cases, and the outbox of reminders."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select, update

from server.storage.database import table_of, upsert
from server.storage.ledger_store import PAGE
from server.storage.models import DeadlineRow

TABLE = table_of(DeadlineRow)
PROJECTED = ("region", "institution", "served_on", "due_on", "due_version", "closed", "next_at")


@dataclass(frozen=True, slots=True)
class Clock:
    """One case's clock; next_at: Unix ms of the next instant at which it wants something, or None."""

    case: str
    region: str
    institution: str
    served_on: str
    due_on: str
    due_version: int
    opened_at: int
    closed: bool
    next_at: int | None


def _clock(row: Any) -> Clock:
    return Clock(
        row.case,
        row.region,
        row.institution,
        row.served_on,
        row.due_on,
        row.due_version,
        row.opened_at,
        row.closed,
        row.next_at,
    )


def project(connection: Connection, ledger: int, rows: list[dict[str, Any]], at: int) -> None:
    """Write what the ledger says of clocks; each is examined at the next scan."""
    full = [{"ledger": ledger, "opened_at": at, "next_at": at, **row} for row in rows]
    upsert(connection, TABLE, full, only=PROJECTED)


def wanting(connection: Connection, ledger: int, now: int, limit: int) -> list[Clock]:
    """Return open clocks that want something by now, the longest waiting first."""
    where = (TABLE.c.ledger == ledger, TABLE.c.next_at <= now, TABLE.c.closed.is_(False))
    rows = connection.execute(select(TABLE).where(*where).order_by(TABLE.c.next_at).limit(limit))
    return [_clock(row) for row in rows]


def everything(connection: Connection, ledger: int) -> list[Clock]:
    """Return every clock."""
    rows = connection.execute(select(TABLE).where(TABLE.c.ledger == ledger).order_by(TABLE.c.case))
    return [_clock(row) for row in rows]


def open_within(connection: Connection, ledger: int, prefix: str) -> list[Clock]:
    """Return the open clocks of the regions whose codes begin with a prefix, by case."""
    where = (
        TABLE.c.ledger == ledger,
        TABLE.c.closed.is_(False),
        TABLE.c.region.startswith(prefix, autoescape=True),
    )
    rows = connection.execute(select(TABLE).where(*where).order_by(TABLE.c.case))
    return [_clock(row) for row in rows]


def overdue(connection: Connection, ledger: int, day: str) -> list[Clock]:
    """Return the open clocks whose last day was before a day, the longest overdue first."""
    where = (TABLE.c.ledger == ledger, TABLE.c.closed.is_(False), TABLE.c.due_on < day)
    rows = connection.execute(select(TABLE).where(*where).order_by(TABLE.c.due_on, TABLE.c.case))
    return [_clock(row) for row in rows]


def these(connection: Connection, ledger: int, cases: Collection[str]) -> list[Clock]:
    """Return the clocks of some cases, by case."""
    found: list[Clock] = []
    wanted = sorted(cases)
    for at in range(0, len(wanted), PAGE):
        where = (TABLE.c.ledger == ledger, TABLE.c.case.in_(wanted[at : at + PAGE]))
        rows = connection.execute(select(TABLE).where(*where).order_by(TABLE.c.case))
        found += [_clock(row) for row in rows]
    return found


def find(connection: Connection, ledger: int, case: str) -> Clock | None:
    """Return a case's clock, or None."""
    row = connection.execute(
        select(TABLE).where(TABLE.c.ledger == ledger, TABLE.c.case == case)
    ).one_or_none()
    return _clock(row) if row else None


def wake(connection: Connection, ledger: int, prefix: str, now: int) -> None:
    """Let every open clock of some regions be looked at anew: what it goes by has changed."""
    where = (
        TABLE.c.ledger == ledger,
        TABLE.c.closed.is_(False),
        TABLE.c.region.startswith(prefix, autoescape=True),
    )
    connection.execute(update(TABLE).where(*where).values(next_at=now))


def set_next(connection: Connection, ledger: int, case: str, due_version: int, next_at: int | None) -> None:
    """Say when a clock next wants something, unless its deadline changed meanwhile."""
    where = (TABLE.c.ledger == ledger, TABLE.c.case == case, TABLE.c.due_version == due_version)
    connection.execute(update(TABLE).where(*where).values(next_at=next_at))
