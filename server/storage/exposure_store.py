"""What a phone may hold: the records in its user's scope, counted by scope root and type; nothing is opened."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import Connection, func, or_, select

from schemas.records import TYPES
from schemas.records.ward_round import OPERATOR_READS
from server.storage.database import table_of
from server.storage.ledger_store import PAGE
from server.storage.models import CheckpointRow, GrantRow, RecordRow
from sync.rules import OPERATOR, TEAM_ROLES

RECORDS, GRANTS, CHECKPOINTS = table_of(RecordRow), table_of(GrantRow), table_of(CheckpointRow)
SYNCED = sorted(name for name, kind in TYPES.items() if kind.synced)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Records of one scope root: the root's id, type and region, and how many there are by type."""

    root: str
    type: str
    region: str
    records: dict[str, int]


def head_at(connection: Connection, ledger: int, at: int) -> int:
    """Return the index of the last entry that the ledger had at an instant, -1 before the first. at: Unix ms"""
    where = (CHECKPOINTS.c.ledger == ledger, CHECKPOINTS.c.at <= at)
    return int(connection.execute(select(func.max(CHECKPOINTS.c.size)).where(*where)).scalar() or 0) - 1


def shelves(connection: Connection, ledger: int, user: str, *, index: int) -> list[Shelf]:
    """Return what a phone of a user may hold that was last in touch at a ledger position, by root.

    It may hold more than the user may read now: what left the scope since was not taken off it.
    """
    team = _granted(connection, ledger, user, TEAM_ROLES, index)
    called = _granted(connection, ledger, user, frozenset({OPERATOR}), index) - team
    found: dict[str, dict[str, int]] = {}
    for roots, types in ((team, SYNCED), (called, sorted(OPERATOR_READS))):
        for root, kind, count in _counted(connection, ledger, roots, types):
            found.setdefault(root, {})[kind] = count
    named = _named(connection, ledger, found)
    return [Shelf(root, *named.get(root, ("", "")), found[root]) for root in sorted(found)]


def _granted(connection: Connection, ledger: int, user: str, roles: frozenset[str], index: int) -> set[str]:
    where = (
        GRANTS.c.ledger == ledger,
        GRANTS.c.user == user,
        GRANTS.c.role.in_(sorted(roles)),
        GRANTS.c.start <= index,
        or_(GRANTS.c.end.is_(None), GRANTS.c.end > index),
    )
    return set(connection.execute(select(GRANTS.c.root).where(*where).distinct()).scalars())


def _counted(
    connection: Connection, ledger: int, roots: Collection[str], types: list[str]
) -> list[tuple[str, str, int]]:
    wanted = sorted(roots)
    found: list[tuple[str, str, int]] = []
    for at in range(0, len(wanted), PAGE):
        some = wanted[at : at + PAGE]
        statement = (
            select(RECORDS.c.root, RECORDS.c.type, func.count())
            .where(RECORDS.c.ledger == ledger, RECORDS.c.root.in_(some), RECORDS.c.type.in_(types))
            .group_by(RECORDS.c.root, RECORDS.c.type)
            .order_by(RECORDS.c.root, RECORDS.c.type)
        )
        found.extend((root, kind, int(count)) for root, kind, count in connection.execute(statement))
    return found


def _named(connection: Connection, ledger: int, roots: Collection[str]) -> dict[str, tuple[str, str]]:
    wanted = sorted(roots)
    found: dict[str, tuple[str, str]] = {}
    for at in range(0, len(wanted), PAGE):
        columns = select(RECORDS.c.id, RECORDS.c.type, RECORDS.c.region)
        rows = connection.execute(
            columns.where(RECORDS.c.ledger == ledger, RECORDS.c.id.in_(wanted[at : at + PAGE]))
        )
        found.update({key: (kind, region) for key, kind, region in rows})
    return found
