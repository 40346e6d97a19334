"""Invites: how a user's phone is let in, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.wire.enrol import Invite
from server.accounts.credentials import ACTIVE
from server.storage import device_store
from sync import lines, signing
from sync.errors import NotAllowed
from sync.merge import Record

if TYPE_CHECKING:
    from server.wiring import Services

CODE_BYTES = 16
INVITE_MS = 15 * 60 * 1000


def invite(services: Services, user: Record) -> Invite:
    """Return a fresh invite of an active user, good for 15 minutes; only its code's digest is kept.

    Raises NotAllowed for a disabled user.
    """
    if user.stage != ACTIVE:
        raise NotAllowed("the user is disabled; a phone would have no rights")
    made = Invite(
        url=services.config.url,
        code=lines.b64u(services.random(CODE_BYTES)),
        ledger=services.keyring.ledger_digest,
        recovery=signing.key_digest(services.keyring.recovery),
    )
    expires = services.now_ms() + INVITE_MS
    ledger = services.ledger.id
    with services.engine.execution_options(immediate=True).begin() as connection:
        device_store.invite(connection, ledger, code=made.code_digest, user=user.id, expires_at=expires)
    return made
