"""What is past its retention: by years that the bureau lays down for each record type, listed, never erased by itself.

`retention.json` in the home: {record type: whole years since the record last changed}. A type that is not named there
is kept; without the file nothing is ever due.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from schemas.records import TYPES
from server.access import may_erase
from server.commit.submission import Erase
from server.operations import erasing
from server.storage import ledger_store, record_store
from server.storage.ledger_store import PAGE
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.entries import from_line
from sync.errors import BadValue

FILE = "retention.json"
YEARS_MAX = 100
AT_ONCE = 50
"""Records in one act."""


@dataclass(frozen=True)
class Due:
    """A record whose retention is over: since when; held: the open proceeding that keeps it, if any."""

    record: str
    type: str
    since: datetime
    held: str | None = None


def rules(home: Path) -> Mapping[str, int]:
    """Return {record type: years}; raises BadValue naming what is wrong in the file."""
    path = home / FILE
    if not path.exists():
        return {}
    try:
        found = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise BadValue(f"{path} is not JSON") from error
    if not isinstance(found, dict):
        raise BadValue(f"{path} is no object of record types")
    for kind, years in found.items():
        if kind not in TYPES or kind in may_erase.NEVER:
            raise BadValue(f"{path}: there is nothing to erase of a type {kind}", field=kind)
        if type(years) is not int or not 1 <= years <= YEARS_MAX:
            raise BadValue(f"{path}: {kind} wants whole years from 1 to {YEARS_MAX}", field=kind)
    return found


def due(services: Services) -> list[Due]:
    """Return the records whose retention is over and of which something is left to erase, by type and id."""
    found: list[Due] = []
    now = services.now()
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        for kind, years in sorted(rules(services.config.home).items()):
            for some in _pages(connection, services.ledger.id, kind):
                stored = ledger_store.lines_at(
                    connection, services.ledger.id, sorted({row.version for row in some})
                )
                for row in some:
                    changed = datetime.fromtimestamp(from_line(stored[row.version]).at / 1000, UTC)
                    since = _years_after(changed, years)
                    if since > now:
                        continue
                    hold = may_erase.hold_on(connection, vault, record_store.thaw(row, vault))
                    found.append(Due(row.id, kind, since, f"{hold.type} {hold.id}" if hold else None))
    return found


def _pages(connection: Connection, ledger: int, kind: str) -> Iterator[list[Row[Any]]]:
    """Yield the records of a type that have private lines, a page at a time."""
    after = ""
    while True:
        where = (TABLE.c.ledger == ledger, TABLE.c.type == kind, TABLE.c.id > after)
        rows = connection.execute(select(TABLE).where(*where).order_by(TABLE.c.id).limit(PAGE)).all()
        yield [row for row in rows if row.private]
        if len(rows) < PAGE:
            return
        after = rows[-1].id


def _years_after(day: datetime, years: int) -> datetime:
    """Return the same day and time years later; the 29th of February becomes the 1st of March."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, month=3, day=1)


def erase(services: Services, found: Sequence[Due], *, user: str, second: str | None) -> int:
    """Erase what is due and not held, some records an act; return how many records. Raises NotAllowed."""
    ready = [one.record for one in found if one.held is None]
    for at in range(0, len(ready), AT_ONCE):
        asked = Erase(
            user=user,
            second=second,
            records=tuple(ready[at : at + AT_ONCE]),
            basis="retention_over",
            at=services.now_ms(),
        )
        services.door.submit(asked)
    if ready:
        erasing.scrub(services)
    return len(ready)
