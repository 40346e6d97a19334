"""Narrowing a list of users by what their records say in public: roles and the region they hold in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, cast, exists, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from server.storage.record_store import TABLE


def has_role(connection: Connection, role: str) -> ColumnElement[bool]:
    """Return the condition that a user has a role."""
    if connection.dialect.name == "sqlite":
        members = func.json_each(TABLE.c.state, "$.values.roles").table_valued("value")
        return exists(select(literal(1)).select_from(members).where(members.c.value == role))
    found = func.jsonb_extract_path(cast(TABLE.c.state, JSONB), "values", "roles")
    held: ColumnElement[bool] = found.op("@>")(cast([role], JSONB))
    return held


def in_region(connection: Connection, prefix: str) -> ColumnElement[bool]:
    """Return the condition that the region of a user's roles begins with some digits."""
    held: ColumnElement[bool] = _value(connection, "region").startswith(prefix, autoescape=True)
    return held


def _value(connection: Connection, name: str) -> Any:
    if connection.dialect.name == "sqlite":
        return func.json_extract(TABLE.c.state, f"$.values.{name}")
    return func.jsonb_extract_path_text(cast(TABLE.c.state, JSONB), "values", name)
