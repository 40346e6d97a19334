"""Enrolling: the keys are made and kept first, so that a lost answer is asked for again with the same request."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mobile_stub import checking, identity, ledger_view, push
from mobile_stub.clock import Random
from mobile_stub.identity import Hardness, Identity
from mobile_stub.kit import CHAIN, HANDED, HEAD, KEYS, SHUT_OUT, STOPPED, Kit
from mobile_stub.transport import JOSE, Answer, Transport
from mobile_stub.trouble import Alarmed, AlreadyEnrolled, ServerRefused, StaleKeys
from schemas.wire.enrol import Enrolled, EnrolRequest, Invite, read_enrolled
from schemas.wire.keys import KeyList, read_keys
from sync import checkpoint, key_chain, lines, signing
from sync.errors import BadProof, PinMismatch


def prepare(home: Path, invite: Invite, pin: str, *, random: Random, hardness: Hardness | None) -> Identity:
    """Return the identity that will enrol, durably kept under the PIN; raises AlreadyEnrolled, WrongPin, WeakPin.

    A phone that was cut off while enrolling has keys already and keeps them: its request stays the same. One that is
    enrolled gets the keys of the device that takes its place, and stays what it is until the server has taken them.
    """
    if identity.exists(home):
        known = identity.load(home, pin)
        made = identity.renew(known, invite, random) if known.device else identity.rescan(known, invite)
    else:
        made = identity.begin(invite, random)
    identity.save(home, made, pin, random=random, hardness=hardness)
    return made


def join(kit: Kit, invite: Invite) -> Identity:
    """Return the identity of a phone that was enrolled for the first time, once it knows where the ledger stood."""
    known, keys, enrolled, answer = introduce(kit.identity, invite, kit.transport)
    kit.become(known)
    remember(kit, keys, enrolled, answer)
    return known


def take_place(kit: Kit, invite: Invite) -> Identity:
    """Return the identity of the device that took this one's place; raises Alarmed where nothing may be synced."""
    if (alarm := kit.alarm) is not None:
        raise Alarmed(alarm)
    settle_old(kit)
    known, keys, enrolled, answer = introduce(kit.identity, invite, kit.transport)
    follow(kit, keys, enrolled, answer)
    return known


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
    if own.origin and own.origin != keys.origin:
        raise AlreadyEnrolled("this phone holds the work of another ledger, which must not get into this one")
    own = identity.becoming(own, invite.url)
    request = request_of(own, invite, keys.origin)
    answer = transport.ask(
        "POST",
        "/v1/devices",
        content=request.encode(),
        headers={"Content-Type": JOSE},
        signed=False,
        good=(200, 201),
    )
    chain = [signing.public_key(raw) for raw in keys.chain]
    maker = key_chain.maker(answer.jws(), signing.ENROLLED, chain)
    enrolled = read_enrolled(answer.jws(), maker, origin=keys.origin, request=request)
    head = checkpoint.verify(enrolled.checkpoint, chain)
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


def repin(kit: Kit, invite: Invite) -> tuple[Identity, KeyList]:
    """Return the identity that pins the invite's ledger key, and the key list that this key leads to.

    For a phone whose pinned key was compromised: the invite was scanned at the bureau's own screen. Whether it is the
    same ledger is told by origin and recovery key, which never change. Raises PinMismatch, BadProof, BadSignature.
    """
    own = kit.identity
    if invite.recovery != own.recovery_pin:
        raise PinMismatch("the invite is that of another ledger")
    keys = read_keys(kit.transport.get("/v1/keys", signed=False).jws(), invite.ledger)
    checking.check_keys(keys, None, origin=own.origin, recovery_pin=own.recovery_pin)
    kept = kit.journal.get(KEYS)
    if kept and keys.serial < int(signing.peek(kept, signing.KEYS)[1]["serial"]):
        raise BadProof("the key list is older than one this phone has seen")
    return replace(own, ledger_pin=invite.ledger, ledger_key=lines.b64u(keys.ledger)), keys


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
        supersedes=own.former or None,
    )
    return signing.sign(own.signing_key, signing.ENROL, request.payload(), kid=own.kid)


def settle_old(kit: Kit) -> None:
    """Ask once more for the receipts of sets that may be in the ledger; what gets none goes again under the new device.

    Without it a phone would be told `same` of what was refused while its answer got lost.
    """
    for sealed in kit.journal.unacknowledged():
        try:
            push.resend(kit, sealed)
        except ServerRefused:
            continue


def inherit(kit: Kit) -> None:
    """Let the work of the device that this phone was begin the chain of the one that it is, once."""
    if kit.identity.former and kit.journal.get(CHAIN) != kit.identity.device:
        with kit.journal.transaction():
            kit.journal.begin_chain()
            for name in (STOPPED, SHUT_OUT, HANDED):
                kit.journal.drop(name)
            kit.journal.put(CHAIN, kit.identity.device)


def follow(kit: Kit, keys: KeyList, enrolled: Enrolled, answer: Answer) -> None:
    """Keep where the ledger stands by now, held against what this phone had seen before; raises BadProof."""
    head = ledger_view.follow(kit, enrolled.checkpoint)
    with kit.journal.transaction():
        ledger_view.keep_head(kit, head)
        kit.journal.put(KEYS, keys.jws)
        size = checkpoint.parse(enrolled.checkpoint).size
        if answer.status == 201:
            moment = kit.moment(answer)
            kit.set_anchor(
                checking.anchor_at(moment, epoch=enrolled.epoch, index=size - 1, time=enrolled.time)
            )


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
