"""Acts of the desk, the command line and the server itself, handed to the one door."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from schemas.drafting import Draft, write
from server.catalogues.freezing import frozen
from server.catalogues.frozen_codes import checked
from server.commit.submission import Act, After, Result
from sync.changes import At, Item
from sync.ids import uuid7

if TYPE_CHECKING:
    from server.wiring import Services

MACHINE = "machine"


def new_id(services: Services) -> str:
    """Return a fresh UUIDv7."""
    return uuid7(services.now_ms(), services.random)


def items_of(services: Services, drafts: Sequence[Draft]) -> tuple[Item, ...]:
    """Return the drafts as lines, with the server's time."""
    at = At(wall=services.now_ms())
    return tuple(write(d, change_id=new_id(services), at=at, random=services.random) for d in drafts)


def act(
    services: Services,
    drafts: Sequence[Draft],
    *,
    user: str = MACHINE,
    kind: str = "decision",
    expect: Mapping[str, int] | None = None,
    after: After | None = None,
) -> Result:
    """Commit the drafts as one act: all of them come into force, or a Refusal is raised and nothing is left.

    kind: one of sync.entries.KINDS; expect: {record: version} that the actor saw
    """
    held = frozen(services, drafts)
    items = checked(services, items_of(services, held.drafts))
    after = held.before(services.ledger.id, after)
    submission = Act(user, kind, items, services.now_ms(), expect=dict(expect or {}), after=after)
    return services.door.submit(submission)
