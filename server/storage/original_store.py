"""Originals by their digest: which evidence shows the very same bytes, wherever in the ledger it lies."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from server.storage.database import table_of, upsert
from server.storage.ledger_store import PAGE
from server.storage.models import OriginalRow

TABLE = table_of(OriginalRow)


@dataclass(frozen=True, slots=True)
class Original:
    """An evidence item's original; made: the ledger entry that brought it."""

    evidence: str
    digest: str
    root: str
    made: int


def project(connection: Connection, ledger: int, rows: list[dict[str, Any]]) -> None:
    """Write what the ledger says of originals; nothing of one ever changes."""
    upsert(connection, TABLE, [{"ledger": ledger, **row} for row in rows])


def shown_by(connection: Connection, ledger: int, digests: Iterable[str]) -> dict[str, list[Original]]:
    """Return {digest: every item that shows it, the first one first}."""
    wanted = sorted(set(digests))
    found: dict[str, list[Original]] = {}
    for at in range(0, len(wanted), PAGE):
        where = (TABLE.c.ledger == ledger, TABLE.c.digest.in_(wanted[at : at + PAGE]))
        rows = connection.execute(select(TABLE).where(*where).order_by(TABLE.c.made, TABLE.c.evidence))
        for row in rows:
            found.setdefault(row.digest, []).append(_original(row))
    return found


def everything(connection: Connection, ledger: int) -> list[Original]:
    """Return every original, by evidence."""
    rows = connection.execute(select(TABLE).where(TABLE.c.ledger == ledger).order_by(TABLE.c.evidence))
    return [_original(row) for row in rows]


def _original(row: Any) -> Original:
    return Original(row.evidence, row.digest, row.root, row.made)
