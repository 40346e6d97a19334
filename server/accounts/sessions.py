"""Sessions at the desk: kept on the server, so that signing out, disabling a user and time end them for good."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask_login import UserMixin

from server.accounts.credentials import ACTIVE
from server.storage import record_store, session_store
from server.storage.session_store import Session
from server.wiring import Services
from sync.lines import b64u

TOKEN_BYTES = 32
IDLE_MS = 2 * 60 * 60 * 1000
"""Two hours without a request: a lunch break is shorter, a desk left for the day is not."""
ABSOLUTE_MS = 12 * 60 * 60 * 1000
"""However busy, a session ends with the working day."""
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

    def get_id(self) -> str:
        """Return what flask-login keeps in the cookie: the session's token, never the user's id."""
        return self.token


def begin(services: Services, user: str) -> str:
    """Return the token of a new session: 256 random bits, kept as a digest only."""
    token = b64u(services.random(TOKEN_BYTES))
    with services.engine.execution_options(immediate=True).begin() as connection:
        session_store.begin(
            connection, services.ledger.id, token=_digest(token), user=user, at=services.now_ms()
        )
    return token


def find(services: Services, token: str) -> SignedIn | None:
    """Return who is signed in by a token; None once it has ended, grown too old, or its user is disabled."""
    ledger, now = services.ledger.id, services.now_ms()
    with services.database.reading() as connection:
        session = session_store.find(connection, ledger, _digest(token))
        if session is None or not _stands(session, now):
            return None
        vault = services.vault.session(connection, ledger)
        user = record_store.load(connection, vault, [session.user]).get(session.user)
        vault.committed()
    if user is None or user.stage != ACTIVE:
        return None
    if now - session.seen_at > SEEN_MS:
        with services.engine.execution_options(immediate=True).begin() as connection:
            session_store.seen(connection, ledger, session.token, now)
    roles = user.values.get("roles") or ()
    role = next((name for name in RANK if name in roles), "")
    return SignedIn(token, user.id, str(user.values["display_name"]), role, str(user.values["region"]))


def end(services: Services, token: str) -> None:
    """End a session; its token never signs in again."""
    with services.engine.execution_options(immediate=True).begin() as connection:
        session_store.end(connection, services.ledger.id, _digest(token), services.now_ms())


def _stands(session: Session, now: int) -> bool:
    fresh = now - session.seen_at <= IDLE_MS and now - session.created_at <= ABSOLUTE_MS
    return session.ended_at is None and fresh


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
