"""User administration: the list, one user, a new one, and who stands in for whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import ClassVar

from server.console.pages.frame import Chip, Paging


@dataclass(frozen=True, kw_only=True, slots=True)
class UserRow:
    """One user in a list. waiting: has not used his invitation; region: a code, place: its name."""

    id: str
    login: str
    name: str
    roles: tuple[str, ...]
    region: str
    place: str
    stage: str
    waiting: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class UsersPage:
    """Users of the administrator's region. words: what was searched for, never part of an address."""

    template: ClassVar[str] = "console/users.html"
    chips: tuple[Chip, ...]
    rows: tuple[UserRow, ...]
    paging: Paging
    role: str = ""
    region: str = ""
    regions: tuple[tuple[str, str], ...] = ()
    words: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class UserForm:
    """What was typed; failed: what does not fit, in words, '' for nothing; fault: the field."""

    login: str = ""
    name: str = ""
    roles: tuple[str, ...] = ()
    region: str = ""
    email: str = ""
    certificate: str = ""
    institution: str = ""
    failed: str = ""
    fault: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Code:
    """A code that was just made, shown this once; purpose: `invite` or `reset`."""

    purpose: str
    code: str
    url: str
    expires_at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class UserDeed:
    """One change of a user's record: the entry, when, by whom, and which fields in words."""

    index: int
    at: datetime
    by: str
    fields: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class UserPage:
    """One user with what an administrator may do. own: the reader himself; sessions: how many stand.

    strong: whether there is a second factor or a passkey
    sign_on: whether there is a single sign-on; linked: whether the user is known to it
    """

    template: ClassVar[str] = "console/user.html"
    row: UserRow
    version: int
    form: UserForm
    regions: tuple[tuple[str, str], ...]
    sessions: int
    deeds: tuple[UserDeed, ...]
    own: bool = False
    seen_at: datetime | None = None
    invited_until: datetime | None = None
    code: Code | None = None
    strong: bool = False
    sign_on: bool = False
    linked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class NewUserPage:
    """The form that invites somebody."""

    template: ClassVar[str] = "console/new_user.html"
    form: UserForm
    regions: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class DeputationRow:
    """Somebody who is or will be away, and who stands in."""

    id: str
    absent: str
    deputy: str
    roles: tuple[str, ...]
    place: str
    from_on: date
    until_on: date
    stage: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeputiesPage:
    """Who is away, and the form that appoints a deputy. typed: what was entered; failed: in words."""

    template: ClassVar[str] = "console/deputies.html"
    rows: tuple[DeputationRow, ...]
    today: date
    typed: Mapping[str, str] = field(default_factory=dict)
    roles: tuple[str, ...] = ()
    failed: str = ""
    fault: str = ""
