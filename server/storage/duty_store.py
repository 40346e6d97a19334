"""Duties as rows: who decided what about which item, and whose work it was; the database refuses one's own work."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from server.storage.database import add as add_rows
from server.storage.database import table_of
from server.storage.ledger_store import PAGE
from server.storage.witness_models import DutyRow

TABLE = table_of(DutyRow)
REVIEW, CONFIRM, SECOND, ADOPT = "review", "confirm", "second", "adopt"
PROPOSE, CLOSE = "propose", "close"
LEGAL, DECIDE = "legal", "decide"


@dataclass(frozen=True, slots=True)
class Duty:
    """A part that a person took in an item by one ledger entry; of: whose work it was, where one person's alone."""

    item: str
    index: int
    part: str
    user: str
    of: str | None = None


def add(connection: Connection, ledger: int, duties: Sequence[Duty]) -> None:
    """Keep duties; the database refuses those that must not fall to their person."""
    rows = [
        {"ledger": ledger, "item": d.item, "index": d.index, "part": d.part, "user": d.user, "of_user": d.of}
        for d in duties
    ]
    add_rows(connection, TABLE, rows)


def of_items(connection: Connection, ledger: int, items: Iterable[str]) -> list[Duty]:
    """Return every duty in some items, oldest first."""
    wanted, found = sorted(set(items)), []
    for at in range(0, len(wanted), PAGE):
        where = (TABLE.c.ledger == ledger, TABLE.c.item.in_(wanted[at : at + PAGE]))
        found += [
            Duty(row.item, row._mapping["index"], row.part, row.user, row.of_user)
            for row in connection.execute(select(TABLE).where(*where))
        ]
    return sorted(found, key=lambda duty: duty.index)
