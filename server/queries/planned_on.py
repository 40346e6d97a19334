"""The planned day of an inspection as SQL, so that lists are narrowed and ordered by it where the rows lie."""

from __future__ import annotations

from datetime import date

from sqlalchemy import ColumnElement, Connection, String, and_, func

from server.storage.record_store import TABLE

MARK = '"planned_on":"'
"""How the day stands in a record's public values."""
DAY_CHARS = len("2026-11-17")


def planned_on(connection: Connection) -> ColumnElement[str]:
    """Return the planned day of an inspection's row, as text that orders as days do."""
    position = func.strpos if connection.dialect.name == "postgresql" else func.instr
    return func.substr(TABLE.c.state, position(TABLE.c.state, MARK) + len(MARK), DAY_CHARS, type_=String)


def between(connection: Connection, first: date | None, last: date | None) -> ColumnElement[bool]:
    """Return whether an inspection is planned for one of these days; None: open at that end."""
    day = planned_on(connection)
    parts = [day >= first.isoformat()] if first else []
    parts += [day <= last.isoformat()] if last else []
    return and_(TABLE.c.type == "inspection", *parts)
