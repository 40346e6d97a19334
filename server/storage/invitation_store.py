"""Invitations as rows: a code's digest signs nobody in, and is good for one choice of a password."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from server.storage.account_models import InvitationRow
from server.storage.database import add, table_of

TABLE = table_of(InvitationRow)


@dataclass(frozen=True, slots=True)
class Kept:
    """An invitation as it is kept; times in Unix ms, ended_at None while it is open."""

    code: str
    user: str
    purpose: str
    made_by: str
    made_at: int
    expires_at: int
    ended_at: int | None = None


def keep(connection: Connection, ledger: int, made: Kept) -> None:
    """Keep a new invitation; whatever was open for its user ends, so that one code is good at a time."""
    end_all(connection, ledger, made.user, made.made_at)
    row = {name: getattr(made, name) for name in Kept.__dataclass_fields__}
    add(connection, TABLE, [{"ledger": ledger, **row}])


def find(connection: Connection, ledger: int, code: str) -> Kept | None:
    """Return the invitation of a code's digest, ended or not, or None."""
    where = (TABLE.c.ledger == ledger, TABLE.c.code == code)
    row = connection.execute(select(TABLE).where(*where)).one_or_none()
    return Kept(*row[1:]) if row else None


def take(connection: Connection, ledger: int, code: str, at: int) -> bool:
    """End an open invitation; False where it is used, expired or unknown. Of two that ask at once one is told True."""
    where = (TABLE.c.ledger == ledger, TABLE.c.code == code, TABLE.c.ended_at.is_(None))
    asked = update(TABLE).where(*where, TABLE.c.expires_at > at).values(ended_at=at)
    return bool(connection.execute(asked).rowcount)


def end_all(connection: Connection, ledger: int, user: str, at: int) -> None:
    """End whatever is open for a user."""
    where = (TABLE.c.ledger == ledger, TABLE.c.user == user, TABLE.c.ended_at.is_(None))
    connection.execute(update(TABLE).where(*where).values(ended_at=at))


def unused(connection: Connection, ledger: int, users: Sequence[str], purpose: str) -> dict[str, Kept]:
    """Return what some users have not used, expired or not, by user."""
    where = (TABLE.c.ledger == ledger, TABLE.c.user.in_(users), TABLE.c.ended_at.is_(None))
    rows = connection.execute(select(TABLE).where(*where, TABLE.c.purpose == purpose))
    return {row.user: Kept(*row[1:]) for row in rows}
