"""The access log as rows: who signed in and who read evidence; the database refuses to change them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, select

from server.storage.database import add as add_rows
from server.storage.database import table_of
from server.storage.models import AccessRow

TABLE = table_of(AccessRow)


@dataclass(frozen=True, slots=True)
class Access:
    """One access: Unix ms, the user, what was done (`sign_in`, `read_file`, ...), the record if any."""

    at: int
    user: str
    act: str
    record: str | None


def add(connection: Connection, ledger: int, key: str, access: Access) -> None:
    """Keep one access; key: a fresh UUIDv7."""
    row = {"at": access.at, "user": access.user, "act": access.act, "record": access.record}
    add_rows(connection, TABLE, [{"ledger": ledger, "id": key, **row}])


def of_record(connection: Connection, ledger: int, record: str) -> list[Access]:
    """Return who read a record, oldest first."""
    where = (TABLE.c.ledger == ledger, TABLE.c.record == record)
    rows = connection.execute(select(TABLE).where(*where).order_by(TABLE.c.at, TABLE.c.id))
    return [Access(row.at, row.user, row.act, row.record) for row in rows]


def of_user(connection: Connection, ledger: int, user: str) -> list[Access]:
    """Return what a user read or did, oldest first."""
    where = (TABLE.c.ledger == ledger, TABLE.c.user == user)
    rows = connection.execute(select(TABLE).where(*where).order_by(TABLE.c.at, TABLE.c.id))
    return [Access(row.at, row.user, row.act, row.record) for row in rows]
