"""A change-set's text: the manifest first, then every place of it, sound or faulty.

A fault inside one line is that change's fault alone, as long as the manifest's root still holds;
otherwise nobody can tell which lines were meant, and the whole set is one faulty item.
"""

from __future__ import annotations

from marshmallow import fields

from schemas.check import fault_in
from schemas.wire.change import read_change
from schemas.wire.parts import ORIGIN, Strict, digest, epoch, instant, load, matching, token, uuid, whole
from sync import changes, lines, signing
from sync.changes import CHANGES_MAX, ChangeSet, Fault, Item, Manifest, Seen
from sync.errors import Malformed, NotCanonical, Refusal, TooLarge

SCHEMA_VERSION = 1


class SeenSchema(Strict):
    """The last checkpoint that the phone verified."""

    epoch = epoch(required=True)
    size = whole(required=True)
    root = digest(required=True)


class ManifestSchema(Strict):
    """What a device signs for one set."""

    v = whole(1, 1, required=True)
    origin = matching(ORIGIN, required=True)
    device = uuid(required=True)
    seq = whole(1, required=True)
    prev = digest(required=True)
    count = whole(1, CHANGES_MAX, required=True)
    root = digest(required=True)
    made_at = instant(required=True)
    app = token(required=True)
    schema = whole(1, required=True)
    ledger_key = digest(required=True)
    seen = fields.Nested(SeenSchema)


MANIFEST = ManifestSchema()


def read_manifest(jws: str) -> Manifest:
    """Return the manifest of a JWS whose signature the caller verifies; raises BadSignature or Malformed."""
    _, payload = signing.peek(jws, signing.MANIFEST)
    body = load(MANIFEST, payload)
    seen = body.get("seen")
    return Manifest(
        origin=body["origin"],
        device=body["device"],
        seq=body["seq"],
        prev=body["prev"],
        count=body["count"],
        root=body["root"],
        made_at=body["made_at"],
        app=body["app"],
        schema=body["schema"],
        ledger_key=body["ledger_key"],
        seen=Seen(**seen) if seen else None,
        jws=jws,
    )


def read_items(manifest: Manifest, rows: list[bytes]) -> tuple[Item, ...]:
    """Return the places of a set in order; never raises for what stands inside a line.

    rows: the text's lines after the manifest
    """
    slots = _slots(rows)
    change_lines = [line for line, _ in slots]
    if len(slots) != manifest.count or changes.root_hex(change_lines) != manifest.root:
        whole_text = b"\n".join(rows)
        fault = Fault(Malformed.code, "the lines are not those that the manifest commits to")
        return (Item(whole_text, None, fault),)
    return tuple(_item(line, private) for line, private in slots)


def _slots(rows: list[bytes]) -> list[tuple[bytes, tuple[bytes, ...]]]:
    """Group lines to (change line, its private lines): a private line is one that has `kind` and no `op`."""
    slots: list[tuple[bytes, list[bytes]]] = []
    for row in rows:
        if slots and _is_private(row):
            slots[-1][1].append(row)
        else:
            slots.append((row, []))
    return [(line, tuple(private)) for line, private in slots]


def _is_private(row: bytes) -> bool:
    if b'"kind":' not in row:
        # No canonical line has the member without these bytes, so most changes are not parsed twice.
        return False
    try:
        body = lines.decode(row)
    except (NotCanonical, TooLarge):
        return False
    return "kind" in body and "op" not in body


def _item(line: bytes, private: tuple[bytes, ...]) -> Item:
    try:
        change = read_change(line, private)
    except Refusal as refusal:
        return Item(line, None, Fault(refusal.code, refusal.detail, refusal.field))
    return Item(line, change, fault_in(change))


def read_set(jws: str, rows: list[bytes]) -> ChangeSet:
    """Return the whole set; raises only for its manifest."""
    manifest = read_manifest(jws)
    return ChangeSet(manifest, read_items(manifest, rows))
