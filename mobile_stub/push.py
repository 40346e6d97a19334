"""Sending: changes are sealed into sets, sets go in order, each is done only by its verified receipt."""

from __future__ import annotations

from dataclasses import dataclass, field

from mobile_stub import checking, dismissal, epochs, ledger_view
from mobile_stub.journal import Kept, SealedSet
from mobile_stub.kit import STOPPED, Kit
from mobile_stub.sending_again import take_out
from mobile_stub.transport import Answer
from mobile_stub.trouble import ChainDiffers, Damaged, ServerBehind, ServerRefused
from schemas.upcasts import SCHEMA_VERSION
from schemas.wire.change_set import read_manifest
from schemas.wire.feed import read_self
from schemas.wire.keys import KeyList
from sync import changes, envelope, lines, receipt, signing
from sync.changes import CHANGES_MAX, SEALED_BYTES_MAX, TEXT_BYTES_MAX, Manifest
from sync.errors import DeviceRevoked, RekeyRequired, Unopenable

MEDIA_TYPE = "application/vnd.wardledger.change-set"
ENROLLED = "enrolled"
MANIFEST_BYTES_ROOM = 8 * 1024
"""Room left below the limits: a set may be sealed again to a key whose KEM writes more."""


@dataclass
class Pushed:
    """What a push did; verdicts counts the acknowledged changes by their verdict."""

    sets: int = 0
    changes: int = 0
    verdicts: dict[str, int] = field(default_factory=dict)


def push(kit: Kit, done: Pushed) -> None:
    """Send what waits: first the sets that have no receipt yet, then the outbox in new sets.

    A revoked phone hands over all that it holds once (it may be evidence; the server keeps it in quarantine)
    and stops then; without receipts nothing of it is deleted. done: counts as it goes
    """
    kit.refuse_if_stopped()
    epochs.show_receipts(kit)
    revoked: ServerRefused | None = None
    for sealed in kit.journal.unacknowledged():
        if sealed.seq > kit.handed:
            revoked = _hand_over(kit, sealed, done) or revoked
    if revoked is None and kit.journal.count_waiting():
        compare_chain(kit)
    while (sealed_next := seal_next(kit)) is not None:
        revoked = _hand_over(kit, sealed_next, done) or revoked
    if revoked is not None:
        kit.journal.put(STOPPED, revoked.code)
        raise revoked


def _hand_over(kit: Kit, sealed: SealedSet, done: Pushed) -> ServerRefused | None:
    """Send one set; returns the refusal if the phone is revoked, after which the next set is sent all the same."""
    try:
        send(kit, sealed, done)
    except ServerRefused as refused:
        if refused.code == DeviceRevoked.code:
            said = dismissal.heed(kit, refused)
            dismissal.handed_over(kit, sealed.seq, manifest_of(sealed).digest, said)
            return refused
        raise
    return None


def compare_chain(kit: Kit) -> None:
    """Return if the server's end of this device's chain is the phone's own; raises ChainDiffers.

    A restored or copied folder is found here, before it seals a second set with a number that is taken. A
    revoked phone's sets are in no chain, so that there is nothing to compare.
    """
    there = read_self(kit.transport.get("/v1/devices/self", headers=kit.presented).json())
    if there.stage != ENROLLED:
        return
    last = kit.journal.last_set()
    seq = last.seq if last else 0
    if there.seq > seq:
        raise ChainDiffers(f"the server has {there.seq} sets of this phone, the phone knows {seq}")
    if there.seq < seq:
        raise ServerBehind(
            f"the server lacks sets {there.seq + 1} to {seq}, for which this phone holds receipts"
        )
    if last is not None and there.digest is not None and there.digest != manifest_of(last).digest:
        raise ChainDiffers(f"the server has another set {seq} of this phone")


def manifest_of(sealed: SealedSet) -> Manifest:
    """Return the manifest of a set."""
    return read_manifest(sealed.manifest)


# -- sealing -----------------------------------------------------------------------------------------


def seal_next(kit: Kit) -> SealedSet | None:
    """Write the manifest of the next set durably and return it; None when nothing waits."""
    kit.refuse_if_stopped()
    with kit.journal.transaction():
        chosen = fitting(kit.journal.waiting(CHANGES_MAX))
        if not chosen:
            return None
        last = kit.journal.last_set()
        seq = last.seq + 1 if last else 1
        jws = signed_manifest(kit, seq, manifest_of(last).digest if last else lines.ZERO_DIGEST, chosen)
        kit.journal.add_set(seq, jws, [kept.n for kept in chosen])
        return SealedSet(seq, jws, None, None)


def signed_manifest(kit: Kit, seq: int, prev: str, chosen: list[Kept]) -> str:
    """Return the compact JWS by which the device signs a set."""
    own = kit.identity
    manifest = Manifest(
        origin=own.origin,
        device=own.device,
        seq=seq,
        prev=prev,
        count=len(chosen),
        root=changes.root_hex([kept.change.line for kept in chosen]),
        made_at=kit.clock.wall_ms(),
        app=own.app,
        schema=SCHEMA_VERSION,
        ledger_key=own.ledger_pin,
        seen=kit.seen,
    )
    return signing.sign(own.signing_key, signing.MANIFEST, manifest.payload(), kid=own.kid)


def fitting(waiting: list[Kept]) -> list[Kept]:
    """Return as many changes from the front as one set can carry; never a part of a `tx` group.

    Salts and digests do not compress, so the sealed size is reckoned from the text: at worst it does not
    shrink at all, and a set that long is cut by its text.
    """
    groups: list[list[Kept]] = []
    for kept in waiting:
        tx = kept.change.tx
        if groups and tx is not None and groups[-1][0].change.tx == tx:
            groups[-1].append(kept)
        else:
            groups.append([kept])
    if len(waiting) == CHANGES_MAX and len(groups) > 1 and groups[-1][0].change.tx is not None:
        groups.pop()  # its other members may lie behind the limit
    chosen: list[Kept] = []
    size = 0
    for group in groups:
        size += sum(_size(kept) for kept in group)
        if chosen and size > min(SEALED_BYTES_MAX, TEXT_BYTES_MAX) - MANIFEST_BYTES_ROOM:
            break
        chosen.extend(group)
    return chosen


def _size(kept: Kept) -> int:
    return len(kept.change.line) + 1 + sum(len(line) + 1 for line in kept.private)


# -- sending -------------------------------------------------------------------------------------------


def send(kit: Kit, sealed: SealedSet, done: Pushed) -> None:
    """Send one set until it has its receipt, under another opening key where the server asks for it."""
    kit.refuse_if_stopped()
    resend(kit, sealed)
    kept = kit.journal.of_set(sealed.seq)
    done.sets += 1
    done.changes += len(kept)
    for one in kept:
        verdict = str((one.outcome or {}).get("verdict"))
        done.verdicts[verdict] = done.verdicts.get(verdict, 0) + 1


def resend(kit: Kit, sealed: SealedSet) -> None:
    """Send one set and take its receipt, whether the phone was stopped or not; see send."""
    kept = kit.journal.of_set(sealed.seq)
    manifest = manifest_of(sealed)
    if len(kept) < manifest.count and epochs.is_lost(kit, sealed.seq):
        _abandon(kit, sealed, manifest, kept)
        return
    # Read back from the disk: what does not add up to its manifest now must not leave the phone.
    if changes.root_hex([one.change.line for one in kept]) != manifest.root:
        raise Damaged(f"set {sealed.seq} is not what its manifest signs")
    text = changes.text_of(sealed.manifest, [(one.change.line, one.private) for one in kept])
    answer = _post(kit, text, ledger_view.fresh_keys(kit))
    acknowledge(kit, manifest, kept, answer)


def _abandon(kit: Kit, sealed: SealedSet, manifest: Manifest, kept: list[Kept]) -> None:
    """Send a set that was lost and whose text is not here any more as its manifest line alone: the chain goes on.

    What is still here of it goes again in a new set.
    """
    answer = _post(kit, f"{sealed.manifest}\n".encode("ascii"), ledger_view.fresh_keys(kit))
    own, token = kit.identity, answer.jws()
    expected = receipt.Expected(
        origin=own.origin,
        device=own.device,
        seq=manifest.seq,
        manifest=manifest.digest,
        changes=(lines.digest(b""),),
        seen=manifest.seen,
        start=epochs.carried(kit, manifest, kit.head.epoch),
    )
    verified = receipt.verify(token, ledger_view.keys_of_token(kit, token, signing.RECEIPT), expected)
    head = ledger_view.follow(kit, verified.head.note)
    with kit.journal.transaction():
        kit.journal.put_receipt(manifest.seq, token, max(entry.at for entry in verified.entries))
        take_out(kit.journal, [one.n for one in kept])
        ledger_view.keep_head(kit, head)


def _post(kit: Kit, text: bytes, keys: KeyList) -> Answer:
    """Post a set; a retired or unknown opening key gets the same text once more under a current one."""
    try:
        return _post_once(kit, text, keys)
    except ServerRefused as refused:
        if refused.code not in (RekeyRequired.code, Unopenable.code):
            raise
    return _post_once(kit, text, ledger_view.fresh_keys(kit, again=True))


def _post_once(kit: Kit, text: bytes, keys: KeyList) -> Answer:
    own, key = kit.identity, keys.opening_key()
    info = envelope.change_set_info(own.origin, own.device, key.kid)
    body = envelope.seal(text, kem=key.kem, public=key.key, info=info)
    headers = {"Content-Type": MEDIA_TYPE, "Wardledger-Device": own.device, "Wardledger-Key": key.kid}
    headers |= kit.presented
    return kit.transport.ask("POST", "/v1/change-sets", content=body, headers=headers, good=(200, 201))


def acknowledge(kit: Kit, manifest: Manifest, kept: list[Kept], answer: Answer) -> None:
    """Verify the receipt and keep it, the outcomes, the head and the anchor in one step."""
    own, token = kit.identity, answer.jws()
    expected = receipt.Expected(
        origin=own.origin,
        device=own.device,
        seq=manifest.seq,
        manifest=manifest.digest,
        changes=tuple(one.change.digest for one in kept),
        seen=manifest.seen,
        start=epochs.carried(kit, manifest, kit.head.epoch),
    )
    verified = receipt.verify(token, ledger_view.keys_of_token(kit, token, signing.RECEIPT), expected)
    # The receipt's own proof starts at what the manifest had seen; a head that moved on since needs its own.
    joined = manifest.seen == kit.seen and verified.head.name == kit.head.name
    head = verified.head if joined else ledger_view.follow(kit, verified.head.note)
    received = max(entry.at for entry in verified.entries)
    with kit.journal.transaction():
        kit.journal.put_receipt(manifest.seq, token, received)
        for place, (one, entry) in enumerate(zip(kept, verified.entries, strict=True)):
            index = verified.receipt.first + place
            if int((one.outcome or {}).get("index", -1)) > index:
                continue  # Its receipt was lost, and the feed has told since what became of it.
            outcome = checking.outcome_of(entry, index, verified.receipt.entries[place])
            if one.outcome is not None and checking.only_repeats(outcome):
                continue  # The feed has told what became of it where it came first.
            kit.journal.put_outcome(one.change.id, outcome, settled=not checking.needs_a_look(outcome))
        ledger_view.keep_head(kit, head)
        if answer.status == 201:
            # A receipt that is sent again is old: its time would put later captures too early.
            moment = kit.moment(answer)
            heard = checking.anchor_at(moment, epoch=head.epoch, index=verified.receipt.last, time=received)
            kit.set_anchor(heard)
