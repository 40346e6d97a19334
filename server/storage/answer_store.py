"""Answers that a program may ask for again: claimed by the first request, kept when it is done."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, delete, select, update

from server.storage.answer_models import ApiAnswerRow
from server.storage.database import add_if_absent, table_of

TABLE = table_of(ApiAnswerRow)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is known of a key: the digest of its request, when that came (Unix ms), and its answer.

    status: None while the request is being worked on
    """

    request: str
    at: int
    status: int | None
    media: str
    body: str


def find(connection: Connection, ledger: int, user: str, key: str) -> Kept | None:
    """Return what a user's key stands for, or None."""
    row = connection.execute(select(TABLE).where(*_place(ledger, user, key))).one_or_none()
    return Kept(row.request, row.at, row.status, row.media, row.body) if row else None


def claim(connection: Connection, ledger: int, user: str, key: str, *, request: str, at: int) -> bool:
    """Take a key for a request; return False where it is taken, also by another worker just now."""
    row = {"ledger": ledger, "user": user, "key": key, "request": request, "at": at}
    return add_if_absent(connection, TABLE, {**row, "status": None, "media": "", "body": ""})


def settle(
    connection: Connection, ledger: int, user: str, key: str, *, status: int, media: str, body: str
) -> None:
    """Keep the answer to the request that holds a key."""
    told = {"status": status, "media": media, "body": body}
    connection.execute(update(TABLE).where(*_place(ledger, user, key)).values(**told))


def release(connection: Connection, ledger: int, user: str, key: str) -> None:
    """Let go of a key whose request came to no answer that is kept."""
    connection.execute(delete(TABLE).where(*_place(ledger, user, key)))


def sweep(connection: Connection, ledger: int, user: str, *, before: int, most: int) -> None:
    """Forget a user's answers from before a moment, and his oldest beyond `most`."""
    own = (TABLE.c.ledger == ledger, TABLE.c.user == user)
    connection.execute(delete(TABLE).where(*own, TABLE.c.at < before))
    newest = select(TABLE.c.at).where(*own).order_by(TABLE.c.at.desc()).offset(most - 1).limit(1)
    if (edge := connection.execute(newest).scalar()) is not None:
        connection.execute(delete(TABLE).where(*own, TABLE.c.at < edge))


def _place(ledger: int, user: str, key: str) -> tuple[ColumnElement[bool], ...]:
    return (TABLE.c.ledger == ledger, TABLE.c.user == user, TABLE.c.key == key)
