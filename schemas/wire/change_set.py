"""A change-set's text: the manifest first, then every place of it, sound or faulty.

A fault inside one line is that change's fault alone, as long as the manifest's root still holds;
otherwise nobody can tell which lines were meant, and the whole set is one faulty item.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from marshmallow import fields

from schemas import upcasts
from schemas.check import fault_in
from schemas.wire.change import read_change
from schemas.wire.parts import ORIGIN, Strict, digest, epoch, load, matching, token, uuid, whole
from sync import changes, lines, signing
from sync.changes import (
    CHANGES_MAX,
    PRIVATE_LINES_MAX,
    ChangeSet,
    Fault,
    Item,
    Manifest,
    PrivateLine,
    Seen,
)
from sync.errors import Malformed, NotCanonical, Refusal, TooLarge

ROWS_MAX = CHANGES_MAX * (1 + PRIVATE_LINES_MAX)
Slot = tuple[bytes, tuple[bytes, ...]]
"""A change line with the private lines that follow it."""


class SeenSchema(Strict):
    """The last checkpoint that the phone verified."""

    epoch = epoch(required=True)
    size = whole(required=True)
    root = digest(required=True)


class ManifestSchema(Strict):
    """What a device signs for one set.

    How many changes there may be, and what the phone's clock says, is judged afterwards: a manifest that
    could not be read would keep every later set of its phone out.
    """

    v = whole(1, 1, required=True)
    origin = matching(ORIGIN, required=True)
    device = uuid(required=True)
    seq = whole(1, required=True)
    prev = digest(required=True)
    count = whole(1, required=True)
    root = digest(required=True)
    made_at = whole(required=True)
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


def read_body(
    manifest: Manifest, body: bytes, erased: Mapping[str, PrivateLine] | None = None
) -> tuple[Item, ...]:
    """Return the places of a set in order; never raises for what stands behind the manifest's line.

    body: all bytes of the text after the manifest and its LF
    erased: {digest: what is read in the place of an erased line}
    """
    try:
        rows = changes.split_rows(body)
    except Malformed as refusal:
        return _whole(body, refusal)
    return read_items(manifest, rows, erased)


def read_items(
    manifest: Manifest, rows: list[bytes], erased: Mapping[str, PrivateLine] | None = None
) -> tuple[Item, ...]:
    """Return the places of a set in order; never raises for what stands inside a line.

    rows: the text's lines after the manifest
    """
    whole_text = b"\n".join(rows)
    if manifest.count > CHANGES_MAX or len(rows) > ROWS_MAX:
        return _whole(whole_text, TooLarge(f"a set has at most {CHANGES_MAX} changes", field="count"))
    for group in (_slots, _slots_as_said):
        slots = group(rows)
        if len(slots) == manifest.count and changes.root_hex([line for line, _ in slots]) == manifest.root:
            return tuple(_item(manifest, line, private, erased) for line, private in slots)
    return _whole(whole_text, Malformed("the lines are not those that the manifest commits to"))


def _whole(text: bytes, refusal: Refusal) -> tuple[Item, ...]:
    return (Item(text, None, Fault(refusal.code, refusal.detail, refusal.field)),)


def _slots(rows: list[bytes]) -> list[Slot]:
    """Group lines to (change line, its private lines): a private line is one that has `kind` and no `op`."""
    slots: list[tuple[bytes, list[bytes]]] = []
    for row in rows:
        if slots and _is_private(row):
            slots[-1][1].append(row)
        else:
            slots.append((row, []))
    return [(line, tuple(private)) for line, private in slots]


def _slots_as_said(rows: list[bytes]) -> list[Slot]:
    """Group lines as the changes say how many private lines they have.

    So a private line in which nothing can be read any more is the fault of its own change alone. It costs reading
    every line twice, and is wanted only where the lines do not tell by themselves what they are.
    """
    slots: list[tuple[bytes, list[bytes]]] = []
    awaited = 0
    for row in rows:
        body = _body(row)
        if slots and "op" not in body and (awaited or "kind" in body):
            slots[-1][1].append(row)
            awaited = max(0, awaited - 1)
        else:
            slots.append((row, []))
            named = body.get("private")
            awaited = len(named) if type(named) is list else 0
    return [(line, tuple(private)) for line, private in slots]


def _is_private(row: bytes) -> bool:
    # No canonical line has the member without these bytes, so most lines are not parsed twice.
    if b'"kind":' not in row:
        return False
    if row.startswith(b'{"kind":') and b'"op":' not in row:
        # Members are sorted: it has the one and not the other. Whether all of it can be read is seen later.
        return True
    body = _body(row)
    return "kind" in body and "op" not in body


def _body(row: bytes) -> dict[str, Any]:
    """Return what a line holds, nothing if it cannot be read."""
    try:
        return lines.decode(row)
    except (NotCanonical, TooLarge):
        return {}


def _item(
    manifest: Manifest,
    line: bytes,
    private: tuple[bytes, ...],
    erased: Mapping[str, PrivateLine] | None,
) -> Item:
    try:
        change = upcasts.upcast(read_change(line, private, erased), manifest.schema)
    except Refusal as refusal:
        return Item(line, None, Fault(refusal.code, refusal.detail, refusal.field))
    fault = fault_in(change)
    if fault is not None and not upcasts.is_known(manifest.schema):
        # A newer app may know fields and words that this server does not: its work waits, it is not wrong.
        fault = replace(fault, waiting_for=f"schema:{manifest.schema}")
    return Item(line, change, fault)


def read_set(jws: str, rows: list[bytes]) -> ChangeSet:
    """Return the whole set; raises only for its manifest."""
    manifest = read_manifest(jws)
    return ChangeSet(manifest, read_items(manifest, rows))
