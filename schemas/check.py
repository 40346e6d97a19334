"""Checking one change against the declaration of its record type."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from schemas import compiled
from schemas.declare import RecordType
from schemas.records import TYPES
from schemas.wire.parts import first_fault
from sync.changes import Change, Fault, PrivateLine
from sync.errors import BadCode, BadValue, UnknownField


def fault_in(change: Change) -> Fault | None:
    """Return what is wrong with a change's values, or None; a type that is not known is no fault here."""
    declared = TYPES.get(change.type)
    if declared is None:
        return None
    fault = _in_part(declared, None, change)
    for line in change.private:
        if not line.line:
            continue  # It was erased: it was looked at when it first came.
        fault = fault or _in_part(declared, line.kind, line)
    return fault or _form(declared, change)


def _in_part(declared: RecordType, kind: str | None, part: Change | PrivateLine) -> Fault | None:
    fault = _check(declared, kind, "set", part.set) if part.set else None
    for which in ("add", "remove"):
        if fault is None and (members := getattr(part, which)):
            fault = _check(declared, kind, which, {name: list(values) for name, values in members.items()})
    return fault


def _check(declared: RecordType, kind: str | None, which: str, values: Mapping[str, Any]) -> Fault | None:
    schema = declared.schemas["set" if which == "set" else "add", kind]
    # It knows the fields of this part alone, so what it takes needs no second look.
    if compiled.takes(schema, values):
        return None
    for name in values:
        known = declared.by_name.get(name)
        if known is None:
            return Fault(UnknownField.code, f"{declared.name} has no field {name}", name)
        if known.private != kind:
            where = f"a private line of kind {known.private}" if known.private else "the change itself"
            return Fault(BadValue.code, f"{name} belongs in {where}", name)
        if known.many != (which != "set"):
            how = "add and remove" if known.many else "set"
            return Fault(BadValue.code, f"{name} is written by {how}", name)
    found = schema.validate(values)
    if not found:
        return None
    path, words = first_fault(found)
    first = path.split(".", 1)[0]
    bad_code = declared.by_name[first].kind == "code"
    return Fault(BadCode.code if bad_code else BadValue.code, words, path)


def _form(declared: RecordType, change: Change) -> Fault | None:
    """Return what is wrong with the change as a whole: what its op needs or forbids."""
    names = change.names
    if change.op == "create" and (lack := _lacks(declared, change, names)) is not None:
        return lack
    if change.op in ("void", "restore") and names:
        return Fault(BadValue.code, f"a {change.op} sets nothing", min(names))
    if change.op in ("edit", "resolve") and not names:
        return Fault(BadValue.code, f"a {change.op} sets something", "set")
    if (change.op == "resolve") != bool(change.over):
        return Fault(BadValue.code, "a resolve, and nothing else, names what it replaces", "over")
    for name, added in change.members("add").items():
        removed = {repr(value) for value, _ in change.members("remove").get(name, [])}
        if removed & {repr(value) for value, _ in added}:
            return Fault(BadValue.code, "one change may not add and remove one value", name)
    return None


def _lacks(declared: RecordType, change: Change, names: Collection[str]) -> Fault | None:
    """Return what a create does not set although its type, or another of its values, asks for it."""
    for name in declared.required:
        if name not in names:
            return Fault(BadValue.code, f"{name} is required", name)
    if not declared.needs:
        return None
    given = {name: value for name, (value, _) in change.sets().items()} | dict.fromkeys(change.members("add"))
    for need in declared.needs:
        if (absent := need.missing(given)) is not None:
            words = f"{absent} is required where {need.name} is {given[need.name]}"
            return Fault(BadValue.code, words, absent)
    return None
