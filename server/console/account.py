"""What the pages of one's own account show, and what went wrong as a word of theirs."""

from __future__ import annotations

from datetime import UTC, datetime
from io import StringIO

import qrcode

from server.accounts import passkeys, second_factor, sessions, users
from server.accounts.choosing import WeakPassword
from server.accounts.credentials import PASSWORD_CHARS_MIN
from server.accounts.second_factor import Setup
from server.accounts.sessions import SignedIn
from server.console.pages.account import AccountPage, DeskSession, FactorPage, FactorState, PasskeyLine
from server.wiring import Services
from sync.errors import Refusal


def account_page(
    services: Services, who: SignedIn, *, failed: str | None = None, proven: bool = True
) -> AccountPage:
    """Return one's own account. proven: whether its owner has just proven who he is."""
    user = users.load(services, who.id)
    return AccountPage(
        login=str(user.values.get("login", "")),
        factor=factor_state(services, who.id),
        sessions=own_sessions(services, who),
        chars_min=PASSWORD_CHARS_MIN,
        passkeys=own_passkeys(services, who.id),
        passkeys_possible=passkeys.are_possible(services),
        failed=failed,
        proven=proven,
    )


def factor_state(services: Services, user: str) -> FactorState:
    """Return how a user's second factor stands."""
    known = second_factor.standing(services, user)
    return FactorState(
        since=_at(known.since) if known.since is not None else None,
        codes_left=known.codes_left,
        required=second_factor.is_required(services, user),
    )


def own_passkeys(services: Services, user: str) -> tuple[PasskeyLine, ...]:
    """Return one's own passkeys, the oldest first."""
    return tuple(
        PasskeyLine(
            id=one.id,
            name=one.name,
            synced=one.synced,
            made_at=_at(one.made_at),
            used_at=_at(one.used_at) if one.used_at is not None else None,
            doubted_at=_at(one.doubted_at) if one.doubted_at is not None else None,
        )
        for one in passkeys.of_user(services, user)
    )


def own_sessions(services: Services, who: SignedIn) -> tuple[DeskSession, ...]:
    """Return one's own sessions, the newest first."""
    return tuple(
        DeskSession(
            handle=one.handle,
            device=one.begun.device,
            place=one.begun.place,
            means=one.begun.means,
            created_at=_at(one.created_at),
            seen_at=_at(one.seen_at),
            here=one.here,
        )
        for one in sessions.of_user(services, who.id, who.token)
    )


def factor_page(
    setup: Setup,
    *,
    at_sign_in: bool = False,
    next: str = "",  # noqa: A002
    failed: str | None = None,
) -> FactorPage:
    """Return the page that shows a new factor's secret."""
    drawing, modules = drawn(setup.uri)
    grouped = " ".join(setup.secret[at : at + 4] for at in range(0, len(setup.secret), 4))
    return FactorPage(
        secret=grouped,
        uri=setup.uri,
        drawing=drawing,
        modules=modules,
        at_sign_in=at_sign_in,
        next=next,
        failed=failed,
    )


def drawn(text: str) -> tuple[str, int]:
    """Return (the path of a QR code, its width in squares), the quiet zone included."""
    made = qrcode.QRCode(error_correction=qrcode.ERROR_CORRECT_M)
    made.add_data(text)
    rows = made.get_matrix()
    path = StringIO()
    for y, row in enumerate(rows):
        for x, dark in enumerate(row):
            if dark:
                path.write(f"M{x} {y}h1v1h-1z")
    return path.getvalue(), len(rows)


def fault_of(refusal: Refusal) -> str:
    """Return the word of `marks.ACCOUNT_FAULTS` for what was refused about a password or a code."""
    if isinstance(refusal, WeakPassword):
        return "weak"
    return {"bad_value": "short", "wrong_password": "present", "wrong_code": "code"}.get(refusal.code, "link")


def _at(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
