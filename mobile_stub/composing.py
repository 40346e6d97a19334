"""Making one change: ids, salts, base, private lines by the declaration; checked before it is kept.

Pure but for the chance that is passed in. A value that its field does not allow is refused here, offline,
with the same words and codes as at the server; then nothing is kept.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mobile_stub.clock import Random
from schemas.check import fault_in
from schemas.records import TYPES
from schemas.wire.change import read_change
from sync import changes
from sync.changes import PRIVATE_KINDS, At, Change
from sync.errors import UnknownType, every_refusal

SALT_BYTES = 16
NO_TIME = At(0)


@dataclass(frozen=True, slots=True)
class Wish:
    """What the user wants changed; base is [epoch, version] of the feed copy that the form was opened on."""

    op: str
    type: str
    record: str
    set: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    remove: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    base: tuple[str, int] | None = None
    over: tuple[str, ...] = ()
    tx: str | None = None


def uuid7(wall_ms: int, random: Random) -> str:
    """Return a UUIDv7 (RFC 9562 section 5.7) of a wall clock's ms and 74 random bits."""
    raw = bytearray((wall_ms % 2**48).to_bytes(6, "big") + random(10))
    raw[6] = raw[6] & 0x0F | 0x70
    raw[8] = raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))


def compose(wish: Wish, at: At, random: Random) -> Change:
    """Return the change that the wish makes, as it will travel; raises UnknownType, BadValue and their kin."""
    declared = TYPES.get(wish.type)
    if declared is None:
        raise UnknownType(f"this app knows no {wish.type}", field="type")
    kinds = {name: known.private for name, known in declared.by_name.items()}
    public = {which: _of_kind(getattr(wish, which), kinds, None) for which in ("set", "add", "remove")}
    private = []
    for kind in PRIVATE_KINDS:
        parts = [_of_kind(getattr(wish, which), kinds, kind) for which in ("set", "add", "remove")]
        if any(parts):
            private.append(changes.private_line(kind, random(SALT_BYTES), *parts))
    draft = Change(
        id=uuid7(at.wall, random),
        op=wish.op,
        type=wish.type,
        record=wish.record,
        base=wish.base,
        at=at,
        set=public["set"],
        add={name: tuple(values) for name, values in public["add"].items()},
        remove={name: tuple(values) for name, values in public["remove"].items()},
        over=wish.over,
        tx=wish.tx,
    )
    line = changes.change_line(draft, random(SALT_BYTES), tuple(private))
    change = read_change(line, tuple(private))
    fault = fault_in(change)
    if fault is not None:
        raise every_refusal()[fault.code](fault.detail, field=fault.field)
    return change


def _of_kind(values: Mapping[str, Any], kinds: Mapping[str, str | None], kind: str | None) -> dict[str, Any]:
    """Return the values of the fields that travel in one kind of line; an unknown field stays in the open part."""
    found = {}
    for name, value in values.items():
        if kinds.get(name) == kind and not (isinstance(value, list | tuple) and not value):
            found[name] = list(value) if isinstance(value, tuple) else value
    return found
