"""What a phone's user may see, in the order of the feed: by max(version, granted at), then id."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, case, func, or_, select, union_all

from schemas.records.ward_round import OPERATOR_READS
from server.storage.database import table_of
from server.storage.models import GrantRow, RecordRow
from sync.rules import BARRED, OPERATOR, PHONE_ROLES, TEAM_ROLES

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

    Only the roles of a team bring records to a phone: who has another role over a root reads it elsewhere. To
    whoever answers a called round its role brings the round and what lies in it, and the in-patients it names.

    A role over a root shows its records from the moment it was granted, so a grant backfills once; the end
    of a bar does so too.
    """
    bars = _bars(connection, ledger, user)
    if any(end is None for _, end in bars):
        return []
    readmitted = max((end for _, end in bars if end is not None), default=-1)
    where = (RECORDS.c.ledger == ledger, RECORDS.c.type.in_(types))

    def shown(roles: frozenset[str], by: ColumnElement[str], *more: ColumnElement[bool]) -> Select[Any]:
        scope = (
            select(GRANTS.c.root, func.min(GRANTS.c.start).label("start"))
            .where(GRANTS.c.ledger == ledger, GRANTS.c.user == user, GRANTS.c.end.is_(None))
            .where(GRANTS.c.role.in_(sorted(roles)))
            .group_by(GRANTS.c.root)
            .subquery()
        )
        granted = case((scope.c.start < readmitted, readmitted), else_=scope.c.start)
        position = case((granted > RECORDS.c.version, granted), else_=RECORDS.c.version)
        left = or_(position > after.index, and_(position == after.index, RECORDS.c.id > after.record))
        found = select(position.label("position"), RECORDS).join(scope, scope.c.root == by)
        return found.where(*where, *more, position <= head, left)

    parts = [shown(TEAM_ROLES, RECORDS.c.root)]
    if operates(connection, ledger, user):
        called = RECORDS.c.type.in_(OPERATOR_READS)
        parts.append(shown(frozenset({OPERATOR}), RECORDS.c.root, called))
        parts.append(shown(frozenset({OPERATOR}), RECORDS.c.id, called, RECORDS.c.root != RECORDS.c.id))
    every = union_all(*parts).subquery() if len(parts) > 1 else parts[0].subquery()
    statement = select(every).order_by(every.c.position, every.c.id).limit(limit)
    return [(row.position, row) for row in connection.execute(statement)]


def operates(connection: Connection, ledger: int, user: str) -> bool:
    """Return whether a user answers a called round just now."""
    where = (GRANTS.c.ledger == ledger, GRANTS.c.user == user, GRANTS.c.role == OPERATOR)
    found = connection.execute(select(GRANTS.c.root).where(*where, GRANTS.c.end.is_(None)).limit(1))
    return found.first() is not None


def evicted(connection: Connection, ledger: int, user: str, *, after: int, upto: int) -> list[str]:
    """Return the roots, and single records, that left the user's scope between two ledger positions.

    All of them where a bar began.
    """
    bars = _bars(connection, ledger, user)
    barred = any(start <= upto and (end is None or end > upto) for start, end in bars)
    if barred and not any(start > after for start, end in bars if end is None or end > upto):
        return []
    standing = select(GRANTS.c.root).where(
        GRANTS.c.ledger == ledger,
        GRANTS.c.user == user,
        GRANTS.c.end.is_(None),
        GRANTS.c.role.in_(sorted(PHONE_ROLES)),
    )
    statement = (
        select(GRANTS.c.root)
        .where(
            GRANTS.c.ledger == ledger,
            GRANTS.c.user == user,
            GRANTS.c.role.in_(sorted(PHONE_ROLES)),
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
