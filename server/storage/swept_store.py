"""Up to which entry of the ledger each sweep has looked, so that none looks at everything again."""

from __future__ import annotations

from sqlalchemy import Connection, select

from server.storage.database import table_of, upsert
from server.storage.reminder_models import SweptRow

TABLE = table_of(SweptRow)
NOTHING = -1


def upto(connection: Connection, ledger: int, sweep: str) -> int:
    """Return the index of the last entry that a sweep has looked at, NOTHING at first."""
    where = (TABLE.c.ledger == ledger, TABLE.c.sweep == sweep)
    found = connection.execute(select(TABLE.c.upto).where(*where)).scalar_one_or_none()
    return NOTHING if found is None else int(found)


def set_upto(connection: Connection, ledger: int, sweep: str, index: int) -> None:
    """Note how far a sweep has come."""
    upsert(connection, TABLE, [{"ledger": ledger, "sweep": sweep, "upto": index}])
