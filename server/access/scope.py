"""Scope as SQL: every list at the desk starts from `visible`, so nothing outside can slip through."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, false, or_, select

from server.storage import grant_store
from server.storage.record_store import TABLE, selected
from sync.rules import TEAM_ROLES, Grant, region_prefix

DESK_ROLES = frozenset({"supervisor", "second_reviewer", "legal_reviewer", "leader", "auditor"})


def visible(connection: Connection, ledger: int, user: str, *kinds: str) -> Select[Any]:
    """Return a select over the live records of some types that a user may see: own region down, own inspections."""
    grants = grant_store.standing(connection, ledger, user)
    return selected(ledger, *kinds).where(_reach(grants))


def reached(connection: Connection, ledger: int, user: str, *kinds: str) -> Select[Any]:
    """Return the select of `visible` with what was voided too: a register leaves nothing out."""
    grants = grant_store.standing(connection, ledger, user)
    return select(TABLE).where(TABLE.c.ledger == ledger, TABLE.c.type.in_(kinds), _reach(grants))


def _reach(grants: list[Grant]) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [
        TABLE.c.region.startswith(region_prefix(grant.root), autoescape=True)
        for grant in grants
        if grant.role in DESK_ROLES
    ]
    roots = sorted({grant.root for grant in grants if grant.role in TEAM_ROLES})
    if roots:
        parts.append(TABLE.c.root.in_(roots))
    return or_(*parts) if parts else false()


def roles(connection: Connection, ledger: int, user: str) -> frozenset[str]:
    """Return the region roles that a user has now, whatever the region."""
    return frozenset(g.role for g in grant_store.standing(connection, ledger, user) if g.root.isdigit())


__all__ = ["DESK_ROLES", "TEAM_ROLES", "reached", "roles", "visible"]
