"""Phones at the desk: an administrator invites, revokes, and reports lost; everybody else is refused."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection

from schemas.drafting import Draft
from schemas.records.device import REASONS
from schemas.wire.enrol import Invite
from server.access import scope
from server.access.devices import SEEING, check_manages
from server.accounts import invites
from server.accounts.invites import INVITE_MS
from server.commit.acts import act
from server.commit.submission import Result
from server.operations import lost_phone
from server.operations.lost_phone import Exposure
from server.storage import device_store, grant_store, record_store
from server.storage.device_store import ENROLLED
from server.storage.record_store import TABLE
from server.wiring import Services
from sync import lines
from sync.errors import BadTransition, BadValue, NotFound, VersionChanged
from sync.merge import Record

OPEN, USED, EXPIRED = "open", "used", "expired"


@dataclass(frozen=True)
class Ticket:
    """An invite as it was made: what the screen shows, and until when it is good (Unix ms)."""

    invite: Invite
    user: Record
    expires_at: int
    supersedes: str | None = None


@dataclass(frozen=True)
class InviteState:
    """How an invite stands. state: `open`, `used` or `expired`; device: that was enrolled with it"""

    state: str
    user: str
    expires_at: int
    device: str | None = None


def find(services: Services, user: str, device: str) -> Record:
    """Return the record of a device that a user may see; raises NotFound."""
    with services.database.reading() as connection:
        return _find(connection, services, user, "device", device)


def _find(connection: Connection, services: Services, user: str, kind: str, key: str) -> Record:
    vault = services.vault.session(connection, services.ledger.id)
    statement = scope.governed(connection, services.ledger.id, user, SEEING, kind).where(TABLE.c.id == key)
    found = record_store.query(connection, vault, statement)
    if not found:
        raise NotFound(item=key)
    return found[0]


def _managed(services: Services, user: str, kind: str, key: str) -> Record:
    """Return a device, or a user, whose phones somebody administers; raises NotFound or NotAllowed."""
    with services.database.reading() as connection:
        record = _find(connection, services, user, kind, key)
        check_manages(grant_store.granted(connection, services.ledger.id, user), user, record)
    return record


def invite(services: Services, admin: str, user: str, *, supersedes: str | None = None) -> Ticket:
    """Return a fresh invite for a user's phone, good once and for 15 minutes; see accounts.invites for refusals."""
    record = _managed(services, admin, "user", user)
    expires = services.now_ms() + INVITE_MS
    return Ticket(invites.invite(services, record, supersedes=supersedes), record, expires, supersedes)


def invite_state(services: Services, admin: str, digest: str) -> InviteState:
    """Return how an invite stands, by its code's digest; raises NotFound, also for what he does not administer."""
    with services.database.reading() as connection:
        known = device_store.find_invite(connection, services.ledger.id, digest)
    if known is None:
        raise NotFound
    _managed(services, admin, "user", known.user)
    if known.answer is not None:
        device = str(lines.decode(lines.unb64u(known.answer.split(".")[1]))["device"])
        return InviteState(USED, known.user, known.expires_at, device)
    state = EXPIRED if known.expires_at < services.now_ms() else OPEN
    return InviteState(state, known.user, known.expires_at)


def revoke(services: Services, admin: str, device: str, reason: str | None, *, version: int) -> Result:
    """Shut a phone out with a reason; what it sends afterwards is kept in quarantine. version: that was looked at"""
    record = _managed(services, admin, "device", device)
    _check(record, reason, version)
    if record.stage == "revoked":
        raise BadTransition("the phone is revoked already", item=device)
    step = {"stage": {"from": record.stage, "to": "revoked"}, "reason": reason}
    draft = Draft("edit", "device", device, step)
    return act(services, [draft], user=admin, kind="device", expect={device: record.version})


def lose(
    services: Services, admin: str, device: str, *, now: bool, reason: str | None, version: int
) -> Exposure:
    """Report a phone lost: shut out, told to erase itself; returns what may be on it. version: that was looked at"""
    _check(_managed(services, admin, "device", device), reason, version)
    return lost_phone.declare_lost(services, device, now=now, user=admin, reason=reason)


def loss(services: Services, user: str, device: str) -> Exposure:
    """Return what may be on a phone that is shut out; raises NotFound, BadTransition for one that is not."""
    record = find(services, user, device)
    if record.stage == ENROLLED:
        raise BadTransition("the phone is in use; report it lost first", item=device)
    with services.database.reading() as connection:
        known = device_store.find(connection, services.ledger.id, device)
        assert known is not None, "a device's record has its row"
        return lost_phone.exposure(services, connection, known, str(record.values.get("wipe") or ""))


def _check(device: Record, reason: str | None, version: int) -> None:
    if version != device.version:
        raise VersionChanged(item=device.id, version=device.version)
    if reason not in REASONS:
        raise BadValue("say why, from the list of reasons", field="reason")
