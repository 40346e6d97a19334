"""Grants as rows: who has which role over what, from which ledger position to which."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, bindparam, or_, select

from schemas.records import RULES
from server.storage.database import table_of, upsert
from server.storage.ledger_store import PAGE
from server.storage.models import GrantRow, RecordRow
from sync.rules import BARRED, RECUSED, Grant, Grants

TABLE, RECORDS = table_of(GrantRow), table_of(RecordRow)
PLACED = sorted(name for name, rules in RULES.items() if rules.region_from is not None)
"""Types of the roots that lie at an institution; its id is their rows' `parent`."""


def _grant(row: Any) -> Grant:
    return Grant(row.user, row.role, row.root, row.via, row.start, row.end)


_IN_LEDGER = select(TABLE).where(TABLE.c.ledger == bindparam("ledger"))
_OF_USERS = _IN_LEDGER.where(TABLE.c.user.in_(bindparam("some", expanding=True)))
_HANDED_OUT = _IN_LEDGER.where(TABLE.c.via.in_(bindparam("some", expanding=True)))


def of(connection: Connection, ledger: int, users: Iterable[str], vias: Iterable[str]) -> list[Grant]:
    """Return the grants that some users ever had, and those that some records hand out."""
    found: dict[Grant, None] = {}
    # One question each: of the two joined by `or`, SQLite would walk every grant there ever was.
    for statement, wanted in ((_OF_USERS, sorted(set(users))), (_HANDED_OUT, sorted(set(vias)))):
        for at in range(0, len(wanted), PAGE):
            rows = connection.execute(statement, {"ledger": ledger, "some": wanted[at : at + PAGE]})
            found.update(dict.fromkeys(_grant(row) for row in rows))
    return list(found)


def standing(connection: Connection, ledger: int, user: str) -> list[Grant]:
    """Return the grants that a user has now: none while the user is barred."""
    where = (TABLE.c.ledger == ledger, TABLE.c.user == user, TABLE.c.end.is_(None))
    found = [_grant(row) for row in connection.execute(select(TABLE).where(*where))]
    return [] if any(grant.role == BARRED for grant in found) else found


def is_held(connection: Connection, ledger: int, role: str, root: str) -> bool:
    """Return whether anybody has a role over a root now."""
    where = (TABLE.c.ledger == ledger, TABLE.c.root == root, TABLE.c.role == role, TABLE.c.end.is_(None))
    return connection.execute(select(TABLE.c.user).where(*where).limit(1)).first() is not None


def granted(connection: Connection, ledger: int, user: str) -> Grants:
    """Return what a user was granted and still has, with what lies under the institutions he is recused from."""
    found = standing(connection, ledger, user)
    away = {grant.root for grant in found if grant.role == RECUSED}
    return Grants(found, places=dict(_under(connection, ledger, away)) if away else {})


def covers(ledger: int, root: ColumnElement[str], away: Sequence[str]) -> ColumnElement[bool]:
    """Return whether a root is one of those that recusals are about, or lies at an institution among them."""
    below = select(RECORDS.c.id).where(*_lying_at(ledger, away))
    return or_(root.in_(away), root.in_(below))


def _lying_at(ledger: int, places: Iterable[str]) -> tuple[ColumnElement[bool], ...]:
    return (RECORDS.c.ledger == ledger, RECORDS.c.type.in_(PLACED), RECORDS.c.parent.in_(sorted(places)))


def _under(connection: Connection, ledger: int, institutions: Iterable[str]) -> list[tuple[str, str]]:
    statement = select(RECORDS.c.id, RECORDS.c.parent).where(*_lying_at(ledger, institutions))
    return [(root, place) for root, place in connection.execute(statement)]


def ended_after(connection: Connection, ledger: int, user: str, index: int) -> list[Grant]:
    """Return the grants of a user that ended after a ledger position."""
    where = (TABLE.c.ledger == ledger, TABLE.c.user == user, TABLE.c.end > index)
    return [_grant(row) for row in connection.execute(select(TABLE).where(*where))]


def everything(connection: Connection, ledger: int) -> list[Grant]:
    """Return every grant there ever was."""
    return [_grant(row) for row in connection.execute(select(TABLE).where(TABLE.c.ledger == ledger))]


def save(connection: Connection, ledger: int, changed: Sequence[tuple[Grant | None, Grant]]) -> None:
    """Write grants that a commit opened or ended; one opened and ended in one commit keeps its end."""
    rows: dict[tuple[str, str, str, str, int], dict[str, Any]] = {}
    for _, grant in changed:
        key = (grant.user, grant.role, grant.root, grant.via, grant.start)
        rows[key] = {
            "ledger": ledger,
            "user": grant.user,
            "role": grant.role,
            "root": grant.root,
            "via": grant.via,
            "start": grant.start,
            "end": grant.end,
        }
    upsert(connection, TABLE, list(rows.values()))
