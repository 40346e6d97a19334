"""Writing a change: fields are sorted into the public line and the private lines by their declaration."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from schemas.check import fault_in
from schemas.records import TYPES
from schemas.wire.change import read_change
from sync import changes
from sync.changes import PRIVATE_KINDS, At, Change, Item
from sync.errors import UnknownField, UnknownType

SALT_BYTES = 16
Random = Callable[[int], bytes]


@dataclass(frozen=True)
class Draft:
    """A change before it is a line: values by field, whether public or private."""

    op: str
    type: str
    record: str
    values: Mapping[str, Any] = field(default_factory=dict)
    add: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    remove: Mapping[str, Sequence[Any]] = field(default_factory=dict)
    base: tuple[str, int] | None = None
    over: tuple[str, ...] = ()
    tx: str | None = None


def write(draft: Draft, *, change_id: str, at: At, random: Random) -> Item:
    """Return the change's line with its private lines, read back and checked; `fault` says what is wrong.

    change_id: a fresh UUIDv7; random: bytes for the salts
    Raises UnknownType or UnknownField for a draft that nobody can sort.
    """
    declared = TYPES.get(draft.type)
    if declared is None:
        raise UnknownType(field="type")
    parts: dict[str | None, dict[str, dict[str, Any]]] = {}
    for which, values in (("set", draft.values), ("add", draft.add), ("remove", draft.remove)):
        for name, value in values.items():
            if which != "set" and not value:
                continue
            known = declared.by_name.get(name)
            if known is None:
                raise UnknownField(f"{draft.type} has no field {name}", field=name)
            parts.setdefault(known.private, {}).setdefault(which, {})[name] = value
    private = tuple(
        changes.private_line(kind, random(SALT_BYTES), p.get("set"), p.get("add"), p.get("remove"))
        for kind in PRIVATE_KINDS
        if (p := parts.get(kind))
    )
    public = parts.get(None, {})
    bare = Change(
        id=change_id,
        op=draft.op,
        type=draft.type,
        record=draft.record,
        base=draft.base,
        at=at,
        set=public.get("set", {}),
        add={name: tuple(values) for name, values in public.get("add", {}).items()},
        remove={name: tuple(values) for name, values in public.get("remove", {}).items()},
        over=draft.over,
        tx=draft.tx,
    )
    line = changes.change_line(bare, random(SALT_BYTES), private)
    change = read_change(line, private)
    return Item(line, change, fault_in(change))
