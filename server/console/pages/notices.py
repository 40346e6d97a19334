"""A notice: what it says, how far it has come, and its paper."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar

from server.console.pages.frame import Institution

UNFIXED, MATCHES, DIFFERS = "unfixed", "matches", "differs"


@dataclass(frozen=True, kw_only=True, slots=True)
class SlipPart:
    """A signed slip, photographed on a phone. ready: it may prove the service; fixed: it is the one that does"""

    id: str
    by: str
    taken_at: datetime | None
    picture: bool
    ready: bool
    fixed: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class NoticePage:
    """One notice.

    type, stage, method: codes; articles: in words; case: the record it belongs to, '' where there is none
    signed_on, signed_by: of the sign-off; document: the digest that was fixed when it was issued
    paper: `unfixed` before it is issued, `matches` where the paper made now has that digest, `differs` where not
    may_take: whether this reader may take the paper away; receipt: the digest of the signed slip that was entered
    """

    template: ClassVar[str] = "console/notice.html"
    id: str
    number: str
    type: str
    stage: str
    institution: Institution
    case: str
    facts: str
    articles: tuple[str, ...]
    demands: str
    working_days: int | None
    drafted_by: str
    signed_by: str = ""
    signed_on: date | None = None
    issued_on: date | None = None
    method: str = ""
    served_on: date | None = None
    received_by: str = ""
    acknowledged_at: datetime | None = None
    acknowledged_by: str = ""
    replaces: str = ""
    document: str = ""
    paper: str = UNFIXED
    may_take: bool = False
    receipt: str = ""
    slips: tuple[SlipPart, ...] = ()
