"""Following a ledger into a new epoch after a disaster: by the recovery key's word alone, and with nothing forgotten.

What the phone holds receipts for and the new epoch lacks is sent again as it was; the old receipts are kept for good,
shown to the server, and compared with what came back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from mobile_stub import checking, ledger_view
from mobile_stub.kit import CURSOR, DOUBTED, EPOCH, HEAD, KEYS, LOST, OPENED, REPIN, Kit
from mobile_stub.sending_again import acknowledged, take_out, unacknowledge
from mobile_stub.trouble import NotTheServer, ServerRefused
from schemas.wire.keys import KeyList, read_keys
from sync import checkpoint, epochs, lines, merkle, receipt, signing
from sync.changes import Manifest, Seen
from sync.checkpoint import Checkpoint
from sync.entries import from_line
from sync.epochs import EpochChanged, Epochs, Recovery
from sync.errors import BadProof
from sync.key_chain import KeyCompromised
from sync.receipt import Receipt

JOSE = "application/jose"


def following(kit: Kit, tell: Callable[[dict[str, Any]], None], act: Callable[[], None]) -> None:
    """Do a part of a sync; where the ledger speaks from another epoch, follow it there and do the part once more.

    tell: told of the change of epoch. Raises BadProof where the recovery key does not stand for it.
    """
    try:
        act()
    except ServerRefused as refused:
        if refused.code != EpochChanged.code:
            raise
        tell(adopt(kit, proven=False))
        act()
    except BadProof as contradiction:
        if "epoch" not in contradiction.facts:
            raise
        tell(adopt(kit, proven=True))
        act()


def known(kit: Kit) -> Epochs:
    """Return the recoveries that this phone has followed."""
    kept, keys = kit.journal.get(OPENED) or [], kit.keys
    key = signing.public_key(keys.recovery) if kept and keys is not None else None
    return Epochs([epochs.read(jws, key) for jws in kept] if key is not None else ())


def carried(kit: Kit, manifest: Manifest, epoch: str) -> Seen | None:
    """Return what a set's `seen` comes to in a later epoch, None where it is of that epoch or the phone saw nothing."""
    if manifest.seen is None or manifest.seen.epoch == epoch:
        return None
    return known(kit).carried(manifest.seen, epoch)


# -- the step into the new epoch -------------------------------------------------------------------------


def adopt(kit: Kit, *, proven: bool) -> dict[str, Any]:
    """Verify the epoch that the ledger speaks from, take it for the phone's own in one step, and say what changed.

    proven: the ledger key has signed something of another epoch; else the server merely says so
    """
    old = kit.head
    found = _key_list(kit)
    if found.epoch == old.epoch:
        if proven:
            raise BadProof(f"the ledger signs for another epoch than the one that it lists, {old.epoch}")
        raise NotTheServer("the server speaks of another epoch and lists this one")
    opened = _read(kit, found)
    path = Epochs([one for one, _ in opened]).path(old.epoch, found.epoch)
    bound = Epochs([one for one, _ in opened]).fork(old.epoch, found.epoch)
    if not path or bound is None:
        raise BadProof(f"the recovery key has not opened the epoch {found.epoch} from {old.epoch}")
    keys = [signing.public_key(raw) for raw in found.chain]
    new = _new_head(kit, found.epoch, keys)
    entries = {one.epoch: line for one, line in opened}
    for step in path:
        _starts_at(kit, step.fork.size, bytes.fromhex(step.fork.root), new)
        _has_entry(kit, step, entries[step.epoch], keys)
    receipts = _receipts(kit)
    for size, root in _newest_below(kit, bound, receipts):
        _starts_at(kit, size, root, new)
    lost = {seq: one for seq, one in receipts.items() if one.last >= bound}
    changed = {
        "from": old.epoch,
        "to": found.epoch,
        "fork": bound,
        "at": path[-1].at,
        "sets_to_send_again": len(lost),
    }
    _take_over(kit, found, new, bound, lost, changed)
    return changed


def _key_list(kit: Kit) -> KeyList:
    """Return the present key list; its serial may lie below the one at hand, as keys were lost as well."""
    own = kit.identity
    try:
        found = read_keys(kit.transport.get("/v1/keys", signed=False).jws(), own.ledger_pin)
    except KeyCompromised:
        kit.journal.put(REPIN, True)
        raise
    checking.check_keys(found, None, origin=own.origin, recovery_pin=own.recovery_pin)
    return found


def _read(kit: Kit, found: KeyList) -> list[tuple[Recovery, bytes]]:
    key = signing.public_key(found.recovery)
    opened = [(epochs.read(jws, key), line) for jws, line in found.epochs]
    if any(one.origin != kit.identity.origin for one, _ in opened):
        raise BadProof("a statement opens an epoch of another ledger")
    return opened


def _new_head(kit: Kit, epoch: str, keys: Sequence[Ed25519PublicKey]) -> Checkpoint:
    try:
        note = kit.transport.get("/ledger/checkpoint", signed=False).content.decode()
    except UnicodeDecodeError as error:
        raise NotTheServer("the checkpoint is not text") from error
    head = checkpoint.verify(note, keys)
    if (head.origin, head.epoch) != (kit.identity.origin, epoch):
        raise BadProof(f"the checkpoint is that of {head.name}")
    return head


def _starts_at(kit: Kit, size: int, root: bytes, new: Checkpoint) -> None:
    """Return if a tree that was there before is a prefix of the new one; raises BadProof."""
    if size > new.size:
        raise BadProof("the new epoch is smaller than what it begins with")
    nodes = ledger_view.fetched_proof(kit, size, new.size) if size != new.size else ()
    merkle.verify_consistency(size, root, new.size, new.root, nodes)


def _has_entry(kit: Kit, step: Recovery, line: bytes, keys: Sequence[Ed25519PublicKey]) -> None:
    """Return if the epoch's own entry stands right behind the fork, under a head by a pinned key."""
    entry = from_line(line)
    if entry.kind != epochs.KIND or entry.change != lines.digest(epochs.body_line(step.jws)):
        raise BadProof("the entry of an epoch does not commit to its statement")
    text = kit.transport.get("/ledger/proof", {"index": step.fork.size}).content.decode("utf-8", "replace")
    index, _ = checkpoint.verify_proof_text(text, merkle.leaf_hash(line), keys)
    if index != step.fork.size:
        raise BadProof("the proof is for another entry than the epoch's")


def _receipts(kit: Kit) -> dict[int, Receipt]:
    """Return the receipts that this phone holds, by seq; each was verified when it came."""
    found = {}
    for sealed in acknowledged(kit.journal):
        found[sealed.seq] = receipt.parse(signing.peek(sealed.receipt or "", signing.RECEIPT)[1])
    return found


def _newest_below(kit: Kit, bound: int, receipts: dict[int, Receipt]) -> list[tuple[int, bytes]]:
    """Return the newest head of its own that the phone verified and that lies below the fork, if there is one."""
    heads = [kit.head, *(checkpoint.parse(one.checkpoint) for one in receipts.values())]
    below = [(head.size, head.root) for head in heads if 0 < head.size <= bound]
    return [max(below)] if below else []


def _take_over(
    kit: Kit, found: KeyList, new: Checkpoint, bound: int, lost: dict[int, Receipt], changed: dict[str, Any]
) -> None:
    journal = kit.journal
    with journal.transaction():
        for seq in sorted(lost):
            if seq < 0:
                # Of the phone whose place this one took: it goes again in sets of this one.
                take_out(journal, [kept.n for kept in journal.of_set(seq)])
                continue
            sealed = journal.a_set(seq)
            assert sealed is not None, "its receipt was read"
            journal.put(f"{LOST} {seq}", {"receipt": sealed.receipt, "shown": False})
            unacknowledge(journal, seq)
        journal.put(LOST, sorted({*(journal.get(LOST) or ()), *(seq for seq in lost if seq > 0)}))
        _judged_before(kit, bound)
        journal.put(HEAD, new.note)
        journal.put(KEYS, found.jws)
        journal.put(OPENED, [jws for jws, _ in found.epochs])
        # Every copy is taken anew: what the ledger does not hold any more is put out of sight.
        journal.put(DOUBTED, journal.copy_ids())
        journal.put(CURSOR, "")
        journal.put(EPOCH, changed)


def _judged_before(kit: Kit, bound: int) -> None:
    """Take back what later entries said of changes whose receipts stand: those entries were lost."""
    for sealed in acknowledged(kit.journal):
        said = receipt.parse(signing.peek(sealed.receipt or "", signing.RECEIPT)[1])
        for kept in kit.journal.of_set(sealed.seq):
            if int((kept.outcome or {}).get("index", -1)) < bound:
                continue
            place = next(
                n for n, line in enumerate(said.entries) if from_line(line).change == kept.change.digest
            )
            line = said.entries[place]
            outcome = checking.outcome_of(from_line(line), said.first + place, line)
            kit.journal.put_outcome(kept.change.id, outcome, settled=not checking.needs_a_look(outcome))


# -- what was lost ---------------------------------------------------------------------------------------------


def is_lost(kit: Kit, seq: int) -> bool:
    """Return whether a set was acknowledged in an earlier epoch and lost with it."""
    return seq in (kit.journal.get(LOST) or ())


def show_receipts(kit: Kit) -> None:
    """Show the server the receipts of what was lost, so that it knows what it once had; each once."""
    for seq in kit.journal.get(LOST) or ():
        kept = kit.journal.get(f"{LOST} {seq}")
        if kept["shown"]:
            continue
        kit.transport.ask(
            "POST",
            "/v1/receipts",
            content=kept["receipt"].encode("ascii"),
            headers={"Content-Type": JOSE},
            good=(204,),
        )
        kit.journal.put(f"{LOST} {seq}", {**kept, "shown": True})


def recovered(kit: Kit) -> dict[str, Any] | None:
    """Return how the change of epoch stands: what is back, what waits, and every entry that is missing; None: none."""
    changed = kit.journal.get(EPOCH)
    if changed is None:
        return None
    back, waiting, missing = 0, 0, []
    for seq in kit.journal.get(LOST) or ():
        said = receipt.parse(signing.peek(kit.journal.get(f"{LOST} {seq}")["receipt"], signing.RECEIPT)[1])
        sealed = kit.journal.a_set(seq)
        if sealed is None or sealed.receipt is None:
            waiting += len(said.entries)
            continue
        now = receipt.parse(signing.peek(sealed.receipt, signing.RECEIPT)[1])
        held = _digests(now.entries)
        for n, digest in enumerate(_digests(said.entries)):
            if digest in held:
                back += 1
            else:
                missing.append({"seq": seq, "n": n, "entry": said.first + n, "change": digest})
    return {**changed, "back": back, "waiting": waiting, "missing": missing}


def _digests(entries: Sequence[bytes]) -> list[str]:
    return [from_line(line).change for line in entries]
