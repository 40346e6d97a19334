"""Demo facts of one's own account and of getting in."""

from __future__ import annotations

from datetime import timedelta

from server.accounts.second_factor import Setup
from server.console.account import factor_page
from server.console.pages import (
    AccountPage,
    CodePage,
    CodesPage,
    DeskSession,
    FactorPage,
    FactorState,
    JoinPage,
    PasskeyLine,
)
from tests.console.sample_frame import NOW

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Wardledger:demo?secret={SECRET}&issuer=Wardledger"


PASSKEYS = (
    PasskeyLine(
        id="d1",
        name="办公电脑",
        synced=False,
        made_at=NOW - timedelta(days=40),
        used_at=NOW - timedelta(hours=2),
    ),
    PasskeyLine(
        id="d2",
        name="手机",
        synced=True,
        made_at=NOW - timedelta(days=3),
        doubted_at=NOW - timedelta(hours=1),
    ),
)


def session(
    handle: str, device: str, place: str, means: str, hours: float, *, here: bool = False
) -> DeskSession:
    """Return a session that was begun some hours ago."""
    begun = NOW - timedelta(hours=hours)
    return DeskSession(
        handle=handle, device=device, place=place, means=means, created_at=begun,
        seen_at=NOW if here else begun + timedelta(minutes=20), here=here,
    )  # fmt: skip


def account(*, on: bool = True, required: bool = False, failed: str | None = None) -> AccountPage:
    """Return an account with three sessions, or with this one alone and nothing switched on."""
    sessions = (
        session("aa11", "Edge · Windows", "inside", "password_code", 2, here=True),
        session("bb22", "Chrome · HarmonyOS", "outside", "passkey", 5),
        session("cc33", "", "outside", "password", 7),
    )
    factor = (
        FactorState(since=NOW - timedelta(days=40), codes_left=8, required=required) if on else FactorState()
    )
    return AccountPage(
        login="test.bing",
        factor=factor,
        sessions=sessions if on else sessions[:1],
        chars_min=12,
        failed=failed,
        passkeys=PASSKEYS if on else (),
        passkeys_possible=on,
    )


def factor(*, at_sign_in: bool = False, failed: str | None = None) -> FactorPage:
    """Return a factor that waits for its first code."""
    return factor_page(Setup(SECRET, URI), at_sign_in=at_sign_in, failed=failed)


def codes() -> CodesPage:
    """Return ten recovery codes of nobody."""
    return CodesPage(codes=tuple(f"DEMO-CODE-NUMB-{n:04d}" for n in range(1, 11)), next="/account")


def second_step() -> CodePage:
    """Return the second step after a wrong code."""
    return CodePage(failed="code")


def join() -> JoinPage:
    """Return the page at which a password is chosen."""
    return JoinPage(chars_min=12, failed="weak")
