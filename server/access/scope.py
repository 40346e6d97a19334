"""Scope as SQL: every list at the desk starts from `visible`, so nothing outside can slip through."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, false, or_, select

from server.storage import grant_store
from server.storage.record_store import TABLE, selected
from sync.errors import NotFound
from sync.rights import Recused
from sync.rules import RECUSED, TEAM_ROLES, Grant, region_prefix

DESK_ROLES = frozenset({"supervisor", "second_reviewer", "legal_reviewer", "leader", "auditor"})

SEEING_COVERT = frozenset({"supervisor"})
"""Before its record is signed a covert inspection is seen by its team and these alone."""
COVERED_IN = ("draft", "approved", "on_site")


def visible(
    connection: Connection, ledger: int, user: str, *kinds: str, grants: list[Grant] | None = None
) -> Select[Any]:
    """Return a select over the live records of some types that a user may see: own region down, own inspections.

    grants: the user's standing ones, where they were read already
    """
    grants = grant_store.standing(connection, ledger, user) if grants is None else grants
    return selected(ledger, *kinds).where(_reach(ledger, grants))


def reached(connection: Connection, ledger: int, user: str, *kinds: str) -> Select[Any]:
    """Return the select of `visible` with what was voided too: a register leaves nothing out."""
    grants = grant_store.standing(connection, ledger, user)
    return select(TABLE).where(TABLE.c.ledger == ledger, TABLE.c.type.in_(kinds), _reach(ledger, grants))


def missing(connection: Connection, ledger: int, user: str, record: str) -> NotFound | Recused:
    """Return what tells a user that a record is not there for him: Recused where a recusal alone keeps it from him."""
    grants = grant_store.standing(connection, ledger, user)
    others = [grant for grant in grants if grant.role != RECUSED]
    if len(others) < len(grants):
        where = (TABLE.c.ledger == ledger, TABLE.c.id == record, _reach(ledger, others))
        if connection.execute(select(TABLE.c.id).where(*where)).first() is not None:
            return Recused(item=record)
    return NotFound(item=record)


def governed(
    connection: Connection,
    ledger: int,
    user: str,
    roles: frozenset[str],
    *kinds: str,
    grants: list[Grant] | None = None,
) -> Select[Any]:
    """Return a select over the live records of some types in the regions over which a user has one of these roles."""
    grants = grant_store.standing(connection, ledger, user) if grants is None else grants
    parts = [_below(grant) for grant in grants if grant.role in roles and grant.root.isdigit()]
    return selected(ledger, *kinds).where(or_(*parts) if parts else false())


def _reach(ledger: int, grants: list[Grant]) -> ColumnElement[bool]:
    parts: list[ColumnElement[bool]] = [_below(grant) for grant in grants if grant.role in SEEING_COVERT]
    others = [_below(grant) for grant in grants if grant.role in DESK_ROLES - SEEING_COVERT]
    if others:
        parts.append(or_(*others) & TABLE.c.root.not_in(_covert(ledger)))
    roots = sorted({grant.root for grant in grants if grant.role in TEAM_ROLES})
    if roots:
        parts.append(TABLE.c.root.in_(roots))
    reach = or_(*parts) if parts else false()
    away = sorted({grant.root for grant in grants if grant.role == RECUSED})
    return and_(reach, ~grant_store.covers(ledger, TABLE.c.root, away)) if away else reach


def _below(grant: Grant) -> ColumnElement[bool]:
    return TABLE.c.region.startswith(region_prefix(grant.root), autoescape=True)


def _covert(ledger: int) -> Select[Any]:
    """Return a select of the covert inspections (暗访) that are to come or under way."""
    return select(TABLE.c.id).where(
        TABLE.c.ledger == ledger,
        TABLE.c.type == "inspection",
        TABLE.c.stage.in_(COVERED_IN),
        TABLE.c.state.contains('"mode":"covert"', autoescape=True),
    )


def roles(connection: Connection, ledger: int, user: str) -> frozenset[str]:
    """Return the region roles that a user has now, whatever the region."""
    return frozenset(g.role for g in grant_store.standing(connection, ledger, user) if g.root.isdigit())


__all__ = ["DESK_ROLES", "TEAM_ROLES", "governed", "reached", "roles", "visible"]
