"""The receipt: proof for one phone that each of its changes stands in the signed tree.

A JWS by the ledger key. From the compact range at `first` and its own entry lines the phone computes
the root at `last`+1 and follows one consistency proof to the checkpoint, another back to what it had
seen; so nothing that was acknowledged can be missing or altered without being noticed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sync import checkpoint, lines, signing
from sync.changes import Seen
from sync.checkpoint import Checkpoint
from sync.entries import Entry, from_line
from sync.errors import BadProof, Malformed, NotCanonical
from sync.merkle import CompactRange, leaf_hash, verify_consistency


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the server acknowledges for one change-set; hashes as bytes, entry lines as stored."""

    origin: str
    device: str
    seq: int
    manifest: str
    first: int
    entries: tuple[bytes, ...]
    range: tuple[bytes, ...]
    checkpoint: str
    seen_size: int
    from_seen: tuple[bytes, ...]
    to_checkpoint: tuple[bytes, ...]

    @property
    def last(self) -> int:
        """Index of the last entry of the set."""
        return self.first + len(self.entries) - 1

    def payload(self) -> dict[str, Any]:
        """Return the JSON that the ledger key signs."""
        return {
            "v": 1,
            "origin": self.origin,
            "device": self.device,
            "seq": self.seq,
            "set": self.manifest,
            "first": self.first,
            "last": self.last,
            "entries": [line.decode() for line in self.entries],
            "range": [lines.b64u(node) for node in self.range],
            "checkpoint": self.checkpoint,
            "seen": self.seen_size,
            "from_seen": [lines.b64u(node) for node in self.from_seen],
            "to_checkpoint": [lines.b64u(node) for node in self.to_checkpoint],
        }


def parse(payload: dict[str, Any]) -> Receipt:
    """Return the receipt of a verified payload; raises Malformed."""
    if any(type(payload.get(name)) is not int for name in ("seq", "first", "last", "seen")):
        raise Malformed("a number of the receipt is none")
    if any(type(payload.get(name)) is not str for name in ("origin", "device", "set", "checkpoint")):
        raise Malformed("a text of the receipt is none")
    try:
        found = Receipt(
            origin=payload["origin"],
            device=payload["device"],
            seq=payload["seq"],
            manifest=payload["set"],
            first=payload["first"],
            entries=tuple(line.encode() for line in payload["entries"]),
            range=tuple(lines.unb64u(node, length=32) for node in payload["range"]),
            checkpoint=payload["checkpoint"],
            seen_size=payload["seen"],
            from_seen=tuple(lines.unb64u(node, length=32) for node in payload["from_seen"]),
            to_checkpoint=tuple(lines.unb64u(node, length=32) for node in payload["to_checkpoint"]),
        )
    except (KeyError, TypeError, AttributeError, NotCanonical) as error:
        raise Malformed("the receipt lacks a member or one has the wrong type") from error
    if lines.encode(found.payload()) != lines.encode(payload):
        raise Malformed("the receipt has a member too many, or its last does not fit its entries")
    return found


@dataclass(frozen=True, slots=True)
class Expected:
    """What the phone knows of the set that it sent.

    start: what `seen` comes to in the present epoch, where it is of an earlier one and the phone followed a recovery
    """

    origin: str
    device: str
    seq: int
    manifest: str
    changes: tuple[str, ...]
    seen: Seen | None
    start: Seen | None = None


@dataclass(frozen=True, slots=True)
class Verified:
    """A receipt that holds: its entries in the set's order, and the checkpoint that covers them."""

    receipt: Receipt
    entries: tuple[Entry, ...]
    head: Checkpoint


def verify(token: str, keys: Sequence[Ed25519PublicKey], expected: Expected) -> Verified:
    """Return the verified receipt; raises BadSignature, BadProof or Malformed.

    keys: the pinned ledger keys; expected.changes: digests of the sent change lines, in order
    """
    kid, _ = signing.peek(token, signing.RECEIPT)
    key = next((k for k in keys if signing.key_id(signing.public_raw(k)) == kid), None)
    if key is None:
        raise BadProof("the receipt names a ledger key that is not pinned")
    receipt = parse(signing.verify(token, signing.RECEIPT, key))
    _is_about(receipt, expected)
    head = checkpoint.verify(receipt.checkpoint, keys)
    if head.origin != expected.origin:
        raise BadProof("the receipt leads to another ledger's head")
    tree = CompactRange(receipt.first, receipt.range)
    _goes_on(receipt, expected.start or expected.seen, head, tree.root())
    for line in receipt.entries:
        tree.append(leaf_hash(line))
    verify_consistency(tree.size, tree.root(), head.size, head.root, receipt.to_checkpoint)
    return Verified(receipt, _entries(receipt, expected), head)


def _goes_on(receipt: Receipt, seen: Seen | None, head: Checkpoint, root_at_first: bytes) -> None:
    """Return if the tree that the receipt extends is the one that the phone saw; raises BadProof."""
    if seen is None:
        if receipt.from_seen:
            raise BadProof("a proof from what this phone never saw")
        return
    if seen.epoch != head.epoch:
        # A new epoch is opened by the recovery key and shown to the user, never slipped in by a receipt.
        raise BadProof("the ledger is in another epoch than this phone saw", epoch=head.epoch)
    verify_consistency(seen.size, bytes.fromhex(seen.root), receipt.first, root_at_first, receipt.from_seen)


def _is_about(receipt: Receipt, expected: Expected) -> None:
    same = (
        receipt.origin == expected.origin
        and receipt.device == expected.device
        and receipt.seq == expected.seq
        and receipt.manifest == expected.manifest
        and receipt.seen_size == (expected.seen.size if expected.seen else 0)
    )
    if not same:
        raise BadProof("the receipt is for another change-set")


def _entries(receipt: Receipt, expected: Expected) -> tuple[Entry, ...]:
    entries = tuple(from_line(line) for line in receipt.entries)
    if len(entries) != len(expected.changes):
        raise BadProof("the receipt does not list every change")
    for n, (entry, digest) in enumerate(zip(entries, expected.changes, strict=True)):
        if entry.change != digest or entry.set != expected.manifest or entry.n != n:
            raise BadProof(f"entry {n} is not that of the change that was sent", item=digest)
    return entries
