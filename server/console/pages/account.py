"""One's own account: password, second factor, passkeys, sessions; and getting in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, kw_only=True, slots=True)
class DeskSession:
    """One session; handle: names it; place: here, inside or outside; means: how it was begun (marks.MEANS)."""

    handle: str
    device: str
    place: str
    means: str
    created_at: datetime
    seen_at: datetime
    here: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class FactorState:
    """Whether sign-in asks for a code; since: None while it does not; required: by a role."""

    since: datetime | None = None
    codes_left: int = 0
    required: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class PasskeyLine:
    """One passkey. synced: kept by its maker's cloud as well; doubted_at: when its counter went back."""

    id: str
    name: str
    synced: bool
    made_at: datetime
    used_at: datetime | None = None
    doubted_at: datetime | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class AccountPage:
    """My account. failed: the code of what went wrong (`marks.ACCOUNT_FAULTS`) with the password, or None.

    proven: whether passkeys and the second factor can be changed without proving again who one is
    """

    template: ClassVar[str] = "console/account.html"
    login: str
    factor: FactorState
    sessions: tuple[DeskSession, ...]
    chars_min: int
    passkeys: tuple[PasskeyLine, ...] = ()
    passkeys_possible: bool = True
    failed: str | None = None
    proven: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class FactorPage:
    """Setting up the second factor. drawing: the QR code as an SVG path of `modules` by `modules` squares."""

    template: ClassVar[str] = "console/factor.html"
    secret: str
    uri: str
    drawing: str
    modules: int
    at_sign_in: bool = False
    next: str = ""
    failed: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CodesPage:
    """The recovery codes, shown this once; next: where to go on."""

    template: ClassVar[str] = "console/codes.html"
    codes: tuple[str, ...]
    next: str


@dataclass(frozen=True, kw_only=True, slots=True)
class CodePage:
    """The second step of signing in."""

    template: ClassVar[str] = "console/sign_in_code.html"
    next: str = ""
    failed: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class JoinPage:
    """Choosing a password with a one-time code."""

    template: ClassVar[str] = "console/join.html"
    chars_min: int
    code: str = ""
    failed: str | None = None
