"""Invites: how a user's phone is let in, once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.wire.enrol import Invite
from server.accounts.credentials import ACTIVE
from server.storage import device_store
from server.storage.device_store import SUPERSEDED, Device
from sync import lines, signing
from sync.errors import NotAllowed, NotFound, Refusal
from sync.merge import Record

if TYPE_CHECKING:
    from server.wiring import Services

CODE_BYTES = 16
INVITE_MS = 15 * 60 * 1000


class AlreadySuperseded(Refusal):
    """Another device has taken this device's place already; that can happen once only."""

    code = "already_superseded"
    next = "Make an invite that replaces the newer device, or one that replaces none."


def invite(services: Services, user: Record, *, supersedes: str | None = None) -> Invite:
    """Return a fresh invite of an active user, good for 15 minutes; only its code's digest is kept.

    supersedes: the user's device whose place the new one is to take, and whose unsent work it inherits
    Raises NotAllowed for a disabled user or another's device, NotFound, AlreadySuperseded.
    """
    if user.stage != ACTIVE:
        raise NotAllowed("the user is disabled; a phone would have no rights")
    if supersedes is not None:
        check_replaceable(services, supersedes, user.id)
    made = Invite(
        url=services.config.url,
        code=lines.b64u(services.random(CODE_BYTES)),
        ledger=services.keyring.ledger_digest,
        recovery=signing.key_digest(services.keyring.recovery),
    )
    expires = services.now_ms() + INVITE_MS
    ledger = services.ledger.id
    with services.engine.execution_options(immediate=True).begin() as connection:
        device_store.invite(
            connection,
            ledger,
            code=made.code_digest,
            user=user.id,
            expires_at=expires,
            supersedes=supersedes,
        )
    return made


def check_replaceable(services: Services, device: str, user: str) -> Device:
    """Return a device whose place another one of the same user may take.

    Raises NotFound, NotAllowed for another user's, AlreadySuperseded.
    """
    with services.database.reading() as connection:
        known = device_store.find(connection, services.ledger.id, device)
    if known is None:
        raise NotFound("no phone has this id; `wardledger device list` shows them")
    if known.user != user:
        raise NotAllowed("the phone is another user's; unsent work stays with whoever recorded it")
    if known.stage == SUPERSEDED:
        raise AlreadySuperseded(item=device)
    return known
