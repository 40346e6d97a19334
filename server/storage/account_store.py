"""Credentials as rows: who signs in with which password; the login stands as a keyed hash."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, and_, case, select, update

from server.storage.account_models import CredentialRow
from server.storage.database import add_if_absent, table_of
from server.storage.models import RecordRow

TABLE = table_of(CredentialRow)
RECORDS = table_of(RecordRow)
COLUMNS = (TABLE.c.login, TABLE.c.user, TABLE.c.password, TABLE.c.failures, TABLE.c.locked_until)


@dataclass(frozen=True, slots=True)
class Credential:
    """A credential, with the stage of its user's record (None while there is none)."""

    login: str
    user: str
    password: str
    failures: int
    locked_until: int
    stage: str | None


def find(connection: Connection, ledger: int, login: str) -> Credential | None:
    """Return the credential of a login's hash, or None."""
    joined = TABLE.outerjoin(RECORDS, and_(RECORDS.c.ledger == TABLE.c.ledger, RECORDS.c.id == TABLE.c.user))
    wanted = select(*COLUMNS, RECORDS.c.stage).select_from(joined)
    row = connection.execute(wanted.where(TABLE.c.ledger == ledger, TABLE.c.login == login)).one_or_none()
    return Credential(*row) if row else None


def add(connection: Connection, ledger: int, *, login: str, user: str, password: str) -> bool:
    """Keep a new credential; False where the login is taken."""
    row = {"ledger": ledger, "login": login, "user": user, "password": password}
    add_if_absent(connection, TABLE, {**row, "failures": 0, "locked_until": 0})
    # Read back instead of counting rows: a driver may leave the count of such an insert open.
    known = find(connection, ledger, login)
    return known is not None and known.user == user


def replace(connection: Connection, ledger: int, *, login: str, password: str) -> bool:
    """Set another password hash and forget the failures; False where nobody has this login."""
    where = (TABLE.c.ledger == ledger, TABLE.c.login == login)
    fresh = {"password": password, "failures": 0, "locked_until": 0}
    return bool(connection.execute(update(TABLE).where(*where).values(**fresh)).rowcount)


def replace_of_user(connection: Connection, ledger: int, *, user: str, password: str) -> bool:
    """Set another password hash of a user and forget the failures; False where he has no login."""
    where = (TABLE.c.ledger == ledger, TABLE.c.user == user)
    fresh = {"password": password, "failures": 0, "locked_until": 0}
    return bool(connection.execute(update(TABLE).where(*where).values(**fresh)).rowcount)


def of_user(connection: Connection, ledger: int, user: str) -> Credential | None:
    """Return the credential of a user, or None."""
    where = (TABLE.c.ledger == ledger, TABLE.c.user == user)
    login = connection.execute(select(TABLE.c.login).where(*where)).scalar_one_or_none()
    return find(connection, ledger, login) if login is not None else None


def count_attempt(
    connection: Connection, ledger: int, login: str, *, now: int, failures_max: int, locked_ms: int
) -> bool:
    """Count an attempt as failed before it is judged; False while the login rests.

    One statement, so that guesses made side by side cannot outrun the counter. The count begins anew
    after a rest.
    """
    counted = case((TABLE.c.locked_until > 0, 1), else_=TABLE.c.failures + 1)
    until = case((counted >= failures_max, now + locked_ms), else_=0)
    where = (TABLE.c.ledger == ledger, TABLE.c.login == login, TABLE.c.locked_until <= now)
    return bool(
        connection.execute(update(TABLE).where(*where).values(failures=counted, locked_until=until)).rowcount
    )


def forget_attempts(connection: Connection, ledger: int, login: str) -> None:
    """Set the counter back after a sign-in."""
    where = (TABLE.c.ledger == ledger, TABLE.c.login == login)
    connection.execute(update(TABLE).where(*where).values(failures=0, locked_until=0))
