"""What a party sees: an institution's user reads what was put to his own institution, and nothing else.

A desk's reader starts from `scope.visible`, an institution's user from `own`: two doors, and no role has both.
Nothing here leads to a lead, a plan, a petition or another institution: what is not named below is not there.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, Select, select

from schemas.records.user import OWN_INSTITUTION
from server.storage import grant_store
from server.storage.record_store import TABLE, selected
from sync.errors import NotAllowed

OUT_OF_THE_HOUSE = {"notice": ("issued", "served", "acknowledged")}
"""Stages in which what lies at the institution has left the bureau; types that are not named are its own writings."""
OWN_WRITINGS = ("rectification_report", "extension", "appeal", "statement")
BEFORE_SERVICE = "assigned"
TOLD = ("told_party", "legal_reviewed", "decided", "served", "executing", "done", "appealed", "revoked")
RECORD_SIGNED = ("record_signed", "submitted", "accepted", "returned", "archived")
"""Stages of an inspection whose record lay before the party: it knows that it was inspected, and of what."""
PUT = ("proposed", "heard")


def institution_of(connection: Connection, ledger: int, user: str) -> str:
    """Return the institution that a user belongs to; raises NotAllowed for whoever belongs to none."""
    roots = {g.root for g in grant_store.standing(connection, ledger, user) if g.role == OWN_INSTITUTION}
    if len(roots) != 1:
        raise NotAllowed("these pages are for the users of an institution")
    return roots.pop()


def is_party(roles: Collection[str]) -> bool:
    """Return whether somebody with these roles is an institution's user, who has no other role."""
    return set(roles) == {OWN_INSTITUTION}


def own(ledger: int, institution: str, kind: str) -> Select[Any]:
    """Return a select over what an institution's users see of one type; assertion for a type that they never see."""
    everything = selected(ledger, kind)
    if kind in OUT_OF_THE_HOUSE:
        return everything.where(TABLE.c.root == institution, TABLE.c.stage.in_(OUT_OF_THE_HOUSE[kind]))
    if kind in OWN_WRITINGS:
        return everything.where(TABLE.c.root == institution)
    if kind == "rectification_case":
        return everything.where(
            TABLE.c.parent.in_(_inspections(ledger, institution)), TABLE.c.stage != BEFORE_SERVICE
        )
    if kind == "sanction":
        cases = own(ledger, institution, "rectification_case").with_only_columns(TABLE.c.id)
        return everything.where(TABLE.c.parent.in_(cases.subquery().select()), TABLE.c.stage.in_(TOLD))
    assert kind == "finding", f"nothing of {kind} is shown to a party"
    signed = _inspections(ledger, institution, stages=RECORD_SIGNED)
    return everything.where(TABLE.c.root.in_(signed), TABLE.c.stage.in_(PUT))


def _inspections(ledger: int, institution: str, *, stages: Collection[str] = ()) -> Select[Any]:
    """Return a select of the ids of an institution's inspections; stages: only those that stand there."""
    table = TABLE.alias()
    wanted = select(table.c.id).where(
        table.c.ledger == ledger, table.c.type == "inspection", table.c.parent == institution
    )
    return wanted.where(table.c.stage.in_(stages)) if stages else wanted
