"""Which line of the access log stands at which place under the roots in the ledger."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from server.storage.access_store import TABLE as LINES
from server.storage.access_store import Access
from server.storage.database import add, table_of
from server.storage.ledger_scan import pages
from server.storage.ledger_store import PAGE
from server.storage.witness_models import AccessPlaceRow
from sync import lines
from sync.merkle import leaf_hash

TABLE = table_of(AccessPlaceRow)


@dataclass(frozen=True, slots=True)
class Place:
    """A place, the id of the line that stands there, and its leaf hash in hex."""

    place: int
    id: str
    hash: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the access log with its id."""

    id: str
    access: Access

    @property
    def leaf(self) -> bytes:
        """The hash of the line as a leaf: canonical JSON with `act`, `at`, `id`, `user` and, if any, `record`."""
        one = self.access
        body: dict[str, Any] = {"act": one.act, "at": one.at, "id": self.id, "user": one.user}
        if one.record is not None:
            body["record"] = one.record
        return leaf_hash(lines.encode(body))


def count(connection: Connection, ledger: int) -> tuple[int, int]:
    """Return (the next place, the time of the line at the last one, Unix ms; 0 where there is none)."""
    last = select(func.max(TABLE.c.place)).where(TABLE.c.ledger == ledger).scalar_subquery()
    joined = TABLE.outerjoin(LINES, (LINES.c.ledger == TABLE.c.ledger) & (LINES.c.id == TABLE.c.id))
    where = (TABLE.c.ledger == ledger, TABLE.c.place == last)
    row = connection.execute(
        select(TABLE.c.place, LINES.c.at).select_from(joined).where(*where)
    ).one_or_none()
    return (row.place + 1, row.at or 0) if row else (0, 0)


def unplaced(connection: Connection, ledger: int, *, after: str, limit: int) -> list[Line]:
    """Return lines that have no place yet, by id; after: an id, which begins with its time, not to look before."""
    joined = LINES.outerjoin(TABLE, (LINES.c.ledger == TABLE.c.ledger) & (LINES.c.id == TABLE.c.id))
    where = (LINES.c.ledger == ledger, LINES.c.id > after, TABLE.c.id.is_(None))
    rows = connection.execute(
        select(LINES).select_from(joined).where(*where).order_by(LINES.c.id).limit(limit)
    )
    return [_line(row) for row in rows]


def put(connection: Connection, ledger: int, first: int, found: Sequence[Line]) -> None:
    """Give lines their places from `first` on."""
    rows = [
        {"ledger": ledger, "place": place, "id": line.id, "hash": line.leaf.hex()}
        for place, line in enumerate(found, first)
    ]
    add(connection, TABLE, rows)


def all_places(connection: Connection, ledger: int) -> Iterator[tuple[Place, Line | None]]:
    """Yield every place in order with the line that stands there, None where that is missing."""
    waiting: list[Place] = []
    for row in pages(connection, TABLE, ledger, "place"):
        waiting.append(Place(row["place"], row["id"], row["hash"]))
        if len(waiting) == PAGE:
            yield from _with_lines(connection, ledger, waiting)
            waiting = []
    yield from _with_lines(connection, ledger, waiting)


def _with_lines(
    connection: Connection, ledger: int, places: list[Place]
) -> Iterator[tuple[Place, Line | None]]:
    where = (LINES.c.ledger == ledger, LINES.c.id.in_([place.id for place in places]))
    found = {row.id: _line(row) for row in connection.execute(select(LINES).where(*where))}
    for place in places:
        yield place, found.get(place.id)


def _line(row: Any) -> Line:
    return Line(row.id, Access(row.at, row.user, row.act, row.record))
