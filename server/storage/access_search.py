"""Reading the access log: newest lines first, as a reader may see them, and the root that each lies under."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, Integer, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from server.storage.access_places import TABLE as PLACES
from server.storage.access_places import Line
from server.storage.access_store import TABLE as LINES
from server.storage.access_store import Access
from server.storage.record_store import TABLE as RECORDS
from sync.ids import uuid7

ROOT = "access_root"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which lines: of users whose regions begin with one of `prefixes`, by person, record, act, and between times.

    since, until: Unix ms, the end not included, None for no bound
    """

    prefixes: tuple[str, ...]
    user: str = ""
    record: str = ""
    act: str = ""
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """A line with its place under the roots in the ledger, None while it waits for one."""

    line: Line
    place: int | None


def lines(
    connection: Connection, ledger: int, wanted: Wanted, *, before: str = "", limit: int
) -> list[Placed]:
    """Return lines, the newest first; before: the id of the last line of the page before."""
    found = _selected(ledger, wanted)
    if before:
        found = found.where(LINES.c.id < before)
    rows = connection.execute(found.order_by(LINES.c.id.desc()).limit(limit))
    return [Placed(Line(row.id, Access(row.at, row.user, row.act, row.record)), row.place) for row in rows]


def one(connection: Connection, ledger: int, wanted: Wanted, key: str) -> Placed | None:
    """Return one line, None where there is none or it is not among those wanted."""
    row = connection.execute(_selected(ledger, wanted).where(LINES.c.id == key)).one_or_none()
    if row is None:
        return None
    return Placed(Line(row.id, Access(row.at, row.user, row.act, row.record)), row.place)


def stretch(connection: Connection, ledger: int, first: int, count: int) -> list[Line]:
    """Return the lines that stand at some places, in their order."""
    joined = PLACES.join(LINES, and_(LINES.c.ledger == PLACES.c.ledger, LINES.c.id == PLACES.c.id))
    where = (PLACES.c.ledger == ledger, PLACES.c.place >= first, PLACES.c.place < first + count)
    rows = connection.execute(select(LINES).select_from(joined).where(*where).order_by(PLACES.c.place))
    return [Line(row.id, Access(row.at, row.user, row.act, row.record)) for row in rows]


def root_over(connection: Connection, ledger: int, place: int) -> str | None:
    """Return the record of the root under which a place lies."""
    first = _first(connection)
    where = (RECORDS.c.ledger == ledger, RECORDS.c.type == ROOT, first <= place)
    found = select(RECORDS.c.id).where(*where).order_by(first.desc()).limit(1)
    key = connection.execute(found).scalar_one_or_none()
    return str(key) if key is not None else None


def acts(connection: Connection, ledger: int) -> Sequence[str]:
    """Return every word that the log has for what was done."""
    found = select(LINES.c.act).where(LINES.c.ledger == ledger).distinct().order_by(LINES.c.act)
    return [str(word) for word in connection.execute(found).scalars()]


def _first(connection: Connection) -> ColumnElement[int]:
    if connection.dialect.name == "sqlite":
        return cast(func.json_extract(RECORDS.c.state, "$.values.first"), Integer)
    return cast(func.jsonb_extract_path_text(cast(RECORDS.c.state, JSONB), "values", "first"), Integer)


def _selected(ledger: int, wanted: Wanted):  # type: ignore[no-untyped-def]
    people = and_(RECORDS.c.ledger == LINES.c.ledger, RECORDS.c.id == LINES.c.user, RECORDS.c.type == "user")
    placed = and_(PLACES.c.ledger == LINES.c.ledger, PLACES.c.id == LINES.c.id)
    within = or_(*(RECORDS.c.region.startswith(prefix, autoescape=True) for prefix in wanted.prefixes))
    found = (
        select(LINES, PLACES.c.place)
        .select_from(LINES.join(RECORDS, people).outerjoin(PLACES, placed))
        .where(LINES.c.ledger == ledger, within)
    )
    for column, value in (
        (LINES.c.user, wanted.user),
        (LINES.c.record, wanted.record),
        (LINES.c.act, wanted.act),
    ):
        if value:
            found = found.where(column == value)
    # A line's id begins with its time, and is in the primary key.
    if wanted.since is not None:
        found = found.where(LINES.c.id >= uuid7(max(wanted.since, 0), bytes))
    if wanted.until is not None:
        found = found.where(LINES.c.id < uuid7(max(wanted.until, 0), bytes))
    return found
