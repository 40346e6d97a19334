"""Acknowledging a notice: by the institution's user at the portal, or by the link of a message without signing in."""

from __future__ import annotations

from server.casework import acknowledging, keeping_up
from server.commit.acts import MACHINE, act
from server.portal.looking import looking_as
from server.wiring import Services
from sync.merge import Record


def by_user(services: Services, user: str, notice: str, version: int) -> None:
    """Acknowledge as a user of the institution; raises NotFound, NotAllowed, BadTransition or VersionChanged."""
    with looking_as(services, user) as look:
        found = look.one("notice", notice)
    _acknowledge(services, found, version, user)


def by_link(services: Services, notice: Record) -> None:
    """Acknowledge by a link that was checked: the act is the server's, which saw the link come back."""
    _acknowledge(services, notice, notice.version, None)


def _acknowledge(services: Services, notice: Record, version: int, user: str | None) -> None:
    drafts = acknowledging.decide(notice, version=version, at=services.now_ms(), by=user)
    act(services, drafts, user=user or MACHINE, expect={notice.id: notice.version})
    if case := notice.values.get("case"):
        keeping_up.settle(services, str(case))
