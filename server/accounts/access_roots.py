"""The access log's root, entered in the ledger every ten minutes: afterwards no line can be dropped or altered unseen.

Reading is never held up by it: lines are written as they come, and a scheduler gives those that have none a place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.drafting import Draft
from schemas.records.access_root import LINES_MAX
from server.commit.acts import act
from server.storage import access_places
from sync.errors import RecordExists
from sync.ids import named_id, uuid7
from sync.merkle import root_of

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from server.commit.submission import Result
    from server.wiring import Services

EVERY_MS = 10 * 60 * 1000
BACK_MS = 60 * 60 * 1000
"""How far behind the last line with a place a late one is looked for: longer than any transaction."""
TYPE = "access_root"


def root_id(origin: str, first: int) -> str:
    """Return the id of the record over the lines from a place on: of several schedulers one makes it."""
    return named_id("wardledger access", origin, str(first))


def sweep(services: Services) -> int:
    """Enter the root over the lines that have no place yet, if the oldest waits for EVERY_MS; return how many lines."""
    entered = 0
    while (found := _waiting(services)) is not None:
        lines = _enter(services, *found)
        if not lines:
            break
        entered += lines
    return entered


def _waiting(services: Services) -> tuple[int, list[access_places.Line]] | None:
    """Return (the next place, lines) that are due, None where none are."""
    ledger, now = services.ledger.id, services.now_ms()
    with services.database.reading() as connection:
        first, newest = access_places.count(connection, ledger)
        floor = min(newest, now) - BACK_MS
        after = uuid7(floor, bytes) if floor > 0 else ""
        lines = access_places.unplaced(connection, ledger, after=after, limit=LINES_MAX)
    due = any(now - line.access.at >= EVERY_MS or line.access.at > now for line in lines)
    return (first, lines) if due or len(lines) == LINES_MAX else None


def _enter(services: Services, first: int, lines: list[access_places.Line]) -> int:
    ledger = services.ledger.id
    root = root_of(line.leaf for line in lines).hex()
    values = {"first": first, "count": len(lines), "root": root}

    def put(connection: Connection, _: Result) -> None:
        access_places.put(connection, ledger, first, lines)

    draft = Draft("create", TYPE, root_id(services.ledger.origin, first), values)
    try:
        act(services, [draft], kind="access", after=put)
    except RecordExists:
        return 0  # Another scheduler was quicker; what is left comes at the next tick.
    return len(lines)
