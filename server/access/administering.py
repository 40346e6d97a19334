"""Administering: who may manage users, and which; an administrator reaches users of his region and no case."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select, or_

from server.storage import grant_store
from server.storage.record_store import TABLE, selected
from sync.errors import NotAllowed
from sync.rules import region_prefix

ADMIN = "admin"


def regions(connection: Connection, ledger: int, user: str) -> tuple[str, ...]:
    """Return the regions in which somebody is an administrator; raises NotAllowed where there is none."""
    found = {grant.root for grant in grant_store.standing(connection, ledger, user) if grant.role == ADMIN}
    if not found:
        raise NotAllowed("an administrator does this")
    return tuple(sorted(found))


def reached(connection: Connection, ledger: int, user: str, *kinds: str) -> Select[Any]:
    """Return a select over records of some types that lie in an administrator's regions; raises NotAllowed."""
    where = [
        TABLE.c.region.startswith(region_prefix(code), autoescape=True)
        for code in regions(connection, ledger, user)
    ]
    return selected(ledger, *kinds).where(or_(*where))
