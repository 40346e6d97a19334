"""A notice is acknowledged, pure: by its addressee at the portal, by a message's link, or on paper at the desk.

One decision for all of them. Who acts at the desk moves the case along with it; an institution's user has no right
over a case, so its notice alone is moved and the server takes the case after it (`keeping_up`).
"""

from __future__ import annotations

from typing import Any

from schemas.drafting import Draft
from server.casework.casefile import check_stage, check_version, moved
from server.casework.notices import ACKNOWLEDGED, SERVED, TYPES
from sync.merge import Record

NOTIFIED, RECTIFYING = "notified", "rectifying"


def decide(
    notice: Record, *, version: int, at: int, by: str | None = None, case: Record | None = None
) -> list[Draft]:
    """Return the drafts by which an institution acknowledged a notice; its case, if given, is being put right then.

    at: Unix ms; by: the institution's user, None for a link, or where its word came on paper and the desk enters it
    Raises VersionChanged or BadTransition.
    """
    check_version(notice, version)
    check_stage(notice, SERVED)
    values: dict[str, Any] = {"acknowledged_at": at} | ({"acknowledged_by": by} if by else {})
    drafts = [moved(notice, ACKNOWLEDGED, values)]
    return [*drafts, moved(case, RECTIFYING)] if case is not None and begins(case, notice) else drafts


def begins(case: Record, notice: Record) -> bool:
    """Return whether a case is being put right once this notice is acknowledged: other kinds begin no term."""
    return case.stage == NOTIFIED and notice.values["type"] in TYPES
