"""What a phone's user may see, in the order of the feed: by max(version, granted at), then id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, case, func, or_, select

from server.storage.database import table_of
from server.storage.models import GrantRow, RecordRow
from sync.rules import BARRED, TEAM_ROLES

RECORDS, GRANTS = table_of(RecordRow), table_of(GrantRow)


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a phone has come: the ledger position and the last record at it ("" before the first)."""

    epoch: str
    index: int
    record: str


def page(
    connection: Connection, ledger: int, user: str, *, after: Cursor, head: int, types: list[str], limit: int
) -> list[tuple[int, Any]]:
    """Return (position, row) of records in the user's scope that come after the cursor, at most `limit`.

    Only the roles of a team bring records to a phone: who has another role over a root reads it elsewhere.

    A role over a root shows its records from the moment it was granted, so a grant backfills once; the end
    of a bar does so too.
    """
    bars = _bars(connection, ledger, user)
    if any(end is None for _, end in bars):
        return []
    readmitted = max((end for _, end in bars if end is not None), default=-1)
    scope = (
        select(GRANTS.c.root, func.min(GRANTS.c.start).label("start"))
        .where(
            GRANTS.c.ledger == ledger,
            GRANTS.c.user == user,
            GRANTS.c.end.is_(None),
            GRANTS.c.role.in_(sorted(TEAM_ROLES)),
        )
        .group_by(GRANTS.c.root)
        .subquery()
    )
    granted = case((scope.c.start < readmitted, readmitted), else_=scope.c.start)
    position = case((granted > RECORDS.c.version, granted), else_=RECORDS.c.version)
    statement = (
        select(position.label("position"), RECORDS)
        .join(scope, scope.c.root == RECORDS.c.root)
        .where(
            RECORDS.c.ledger == ledger,
            RECORDS.c.type.in_(types),
            position <= head,
            or_(position > after.index, and_(position == after.index, RECORDS.c.id > after.record)),
        )
        .order_by(position, RECORDS.c.id)
        .limit(limit)
    )
    return [(row.position, row) for row in connection.execute(statement)]


def evicted(connection: Connection, ledger: int, user: str, *, after: int, upto: int) -> list[str]:
    """Return the roots that left the user's scope between two ledger positions; all of them where a bar began."""
    bars = _bars(connection, ledger, user)
    barred = any(start <= upto and (end is None or end > upto) for start, end in bars)
    if barred and not any(start > after for start, end in bars if end is None or end > upto):
        return []
    standing = select(GRANTS.c.root).where(
        GRANTS.c.ledger == ledger,
        GRANTS.c.user == user,
        GRANTS.c.end.is_(None),
        GRANTS.c.role.in_(sorted(TEAM_ROLES)),
    )
    statement = (
        select(GRANTS.c.root)
        .where(
            GRANTS.c.ledger == ledger,
            GRANTS.c.user == user,
            GRANTS.c.role.in_(sorted(TEAM_ROLES)),
            func.length(GRANTS.c.root) == 36,
            or_(GRANTS.c.end.is_(None), GRANTS.c.end > after)
            if barred
            else and_(GRANTS.c.end > after, GRANTS.c.end <= upto, GRANTS.c.root.not_in(standing)),
        )
        .distinct()
        .order_by(GRANTS.c.root)
    )
    return list(connection.execute(statement).scalars())


def _bars(connection: Connection, ledger: int, user: str) -> list[tuple[int, int | None]]:
    """Return from and to which ledger position the user was barred."""
    where = (GRANTS.c.ledger == ledger, GRANTS.c.user == user, GRANTS.c.role == BARRED)
    rows = connection.execute(select(GRANTS.c.start, GRANTS.c.end).where(*where))
    return [(row.start, row.end) for row in rows]
