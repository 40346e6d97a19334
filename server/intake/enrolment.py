"""Enrolment: a phone with a one-time invite becomes a device of its user."""

from __future__ import annotations

import hmac

from sqlalchemy import Connection

from schemas.drafting import Draft
from schemas.wire.enrol import read_enrol
from server.commit.acts import act, new_id
from server.commit.submission import Result
from server.storage import device_store, ledger_store
from server.storage.device_store import Invite
from server.storage.ledger_store import Head
from server.wiring import Services
from sync import lines, signing
from sync.errors import InviteUnknown, PinMismatch, WrongLedger


def enrol(services: Services, token: str) -> tuple[str, bool]:
    """Return (the signed answer, whether the device is new); the same request again gets the same answer.

    Raises BadSignature, Malformed, WrongLedger, PinMismatch or InviteUnknown. The invite is consumed in
    the transaction that makes the device.
    """
    wanted = read_enrol(token)
    if wanted.origin != services.ledger.origin:
        raise WrongLedger
    if not hmac.compare_digest(wanted.ledger_key, services.keyring.ledger_digest):
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
    answer = _answer(services, head, device=device, user=invite.user, request=request)

    def consume(connection: Connection, _: Result) -> None:
        used = device_store.consume(
            connection, services.ledger.id, wanted.code, request=request, answer=answer
        )
        if not used:
            raise InviteUnknown

    values = {
        "user": invite.user,
        "sign_key": lines.b64u(wanted.sign_key),
        "seal_key": lines.b64u(wanted.seal_key),
        "kem": wanted.kem,
        "app": wanted.app,
    }
    try:
        act(services, [Draft("create", "device", device, values)], kind="device", after=consume)
    except InviteUnknown:
        # Somebody was faster since the invite was read: another phone, or this one's own repeated request.
        with services.database.reading() as connection:
            used = device_store.find_invite(connection, services.ledger.id, wanted.code)
        if used is None:
            raise
        return _answered(used, request), False
    return answer, True


def _answered(invite: Invite, request: str) -> str:
    """Return what the request was answered that used the invite; raises InviteUnknown if it was another one."""
    if invite.request != request or invite.answer is None:
        raise InviteUnknown
    return invite.answer


def _answer(services: Services, head: Head, *, device: str, user: str, request: str) -> str:
    payload = {
        "v": 1,
        "origin": services.ledger.origin,
        "request": request,
        "device": device,
        "user": user,
        "epoch": head.epoch,
        "checkpoint": head.note,
        "time": services.now_ms(),
    }
    keyring = services.keyring
    return signing.sign(keyring.ledger, signing.ENROLLED, payload, kid=keyring.ledger_kid)
