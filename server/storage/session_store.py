"""Desk sessions as rows: only the token's digest is kept, so the table signs nobody in."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from server.storage.database import add, table_of
from server.storage.models import SessionRow

TABLE = table_of(SessionRow)


@dataclass(frozen=True, slots=True)
class Session:
    """A session by its token's digest; times in Unix ms, ended_at None while it stands."""

    token: str
    user: str
    created_at: int
    seen_at: int
    ended_at: int | None


def begin(connection: Connection, ledger: int, *, token: str, user: str, at: int) -> None:
    """Keep a new session."""
    row = {"ledger": ledger, "token": token, "user": user, "created_at": at, "seen_at": at}
    add(connection, TABLE, [row])


def find(connection: Connection, ledger: int, token: str) -> Session | None:
    """Return the session of a token's digest, ended or not, or None."""
    where = (TABLE.c.ledger == ledger, TABLE.c.token == token)
    row = connection.execute(select(TABLE).where(*where)).one_or_none()
    return Session(row.token, row.user, row.created_at, row.seen_at, row.ended_at) if row else None


def seen(connection: Connection, ledger: int, token: str, at: int) -> None:
    """Note that a session was used."""
    where = (TABLE.c.ledger == ledger, TABLE.c.token == token)
    connection.execute(update(TABLE).where(*where).values(seen_at=at))


def end(connection: Connection, ledger: int, token: str, at: int) -> None:
    """End a session; one that has ended keeps its time."""
    where = (TABLE.c.ledger == ledger, TABLE.c.token == token, TABLE.c.ended_at.is_(None))
    connection.execute(update(TABLE).where(*where).values(ended_at=at))
