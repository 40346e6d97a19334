"""Enrolling: the keys are made and kept first, so that a lost answer is asked for again with the same request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mobile_stub import checking, identity
from mobile_stub.clock import Random
from mobile_stub.identity import Hardness, Identity
from mobile_stub.kit import HEAD, KEYS, Kit
from mobile_stub.transport import JOSE, Answer, Transport
from mobile_stub.trouble import AlreadyEnrolled, StaleKeys
from schemas.wire.enrol import Enrolled, EnrolRequest, Invite, read_enrolled
from schemas.wire.keys import KeyList, read_keys
from sync import checkpoint, lines, signing
from sync.errors import BadProof


def prepare(home: Path, invite: Invite, pin: str, *, random: Random, hardness: Hardness | None) -> Identity:
    """Return the identity that will enrol, durably kept under the PIN; raises AlreadyEnrolled, WrongPin, WeakPin.

    A phone that was cut off while enrolling has keys already and keeps them: its request stays the same.
    """
    if identity.exists(home):
        known = identity.load(home, pin)
        if known.device:
            raise AlreadyEnrolled
        made = identity.rescan(known, invite)
    else:
        made = identity.begin(invite, random)
    identity.save(home, made, pin, random=random, hardness=hardness)
    return made


def introduce(
    own: Identity, invite: Invite, transport: Transport
) -> tuple[Identity, KeyList, Enrolled, Answer]:
    """Return the identity as the server knows it now; raises BadProof, BadSignature, PinMismatch, ServerRefused."""
    heard = transport.get("/v1/keys", signed=False)
    transport.trust_date(heard)
    keys = read_keys(heard.jws(), own.ledger_pin)
    checking.check_keys(keys, None, origin="", recovery_pin=own.recovery_pin)
    if transport.now_ms() > keys.exp:
        raise StaleKeys
    request = request_of(own, invite, keys.origin)
    answer = transport.ask(
        "POST",
        "/v1/devices",
        content=request.encode(),
        headers={"Content-Type": JOSE},
        signed=False,
        good=(200, 201),
    )
    ledger = signing.public_key(keys.ledger)
    enrolled = read_enrolled(answer.jws(), ledger, origin=keys.origin, request=request)
    head = checkpoint.verify(enrolled.checkpoint, [ledger])
    if (head.origin, head.epoch) != (keys.origin, enrolled.epoch):
        raise BadProof("the checkpoint is that of another ledger")
    known = replace(
        own,
        origin=keys.origin,
        device=enrolled.device,
        user=enrolled.user,
        ledger_key=lines.b64u(keys.ledger),
    )
    return known, keys, enrolled, answer


def request_of(own: Identity, invite: Invite, origin: str) -> str:
    """Return the request's JWS; for the same keys and invite it is the same bytes."""
    receiving = own.receiving_key
    request = EnrolRequest(
        origin=origin,
        code=invite.code_digest,
        sign_key=signing.public_raw(own.signing_key),
        seal_key=receiving.public,
        kem=own.kem,
        ledger_key=own.ledger_pin,
        app=own.app,
    )
    return signing.sign(own.signing_key, signing.ENROL, request.payload(), kid=own.kid)


def remember(kit: Kit, keys: KeyList, enrolled: Enrolled, answer: Answer) -> None:
    """Keep where the ledger stood: what the phone will hold every later answer against."""
    head = checkpoint.parse(enrolled.checkpoint)
    with kit.journal.transaction():
        kit.journal.put(HEAD, head.note)
        kit.journal.put(KEYS, keys.jws)
        heard = checking.anchor_at(
            kit.moment(answer), epoch=enrolled.epoch, index=head.size - 1, time=enrolled.time
        )
        # The same answer again after a lost one is old, and so would be its time.
        if answer.status == 201:
            kit.set_anchor(heard)
