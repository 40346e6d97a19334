"""What a phone's user may see, in the order of the feed: by max(version, granted at), then id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, case, func, or_, select

from server.storage.database import table_of
from server.storage.models import GrantRow, RecordRow

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

    A role over a root shows its records from the moment it was granted, so a grant backfills once.
    """
    scope = (
        select(GRANTS.c.root, func.min(GRANTS.c.start).label("granted"))
        .where(GRANTS.c.ledger == ledger, GRANTS.c.user == user, GRANTS.c.end.is_(None))
        .group_by(GRANTS.c.root)
        .subquery()
    )
    position = case((scope.c.granted > RECORDS.c.version, scope.c.granted), else_=RECORDS.c.version)
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
    """Return the roots that left the user's scope between two ledger positions."""
    standing = select(GRANTS.c.root).where(
        GRANTS.c.ledger == ledger, GRANTS.c.user == user, GRANTS.c.end.is_(None)
    )
    statement = (
        select(GRANTS.c.root)
        .where(
            GRANTS.c.ledger == ledger,
            GRANTS.c.user == user,
            GRANTS.c.end > after,
            GRANTS.c.end <= upto,
            func.length(GRANTS.c.root) == 36,
            GRANTS.c.root.not_in(standing),
        )
        .distinct()
        .order_by(GRANTS.c.root)
    )
    return list(connection.execute(statement).scalars())
