"""Enrolment: a phone with a one-time invite becomes a device of its user."""

from __future__ import annotations

from sqlalchemy import Connection

from schemas.drafting import Draft
from schemas.wire.enrol import EnrolRequest, read_enrol
from server.accounts.invites import check_replaceable
from server.commit.acts import act, new_id
from server.commit.submission import Result
from server.keys import served
from server.storage import device_store, ledger_store
from server.storage.device_store import SUPERSEDED, Device, Invite
from server.storage.ledger_store import Head
from server.wiring import Services
from sync import lines, signing
from sync.errors import BadTransition, InviteUnknown, NotAllowed, PinMismatch, WrongLedger


def enrol(services: Services, token: str) -> tuple[str, bool]:
    """Return (the signed answer, whether the device is new); the same request again gets the same answer.

    Raises BadSignature, Malformed, WrongLedger, PinMismatch, InviteUnknown, NotAllowed or AlreadySuperseded.
    The invite is consumed in the transaction that makes the device, and that ends the one whose place it takes.
    """
    wanted = read_enrol(token)
    if wanted.origin != services.ledger.origin:
        raise WrongLedger
    # An invite from just before a rotation pins the key before; that leads to the present one.
    if wanted.ledger_key != services.keyring.ledger_digest:
        known = served.known_keys(services)
        if wanted.ledger_key not in known.pins - known.compromised:
            raise PinMismatch
    request = lines.digest(token.encode("ascii"))
    with services.database.reading() as connection:
        invite = device_store.find_invite(connection, services.ledger.id, wanted.code)
        head = ledger_store.head(connection, services.ledger.id)
    if invite is None:
        raise InviteUnknown
    if invite.request is not None:
        return _answered(invite, request), False
    if invite.expires_at < services.now_ms():
        raise InviteUnknown
    device = new_id(services)
    old = _replaced(services, invite, wanted)
    answer = _answer(services, head, device=device, invite=invite, request=request, old=old)

    def consume(connection: Connection, _: Result) -> None:
        used = device_store.consume(
            connection, services.ledger.id, wanted.code, request=request, answer=answer
        )
        if not used:
            raise InviteUnknown

    try:
        act(services, _drafts(device, invite.user, wanted, old), kind="device", after=consume)
    except (InviteUnknown, BadTransition) as refusal:
        # Somebody was faster since the invite was read: another phone, or this one's own repeated request.
        with services.database.reading() as connection:
            used = device_store.find_invite(connection, services.ledger.id, wanted.code)
        if used is not None and used.request is not None:
            return _answered(used, request), False
        if old is not None:
            check_replaceable(services, old.id, invite.user)
        raise refusal
    return answer, True


def _drafts(device: str, user: str, wanted: EnrolRequest, old: Device | None) -> list[Draft]:
    """Return the end of the old device, where there is one, and the beginning of the new one."""
    values = {
        "user": user,
        "sign_key": lines.b64u(wanted.sign_key),
        "seal_key": lines.b64u(wanted.seal_key),
        "kem": wanted.kem,
        "app": wanted.app,
    }
    if old is None:
        return [Draft("create", "device", device, values)]
    chain = {"supersedes": old.id, "chain": old.chain, "place": old.place + 1}
    step = {"stage": {"from": old.stage, "to": SUPERSEDED}}
    return [Draft("edit", "device", old.id, step), Draft("create", "device", device, {**values, **chain})]


def _replaced(services: Services, invite: Invite, wanted: EnrolRequest) -> Device | None:
    """Return the device whose place the new one takes, as the invite says; None for nobody's.

    A phone that holds another device's work says which, and takes that one's place or that of one which ended:
    nobody's unsent work gets under another's name, nor beside a chain that still goes on.
    """
    if invite.supersedes is not None and wanted.supersedes in (None, invite.supersedes):
        return check_replaceable(services, invite.supersedes, invite.user)
    if wanted.supersedes is None:
        return None
    with services.database.reading() as connection:
        own = device_store.find(connection, services.ledger.id, wanted.supersedes)
    if own is None or own.user != invite.user:
        raise NotAllowed("this phone holds another user's work, which must leave it first")
    if own.stage != SUPERSEDED:
        raise NotAllowed(
            f"this phone is enrolled as {own.id}; the invite must be made to replace that device"
        )
    if invite.supersedes is None:
        return None
    return check_replaceable(services, invite.supersedes, invite.user)


def _answered(invite: Invite, request: str) -> str:
    """Return what the request was answered that used the invite; raises InviteUnknown if it was another one."""
    if invite.request != request or invite.answer is None:
        raise InviteUnknown
    return invite.answer


def _answer(
    services: Services, head: Head, *, device: str, invite: Invite, request: str, old: Device | None
) -> str:
    payload = {
        **({"supersedes": old.id} if old else {}),
        "v": 1,
        "origin": services.ledger.origin,
        "request": request,
        "device": device,
        "user": invite.user,
        "epoch": head.epoch,
        "checkpoint": head.note,
        "time": services.now_ms(),
    }
    keyring = services.keyring
    return signing.sign(keyring.ledger, signing.ENROLLED, payload, kid=keyring.ledger_kid)
