"""Sessions at the desk: kept on the server, so that signing out, disabling a user and time end them for good."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask_login import UserMixin

from server.accounts import access_log
from server.accounts.credentials import ACTIVE
from server.accounts.invitations import check_administrator
from server.storage import record_store, session_store
from server.storage.session_store import Session
from server.wiring import Services
from sync.errors import NotFound
from sync.lines import b64u

TOKEN_BYTES = 32
HANDLE_CHARS = 16
IDLE_MS = 2 * 60 * 60 * 1000
"""Two hours without a request: a lunch break is shorter, a desk left for the day is not."""
ABSOLUTE_MS = 12 * 60 * 60 * 1000
"""However busy, a session ends with the working day."""
HALF_MS = 10 * 60 * 1000
"""How long a password that was right waits for the second step."""
SEEN_MS = 60 * 1000
"""How stale the note of the last use may be: reading a page must not cost a durable write."""
RANK = (
    "supervisor",
    "second_reviewer",
    "legal_reviewer",
    "leader",
    "auditor",
    "lead_inspector",
    "inspector",
    "admin",
    "institution_user",
)
"""Which of several roles stands beside a name."""


@dataclass(frozen=True)
class SignedIn(UserMixin):  # type: ignore[misc]
    """Somebody who is signed in; `id` is the user's record, `token` the session's secret."""

    token: str
    id: str
    name: str
    role: str
    region: str
    means: str = ""
    roles: tuple[str, ...] = ()

    def get_id(self) -> str:
        """Return what flask-login keeps in the cookie: the session's token, never the user's id."""
        return self.token


@dataclass(frozen=True)
class Half:
    """Somebody whose password was right and who opens nothing yet; awaits: the step that is missing."""

    token: str
    user: str
    awaits: str


@dataclass(frozen=True)
class Begun:
    """How a session was begun: the browser in words, from where, by which means."""

    device: str = ""
    place: str = ""
    means: str = ""


@dataclass(frozen=True)
class Standing:
    """One of a user's sessions as its owner sees it; handle: names it, opens nothing. Times in Unix ms."""

    handle: str
    begun: Begun
    created_at: int
    seen_at: int
    here: bool


def begin(services: Services, user: str, begun: Begun | None = None, *, awaits: str = "") -> str:
    """Return the token of a new session: 256 random bits, kept as a digest only.

    awaits: a step without which it opens nothing
    """
    token = b64u(services.random(TOKEN_BYTES))
    how = begun or Begun()
    fresh = Session(
        token=_digest(token), user=user, created_at=services.now_ms(), seen_at=services.now_ms(), ended_at=None,
        device=how.device, place=how.place, means=how.means, awaits=awaits,
    )  # fmt: skip
    with services.engine.execution_options(immediate=True).begin() as connection:
        session_store.begin(connection, services.ledger.id, fresh)
    return token


def find(services: Services, token: str, *, used: bool = True) -> SignedIn | None:
    """Return who is signed in by a token; None once it has ended, grown too old, or its user is disabled.

    used: whether a person asked; what a page asks by itself keeps no session alive.
    """
    ledger, now = services.ledger.id, services.now_ms()
    with services.database.reading() as connection:
        session = session_store.find(connection, ledger, _digest(token))
        if session is None or session.awaits or not _stands(session, now):
            return None
        vault = services.vault.session(connection, ledger)
        user = record_store.load(connection, vault, [session.user]).get(session.user)
        vault.committed()
    if user is None or user.stage != ACTIVE:
        return None
    if used and now - session.seen_at > SEEN_MS:
        with services.engine.execution_options(immediate=True).begin() as connection:
            session_store.seen(connection, ledger, session.token, now)
    roles = user.values.get("roles") or ()
    role = next((name for name in RANK if name in roles), "")
    name = str(user.values.get("display_name", "–"))
    return SignedIn(token, user.id, name, role, str(user.values["region"]), session.means, tuple(roles))


def find_half(services: Services, token: str) -> Half | None:
    """Return whose second step a token waits for; None once it has ended or grown too old."""
    with services.database.reading() as connection:
        session = session_store.find(connection, services.ledger.id, _digest(token))
    if session is None or not session.awaits or session.ended_at is not None:
        return None
    fresh = services.now_ms() - session.created_at <= HALF_MS
    return Half(token, session.user, session.awaits) if fresh else None


def of_user(services: Services, user: str, token: str = "") -> list[Standing]:
    """Return a user's sessions that stand, the newest first. token: that of who asks."""
    now = services.now_ms()
    with services.database.reading() as connection:
        found = session_store.of_user(connection, services.ledger.id, user, now - ABSOLUTE_MS)
    own = _digest(token) if token else ""
    return [
        Standing(
            _handle(one.token),
            Begun(one.device, one.place, one.means),
            one.created_at,
            one.seen_at,
            one.token == own,
        )
        for one in found
        if not one.awaits and _stands(one, now)
    ]


def end_one(services: Services, user: str, handle: str) -> None:
    """End one of a user's sessions by its handle; raises NotFound where none of his stands under it."""
    ledger, now = services.ledger.id, services.now_ms()
    with services.engine.execution_options(immediate=True).begin() as connection:
        found = session_store.of_user(connection, ledger, user, now - ABSOLUTE_MS)
        token = next((one.token for one in found if _handle(one.token) == handle), None)
        if token is None:
            raise NotFound("no session of yours stands under this name")
        session_store.end(connection, ledger, token, now)


def end_all(services: Services, user: str, *, but: str = "") -> int:
    """End every session of a user, also half ones, but that of a token; return how many stood."""
    with services.engine.execution_options(immediate=True).begin() as connection:
        kept = _digest(but) if but else None
        return session_store.end_all(connection, services.ledger.id, user, services.now_ms(), but=kept)


def revoke(services: Services, user: str, *, by: str) -> int:
    """End every session of somebody else and return how many stood; raises NotAllowed.

    by: an administrator, or "machine" at the command line; the access log has a line
    """
    check_administrator(services, by)
    ended = end_all(services, user)
    access_log.note(services, by, access_log.SIGNED_OUT, user)
    return ended


def end(services: Services, token: str) -> None:
    """End a session; its token never signs in again."""
    with services.engine.execution_options(immediate=True).begin() as connection:
        session_store.end(connection, services.ledger.id, _digest(token), services.now_ms())


def _stands(session: Session, now: int) -> bool:
    fresh = now - session.seen_at <= IDLE_MS and now - session.created_at <= ABSOLUTE_MS
    return session.ended_at is None and fresh


def _handle(digest: str) -> str:
    return hashlib.sha256(b"session\n" + digest.encode()).hexdigest()[:HANDLE_CHARS]


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
