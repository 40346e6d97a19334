"""Public values of records as columns: lists are narrowed, ordered and summed by them in SQL."""

from __future__ import annotations

from sqlalchemy import ColumnElement, Connection, String, cast, func
from sqlalchemy.dialects.postgresql import JSONB

from server.storage.record_store import TABLE


def text_in(connection: Connection, name: str) -> ColumnElement[str]:
    """Return a public value of the records, by its field's name, as text; null where there is none."""
    if connection.dialect.name == "sqlite":
        found: ColumnElement[str] = func.json_extract(TABLE.c.state, f"$.values.{name}", type_=String)
        return found
    kept: ColumnElement[str] = cast(TABLE.c.state, JSONB)["values"][name].astext
    return kept
