"""Separation of duties: whoever made a thing, or belongs to its inspection, does not decide on it."""

from __future__ import annotations

from sync.errors import OwnWork
from sync.merge import Record


def team_of(inspection: Record) -> frozenset[str]:
    """Return the users who belong to an inspection: members and lead."""
    lead = inspection.values.get("lead")
    return frozenset(inspection.values.get("members") or ()) | ({lead} if lead else frozenset())


def ever_of(inspection: Record) -> frozenset[str]:
    """Return the users who belong to an inspection or once did: leaving a team does not make its work another's."""
    added = {str(w.value) for w in inspection.writes.get("members", ()) if w.kind != "remove"}
    return team_of(inspection) | added | {str(w.value) for w in inspection.writes.get("lead", ())}


def is_outsider(user: str, item: Record, inspection: Record) -> bool:
    """Return whether a user is neither the author of an item nor was ever a member of its inspection."""
    return user != item.created_by and user not in ever_of(inspection)


def check_outsider(user: str, item: Record, inspection: Record, *, made: bool = True) -> None:
    """Raise OwnWork unless the user stands outside the item's inspection. made: whether its author stands inside too"""
    inside = ever_of(inspection) | ({item.created_by} if made else set())
    if user in inside:
        raise OwnWork(item=item.id)
