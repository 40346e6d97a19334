"""An institution's accounts at the portal, and the form that invites somebody of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from server.console.pages.frame import Institution
from server.console.pages.users import Code, UserRow


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyUsersForm:
    """What was typed; failed: what does not fit, in words, '' for nothing; fault: the field."""

    login: str = ""
    name: str = ""
    email: str = ""
    failed: str = ""
    fault: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class PartyUsersPage:
    """The accounts of one institution. code: one that was just made, shown this once."""

    template: ClassVar[str] = "console/party_users.html"
    id: str
    institution: Institution
    rows: tuple[UserRow, ...]
    form: PartyUsersForm
    code: Code | None = None
