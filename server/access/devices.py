"""Phones: who sees those of a region, and who lets them in and shuts them out."""

from __future__ import annotations

from server.access.scope import DESK_ROLES
from sync.errors import NotAllowed
from sync.lines import INTEGER_MAX
from sync.merge import Record
from sync.rules import Grants

ADMIN = "admin"
SEEING = DESK_ROLES | {ADMIN}
"""Desk roles over the region of a phone's user; an administrator too, who reads no case."""
BRINGING = frozenset({"supervisor", ADMIN})
"""Who brings a phone's outbox as a file: that proves nothing, the phone's own signature does."""


def manages(grants: Grants, user: str, record: Record) -> bool:
    """Return whether somebody administers phones in the region of a device or of its user."""
    return ADMIN in grants.roles(user, record.root, record.region, INTEGER_MAX)


def check_manages(grants: Grants, user: str, record: Record) -> None:
    """Raise NotAllowed unless somebody administers phones in the region of a device or of its user."""
    if not manages(grants, user, record):
        raise NotAllowed(item=record.id)
