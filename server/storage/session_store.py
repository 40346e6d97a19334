"""Desk sessions as rows: only the token's digest is kept, so the table signs nobody in."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from sqlalchemy import Connection, select, update

from server.storage.account_models import SessionRow
from server.storage.database import add, table_of

TABLE = table_of(SessionRow)


@dataclass(frozen=True, slots=True)
class Session:
    """A session by its token's digest; times in Unix ms, ended_at None while it stands.

    device, place, means: what its owner knows it by; awaits: the step without which it opens nothing
    """

    token: str
    user: str
    created_at: int
    seen_at: int
    ended_at: int | None
    device: str = ""
    place: str = ""
    means: str = ""
    awaits: str = ""


def begin(connection: Connection, ledger: int, new: Session) -> None:
    """Keep a new session."""
    add(connection, TABLE, [{"ledger": ledger, **asdict(new)}])


def find(connection: Connection, ledger: int, token: str) -> Session | None:
    """Return the session of a token's digest, ended or not, or None."""
    where = (TABLE.c.ledger == ledger, TABLE.c.token == token)
    row = connection.execute(select(TABLE).where(*where)).one_or_none()
    return Session(*row[1:]) if row else None


def of_user(connection: Connection, ledger: int, user: str, since: int) -> list[Session]:
    """Return the sessions of a user that were begun since a time and have not ended, the newest first."""
    where = (TABLE.c.ledger == ledger, TABLE.c.user == user, TABLE.c.ended_at.is_(None))
    newest = (TABLE.c.created_at.desc(), TABLE.c.token)
    rows = connection.execute(select(TABLE).where(*where, TABLE.c.created_at >= since).order_by(*newest))
    return [Session(*row[1:]) for row in rows]


def seen(connection: Connection, ledger: int, token: str, at: int) -> None:
    """Note that a session was used."""
    where = (TABLE.c.ledger == ledger, TABLE.c.token == token)
    connection.execute(update(TABLE).where(*where).values(seen_at=at))


def end(connection: Connection, ledger: int, token: str, at: int) -> None:
    """End a session; one that has ended keeps its time."""
    where = (TABLE.c.ledger == ledger, TABLE.c.token == token, TABLE.c.ended_at.is_(None))
    connection.execute(update(TABLE).where(*where).values(ended_at=at))


def end_all(connection: Connection, ledger: int, user: str, at: int, *, but: str | None = None) -> int:
    """End every session of a user but one, by its token's digest; return how many stood."""
    where = (TABLE.c.ledger == ledger, TABLE.c.user == user, TABLE.c.ended_at.is_(None))
    others = update(TABLE).where(*where, TABLE.c.token != (but or "")).values(ended_at=at)
    return int(connection.execute(others).rowcount)
