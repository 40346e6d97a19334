"""Separation of duties: whoever made a thing, or belongs to its inspection, does not decide on it."""

from __future__ import annotations

from sync.errors import OwnWork
from sync.merge import Record


def team_of(inspection: Record) -> frozenset[str]:
    """Return the users who belong to an inspection: members and lead."""
    lead = inspection.values.get("lead")
    return frozenset(inspection.values.get("members") or ()) | ({lead} if lead else frozenset())


def is_outsider(user: str, item: Record, inspection: Record) -> bool:
    """Return whether a user is neither the author of an item nor a member of its inspection."""
    return user != item.created_by and user not in team_of(inspection)


def check_outsider(user: str, item: Record, inspection: Record) -> None:
    """Raise OwnWork unless the user stands outside the item's inspection."""
    if not is_outsider(user, item, inspection):
        raise OwnWork(item=item.id)
