"""The frame around every page, and the nouns that several pages share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class Reader:
    """Who is signed in."""

    name: str
    role: str
    unit: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class HandedFile:
    """A file that a party handed in with a writing of its own. number: from 1, as people speak of it."""

    record: str
    kind: str
    digest: str
    number: int
    media_type: str
    size: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Undo:
    """The reviews of the reader's last act, while they can be taken back. items: `<id>.<version>`."""

    act: str
    items: tuple[str, ...]
    seconds_left: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Shell:
    """The frame of every page. counts: by entry of the rail (`rounds`, ...); signs: decisions, by a passkey."""

    locale: str
    zone: str
    now: datetime
    reader: Reader | None = None
    counts: Mapping[str, int] = field(default_factory=dict)
    demo: bool = False
    undo: Undo | None = None
    signs: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Chip:
    """One filter above a list, kept in the address as `?state=value` ('' shows all)."""

    value: str
    count: int
    active: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Paging:
    """Where a list stands: page from 1, size rows a page, total rows in all."""

    total: int
    page: int = 1
    size: int = 50

    @property
    def pages(self) -> int:
        """The number of pages, at least one."""
        return max(1, -(-self.total // self.size))


@dataclass(frozen=True, kw_only=True, slots=True)
class Institution:
    """A designated institution as a page names it."""

    name: str
    code: str


@dataclass(frozen=True, slots=True)
class OneOf:
    """The words that a text is one of: a note on its type, which the API's description tells."""

    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Officer:
    """An inspector or supervisor; certificate: number of the enforcement certificate."""

    name: str
    unit: str = ""
    certificate: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class CaptureInterval:
    """When something was captured, as the server derived it; flags: doubts about the phone's clock."""

    earliest: datetime
    latest: datetime
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Place:
    """Where it was captured, seen from the institution; bearing in degrees from north."""

    distance_m: int
    bearing_deg: int
    accuracy_m: int
    inside_fence: bool | None = None
    mocked: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class SignInPage:
    """failed: the code of what went wrong (`marks.SIGN_IN_FAULTS`), or None; passkeys: whether this site has any.

    provider: the name of the single sign-on, '' where there is none; subject: who it says somebody unknown is
    """

    template: ClassVar[str] = "console/sign_in.html"
    origin: str
    username: str = ""
    next: str = ""
    failed: str | None = None
    passkeys: bool = False
    provider: str = ""
    subject: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class ErrorPage:
    """A problem told to a person; each sentence is already in the reader's language, '' leaves it out."""

    template: ClassVar[str] = "console/error.html"
    status: int
    code: str
    happened: str
    kept: str = ""
    next: str = ""
    item: str = ""
    back: str = ""
