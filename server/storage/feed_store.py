"""What a phone's user may see, in the order of the feed: by max(version, granted at), then id."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    false,
    func,
    literal,
    or_,
    select,
    true,
    union_all,
)

from schemas.records.ward_round import OPERATOR_READS
from server.storage import grant_store
from server.storage.database import table_of
from server.storage.models import GrantRow, RecordRow
from sync.rules import BARRED, OPERATOR, PHONE_ROLES, RECUSED, TEAM_ROLES
from sync.scope_sum import scope_sum

RECORDS, GRANTS = table_of(RecordRow), table_of(GrantRow)
SUMMED_ROWS = 1_000
"""So many rows of a checksum are held at once."""


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
    of a bar, or of a recusal from what it lies in, does so too.
    """
    spans = _kept_out(connection, ledger, user)
    if any(span.over is None and span.end is None for span in spans):
        return []
    where = (RECORDS.c.ledger == ledger, RECORDS.c.type.in_(types), ~_away(ledger, RECORDS.c.root, spans))

    def shown(roles: frozenset[str], by: ColumnElement[str], *more: ColumnElement[bool]) -> Select[Any]:
        scope = (
            select(GRANTS.c.root, func.min(GRANTS.c.start).label("start"))
            .where(GRANTS.c.ledger == ledger, GRANTS.c.user == user, GRANTS.c.end.is_(None))
            .where(GRANTS.c.role.in_(sorted(roles)))
            .group_by(GRANTS.c.root)
            .subquery()
        )
        back = [
            (and_(scope.c.start < span.end, _lies_in(ledger, RECORDS.c.root, span)), literal(span.end))
            for span in sorted(spans, key=lambda span: span.end or -1, reverse=True)
            if span.end is not None
        ]
        granted = case(*back, else_=scope.c.start) if back else scope.c.start
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


def sums(connection: Connection, ledger: int, user: str, *, types: list[str]) -> dict[str, str]:
    """Return {scope root: checksum} over the records of each root that a team role of the user brings whole."""
    spans = _kept_out(connection, ledger, user)
    if any(span.over is None and span.end is None for span in spans):
        return {}
    standing = select(GRANTS.c.root).where(
        GRANTS.c.ledger == ledger,
        GRANTS.c.user == user,
        GRANTS.c.end.is_(None),
        GRANTS.c.role.in_(sorted(TEAM_ROLES)),
    )
    where = (
        RECORDS.c.ledger == ledger,
        RECORDS.c.type.in_(types),
        RECORDS.c.root.in_(standing),
        ~_away(ledger, RECORDS.c.root, spans),
    )
    ordered = select(RECORDS.c.root, RECORDS.c.id, RECORDS.c.version).where(*where).order_by(RECORDS.c.root)
    rows = connection.execution_options(yield_per=SUMMED_ROWS).execute(ordered)
    return {
        root: scope_sum((row.id, row.version) for row in some)
        for root, some in groupby(rows, key=lambda row: str(row.root))
    }


def operates(connection: Connection, ledger: int, user: str) -> bool:
    """Return whether a user answers a called round just now."""
    where = (GRANTS.c.ledger == ledger, GRANTS.c.user == user, GRANTS.c.role == OPERATOR)
    found = connection.execute(select(GRANTS.c.root).where(*where, GRANTS.c.end.is_(None)).limit(1))
    return found.first() is not None


def evicted(connection: Connection, ledger: int, user: str, *, after: int, upto: int) -> list[str]:
    """Return the roots, and single records, that left the user's scope between two ledger positions.

    All of them where a bar began; what lies in an institution or inspection where a recusal from it did.
    """
    spans = [one for one in _kept_out(connection, ledger, user) if one.start <= upto and one.lasts(upto)]
    bars, recusals = ([one for one in spans if (one.over is None) is bar] for bar in (True, False))
    if bars and not any(one.start > after for one in bars):
        return []
    begun = [one for one in recusals if one.start > after]
    gone = [one for one in recusals if one.start <= after]
    held = or_(GRANTS.c.end.is_(None), GRANTS.c.end > after)
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
            ~_away(ledger, GRANTS.c.root, gone, ever=True),
            held
            if bars
            else or_(
                and_(GRANTS.c.end > after, GRANTS.c.end <= upto, GRANTS.c.root.not_in(standing)),
                and_(held, _away(ledger, GRANTS.c.root, begun, ever=True)),
            ),
        )
        .distinct()
        .order_by(GRANTS.c.root)
    )
    return list(connection.execute(statement).scalars())


@dataclass(frozen=True, slots=True)
class _Span:
    """From and to which ledger position a user was kept out; over: by a recusal from this, None by a bar."""

    over: str | None
    start: int
    end: int | None

    def lasts(self, index: int) -> bool:
        """Return whether it is not over at a ledger position."""
        return self.end is None or self.end > index


def _kept_out(connection: Connection, ledger: int, user: str) -> list[_Span]:
    """Return when the user was barred, or recused and from what."""
    where = (GRANTS.c.ledger == ledger, GRANTS.c.user == user, GRANTS.c.role.in_((BARRED, RECUSED)))
    rows = connection.execute(
        select(GRANTS.c.role, GRANTS.c.root, GRANTS.c.start, GRANTS.c.end).where(*where)
    )
    return [_Span(row.root if row.role == RECUSED else None, row.start, row.end) for row in rows]


def _away(
    ledger: int, root: ColumnElement[str], spans: Iterable[_Span], *, ever: bool = False
) -> ColumnElement[bool]:
    """Return whether a root lies in what the user is recused from. ever: also where that is over by now"""
    away = sorted({one.over for one in spans if one.over is not None and (ever or one.end is None)})
    return grant_store.covers(ledger, root, away) if away else false()


def _lies_in(ledger: int, root: ColumnElement[str], span: _Span) -> ColumnElement[bool]:
    """Return whether a root lies in what somebody was kept out of: everything by a bar."""
    return true() if span.over is None else grant_store.covers(ledger, root, [span.over])
