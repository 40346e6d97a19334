"""Acknowledging a notice: by the institution's user at the portal, or by the link of a message without signing in."""

from __future__ import annotations

from schemas.drafting import Draft
from server.casework import keeping_up
from server.commit.acts import MACHINE, act
from server.portal.looking import looking_as
from server.wiring import Services
from sync.errors import BadTransition, VersionChanged
from sync.merge import Record

SERVED, ACKNOWLEDGED = "served", "acknowledged"


def decide(notice: Record, *, at: int, by: str | None) -> Draft:
    """Return the step by which a notice is acknowledged; by: the user, None for the link; raises BadTransition."""
    if notice.stage != SERVED:
        raise BadTransition(f"the notice is {notice.stage}", item=notice.id, field="stage")
    values = {"stage": {"from": SERVED, "to": ACKNOWLEDGED}, "acknowledged_at": at}
    return Draft("edit", notice.type, notice.id, values if by is None else {**values, "acknowledged_by": by})


def by_user(services: Services, user: str, notice: str, version: int) -> None:
    """Acknowledge as a user of the institution; raises NotFound, NotAllowed, BadTransition or VersionChanged."""
    with looking_as(services, user) as look:
        found = look.one("notice", notice)
    if found.version != version:
        raise VersionChanged(item=notice, version=found.version)
    _acknowledge(services, found, user)


def by_link(services: Services, notice: Record) -> None:
    """Acknowledge by a link that was checked: the act is the server's, which saw the link come back."""
    _acknowledge(services, notice, None)


def _acknowledge(services: Services, notice: Record, user: str | None) -> None:
    draft = decide(notice, at=services.now_ms(), by=user)
    act(services, [draft], user=user or MACHINE, expect={notice.id: notice.version})
    if case := notice.values.get("case"):
        keeping_up.settle(services, str(case))
