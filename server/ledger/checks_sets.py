"""The devices' chains: manifests, what they commit to, what their phones had seen, and the receipts."""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass

from schemas.wire.change_set import read_body, read_manifest
from server.commit import receipts
from server.commit.work import QUARANTINE_PURPOSE
from server.ledger.checks import BROKEN, Scope
from server.storage import ledger_scan, ledger_store
from server.storage.ledger_scan import StoredCheckpoint
from server.storage.ledger_store import Body, StoredSet
from sync import changes, checkpoint, erasure, lines, receipt, signing
from sync.changes import CHANGES_MAX, Item, Manifest, Seen
from sync.entries import RELEASE, Entry, from_line
from sync.lines import ZERO_DIGEST
from sync.merge import Record
from sync.merkle import compact_range
from sync.tiles import nodes_from


@dataclass(frozen=True)
class Chain:
    """How far a device's chain has come."""

    seq: int = 0
    digest: str = ZERO_DIGEST


class Membership:
    """Tells whether an entry's device, seq and set are those of an accepted set at this place."""

    def __init__(self, scope: Scope):
        self._scope = scope
        self._held: tuple[tuple[str, int], StoredSet | None] | None = None

    def check(self, index: int, entry: Entry) -> None:
        """Note an entry that no accepted set accounts for."""
        if entry.device is None or entry.seq is None or entry.branch is not None:
            return
        key = (entry.device, entry.seq)
        if self._held is None or self._held[0] != key:
            found = ledger_store.change_set(self._scope.connection, self._scope.ledger.id, *key)
            self._held = (key, found)
        one = self._held[1]
        if one is None:
            self._scope.note("change_set", f"{key[0]}/{key[1]}", "", f"missing; entry {index} is of it")
        elif one.digest != entry.set or not _at_its_place(index, entry, one):
            words = f"digest, first or count does not fit entry {index}"
            self._scope.note("change_set", f"{key[0]}/{key[1]}", "first", words)


def _at_its_place(index: int, entry: Entry, one: StoredSet) -> bool:
    """Return whether an entry stands where its set says; one that releases a change of the set stands after it."""
    if entry.kind == RELEASE:
        return entry.n < one.count and index >= one.first + one.count
    return entry.n < one.count and index - one.first == entry.n


def check_sets(scope: Scope, records: Mapping[str, Record]) -> dict[str, Chain]:
    """Check every accepted set; return the head of each device's chain. records: as replayed, for the keys."""
    chains: dict[str, Chain] = {}
    with scope.guarding("change_set", "", ""):
        for number, (one, at) in enumerate(ledger_scan.change_sets(scope.connection, scope.ledger.id)):
            scope.progress("change-sets", number, 0)
            before = chains.get(one.device, Chain())
            chains[one.device] = Chain(one.seq, one.digest)
            key = f"{one.device}/{one.seq}"
            if one.seq != before.seq + 1:
                scope.note("change_set", key, "seq", f"follows seq {before.seq} of this device")
            with scope.guarding("change_set", key, "manifest"):
                _check(scope, one, at, before, records.get(one.device))
    return chains


def _check(scope: Scope, one: StoredSet, at: int, before: Chain, device: Record | None) -> None:
    key = f"{one.device}/{one.seq}"
    manifest = read_manifest(one.manifest)
    _signed(scope, key, one, device)
    for column, stands, said in (
        ("digest", one.digest, manifest.digest),
        ("device", one.device, manifest.device),
        ("seq", one.seq, manifest.seq),
    ):
        if stands != said:
            scope.note("change_set", key, column, "not what the manifest says")
    if manifest.origin != scope.ledger.origin or manifest.ledger_key not in scope.known.pins:
        scope.note("change_set", key, "manifest", "made for another ledger")
    if manifest.prev != before.digest:
        scope.note("change_set", key, "manifest", "does not join the set before it")
    _seen(scope, key, manifest)
    entries = _entries(scope, key, one, manifest)
    if entries is None:
        return
    _lines(scope, key, one, manifest)
    with scope.guarding("change_set", key, "receipt"):
        _receipt(scope, key, one, at, manifest, entries)


def _signed(scope: Scope, key: str, one: StoredSet, device: Record | None) -> None:
    """Check the manifest's signature under the key that the ledger holds for the device."""
    if device is None or device.type != "device":
        scope.note("change_set", key, "device", "the ledger holds no such device")
        return
    with scope.guarding("change_set", key, "manifest"):
        public = signing.public_key(lines.unb64u(str(device.values["sign_key"])))
        signing.verify(one.manifest, signing.MANIFEST, public)


def _seen(scope: Scope, key: str, manifest: Manifest) -> None:
    """Check that what the phone had seen is a state that this ledger had."""
    seen, trusted = manifest.seen, scope.trusted
    if seen is None or trusted is None:
        return
    if seen.epoch != trusted.epoch and (fork := scope.epochs.fork(seen.epoch, trusted.epoch)) is not None:
        if seen.size > fork:
            # What the phone saw of an earlier epoch beyond the fork was lost with it.
            return
    elif seen.epoch != trusted.epoch or seen.size > trusted.size:
        scope.note("change_set", key, "manifest", f"the phone saw {seen.size} entries of {seen.epoch}")
        return
    reader = ledger_store.tile_reader(scope.connection, scope.ledger.id)
    if compact_range(nodes_from(reader), seen.size).root().hex() != seen.root:
        scope.note("change_set", key, "manifest", f"the phone saw another root at {seen.size} entries")


def _entries(scope: Scope, key: str, one: StoredSet, manifest: Manifest) -> list[tuple[bytes, Entry]] | None:
    """Return the set's entries if they are those that first and count name."""
    if not 0 <= one.count <= CHANGES_MAX or one.first < 0:
        scope.note("change_set", key, "count", "out of bounds")
        return None
    stored = ledger_store.entry_lines(scope.connection, scope.ledger.id, one.first, one.count)
    found: list[tuple[bytes, Entry]] = []
    for n, line in enumerate(stored):
        try:
            entry = from_line(line)
        except BROKEN:
            return None
        if (entry.device, entry.seq, entry.set, entry.n) != (one.device, one.seq, manifest.digest, n):
            scope.note("change_set", key, "first", f"entry {one.first + n} is not of this set")
            return None
        found.append((line, entry))
    if len(found) != one.count:
        scope.note("change_set", key, "count", f"{one.count}, but {len(found)} entries are there")
        return None
    beyond = ledger_store.entry_lines(scope.connection, scope.ledger.id, one.first + one.count, 1)
    with scope.guarding("change_set", key, "count"):
        following = from_line(beyond[0]) if beyond else None
        if following and following.set == manifest.digest and following.kind != RELEASE:
            scope.note("change_set", key, "count", f"entry {one.first + one.count} is of this set too")
    return found


def _lines(scope: Scope, key: str, one: StoredSet, manifest: Manifest) -> None:
    """Check the manifest's count and root over the change lines; faulty ones are read from quarantine."""
    bodies = ledger_scan.first_bodies(scope.connection, scope.ledger.id, one.first, one.count)
    if all(body.line for body in bodies):
        stored = [body.line for body in bodies]
        if len(stored) != manifest.count or changes.root_hex(stored) != manifest.root:
            scope.note("change_set", key, "manifest", "commits to other change lines than those stored")
        return
    items = _quarantined(scope, one, manifest)
    if items is None:
        scope.note("quarantine", key, "", "the text of a set with faulty changes is missing")
    elif len(items) != len(bodies):
        scope.note("quarantine", key, "sealed", "holds another number of changes than the ledger")
    else:
        for body, item in zip(bodies, items, strict=True):
            _same(scope, body, item)


def _same(scope: Scope, body: Body, item: Item) -> None:
    """Compare a change's row with what the quarantined text holds at its place."""
    key = f"{body.index}/{body.n}"
    if item.change is None and any(
        erasure.erased_digest(row) in scope.erased for row in item.line.split(b"\n")
    ):
        return  # The whole text was one faulty item, and something in it was erased since.
    if body.digest != lines.digest(item.line):
        scope.note("body", key, "digest", "not the digest of the line in quarantine")
    if body.line and body.line != item.line:
        scope.note("body", key, "line", "not the line that the phone sent")
    if body.change != (item.change.id if item.change else None):
        scope.note("body", key, "change", "not the id of the line in quarantine")


def _quarantined(scope: Scope, one: StoredSet, manifest: Manifest) -> tuple[Item, ...] | None:
    """Return the set's items as the phone sent them, if its text is in quarantine."""
    sealed = ledger_scan.quarantined_texts(scope.connection, scope.ledger.id, one.device, one.seq)
    for text in sealed:
        with scope.guarding("quarantine", f"{one.device}/{one.seq}", "sealed"):
            jws, body = changes.split_manifest(scope.vault.open(one.device, QUARANTINE_PURPOSE, text))
            if lines.digest(jws.encode("ascii")) == manifest.digest:
                return read_body(manifest, body, scope.erased)
    return None


def _receipt(
    scope: Scope, key: str, one: StoredSet, at: int, manifest: Manifest, entries: list[tuple[bytes, Entry]]
) -> None:
    """Put the receipt together again and verify it as its phone does."""
    try:
        token = receipts.assemble(one.receipt, [line for line, _ in entries])
    except zlib.error:
        scope.note("change_set", key, "receipt", "cannot be unpacked")
        return
    expected = receipt.Expected(
        origin=scope.ledger.origin,
        device=one.device,
        seq=one.seq,
        manifest=manifest.digest,
        changes=tuple(entry.change for _, entry in entries),
        seen=manifest.seen,
        start=_start(scope, token, manifest.seen),
    )
    size = checkpoint.parse(signing.peek(token, signing.RECEIPT)[1]["checkpoint"]).size
    verified = receipt.verify(token, scope.standing_at(size), expected)
    if verified.receipt.first != one.first:
        scope.note("change_set", key, "first", f"the receipt says {verified.receipt.first}")
    head = checkpoint.parse(verified.receipt.checkpoint)
    kept = ledger_scan.checkpoint(scope.connection, scope.ledger.id, head.epoch, head.size)
    _leads_to(scope, key, at, kept, verified.receipt.checkpoint, f"{head.epoch}/{head.size}")


def _start(scope: Scope, token: str, seen: Seen | None) -> Seen | None:
    """Return what a phone's `seen` came to when its set was committed, where that was in a later epoch."""
    said = receipt.parse(signing.peek(token, signing.RECEIPT)[1])
    return scope.epochs.carried(seen, checkpoint.parse(said.checkpoint).epoch) if seen is not None else None


def _leads_to(
    scope: Scope, key: str, at: int, kept: StoredCheckpoint | None, note: str, stored_key: str
) -> None:
    """Check that the receipt's checkpoint is stored, and that both were written at the same time."""
    if kept is None:
        scope.note("checkpoint", stored_key, "", f"missing; the receipt {key} leads to it")
        return
    if kept.note != note:
        scope.note("checkpoint", stored_key, "note", f"not the note in the receipt {key}")
    if kept.at != at:
        scope.note("change_set", key, "at", f"not the time of checkpoint {stored_key}")
