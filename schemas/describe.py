"""What follows from a declaration: the API's schema of a record, a phone's form, and a table's columns.

Pure: everything is computed from the RecordType. The page for people is in schemas.page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from schemas import values
from schemas.declare import FILE_KEY, MEMBERS_MAX, PARTS_MAX, Field, Need, RecordType, Right
from schemas.page import markdown
from sync.lines import INTEGER_MAX
from sync.rules import STAGE, FieldRule

COLUMNS_MAX = 8
NOT_IN_TABLES = ("digest", "key", "position", "id")
"""Kinds that say nothing to the eye; an id is shown by the name of what it refers to, which a page looks up."""
PROVIDERS = ("gps", "network", "fused", "none")
UUID_TEXT = {"type": "string", "format": "uuid", "pattern": f"^{values.UUID.pattern}$"}


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: the field it shows, its labels, what it is and its unit."""

    name: str
    zh: str
    en: str
    kind: str
    unit: str | None


def columns(kind: RecordType) -> tuple[Column, ...]:
    """Return the columns of a table of these records, in order.

    The declaration's own choice, or: the natural key, the stage, then the public single values that say
    something to the eye, at most COLUMNS_MAX together. Nothing private is ever among them.
    """
    names = kind.columns or _telling(kind)
    found = [kind.by_name[name] for name in names]
    assert not any(f.private for f in found), f"{kind.name}: a private field in a table"
    return tuple(Column(f.name, f.zh, f.en, f.kind, f.unit) for f in found)


def _telling(kind: RecordType) -> tuple[str, ...]:
    first = [name for name in (kind.natural_key, "stage" if kind.stages else None) if name]
    rest = [
        f.name
        for f in sorted(kind.fields, key=lambda f: not f.required)
        if not f.private and not f.many and f.kind not in NOT_IN_TABLES and f.name not in first
    ]
    return tuple([*first, *rest][:COLUMNS_MAX])


# -- the API's schema --------------------------------------------------------------------------------


def json_schema(kind: RecordType) -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of a record as the API shows it, fit as an OpenAPI 3.1 component.

    A record is {id, type, version, life, root, region, created_by, fields}. A private value is marked
    `x-private` and left out for whoever may not see it; a file's key is `writeOnly` and never shown.
    `x-create` names the fields that a create must set.
    """
    shown = {name: value_schema(f) for name, f in kind.by_name.items()}
    return {
        "type": "object",
        "title": kind.en,
        "x-title-zh": kind.zh,
        "x-type": kind.name,
        "x-create": list(kind.required),
        "required": ["id", "type", "version", "life", "root", "region", "created_by", "fields"],
        "additionalProperties": False,
        "properties": {
            "id": dict(UUID_TEXT),
            "type": {"const": kind.name},
            "version": {"type": "integer", "minimum": 0, "maximum": INTEGER_MAX},
            "life": {"enum": ["live", "voided", "void_disputed"]},
            "root": dict(UUID_TEXT),
            "region": {"type": "string", "pattern": f"^({values.FORMS['region'].pattern})?$"},
            "created_by": {"type": "string"},
            "fields": {
                "type": "object",
                "required": [f.name for f in kind.by_name.values() if _always_shown(f)],
                "additionalProperties": False,
                "properties": shown,
            },
        },
    }


def _always_shown(field: Field) -> bool:
    return (field.required or field.merge == STAGE) and field.private is None and not field.many


def value_schema(field: Field) -> dict[str, Any]:
    """Return the JSON Schema of one field's value: of a stage its word, of a set its list."""
    one = _plain_schema(field)
    if field.many:
        one = {"type": "array", "items": one, "uniqueItems": True}
    more: dict[str, Any] = {"title": field.en, "x-title-zh": field.zh, "x-kind": field.kind}
    more |= {"x-unit": field.unit} if field.unit else {}
    more |= {"x-ref": field.ref} if field.ref else {}
    more |= {"default": field.default} if field.default is not None else {}
    more |= {"x-private": field.private} if field.private else {}
    more |= {"x-masked": field.masked} if field.masked else {}
    more |= {"writeOnly": True} if field.private == FILE_KEY else {}
    return {**one, **more}


def _plain_schema(field: Field) -> dict[str, Any]:
    if field.kind == "choice":
        words = {word: {"zh": zh, "en": en} for word, (zh, en) in field.choices.items()}
        return {"type": "string", "enum": list(field.choices), "x-choices": words}
    if field.kind == "group":
        return {
            "type": "object",
            "required": [part.name for part in field.parts if part.required],
            "additionalProperties": False,
            "properties": {part.name: value_schema(part) for part in field.parts},
        }
    if field.kind == "position":
        return _position_schema()
    if field.kind == "flag":
        return {"type": "boolean"}
    if field.low is not None:
        return {"type": "integer", "minimum": field.low, "maximum": field.high}
    if field.kind == "text":
        return {"type": "string", "minLength": 1, "maxLength": field.chars_max}
    found = {"type": "string", "pattern": f"^({pattern(field)})$"}
    return {**found, "format": "date"} if field.kind == "day" else found


def _position_schema() -> dict[str, Any]:
    def whole(low: int, high: int, unit: str) -> dict[str, Any]:
        return {"type": "integer", "minimum": low, "maximum": high, "x-unit": unit}

    return {
        "type": "object",
        "required": ["lat_e7", "lon_e7", "accuracy_m", "provider", "mock"],
        "additionalProperties": False,
        "properties": {
            "lat_e7": whole(-900_000_000, 900_000_000, "1e-7 degrees"),
            "lon_e7": whole(-1_800_000_000, 1_800_000_000, "1e-7 degrees"),
            "accuracy_m": whole(0, values.ACCURACY_M_MAX, "metres"),
            "provider": {"type": "string", "enum": list(PROVIDERS)},
            "mock": {"type": "boolean"},
        },
    }


def pattern(field: Field) -> str | None:
    """Return the regular expression that a text value matches whole, None where no text or no pattern is."""
    if field.kind == "code":
        return values.FORMS[field.form].pattern if field.form else values.CODE.pattern
    found = {"id": values.UUID, "digest": values.DIGEST, "key": values.KEY, "day": values.DAY}.get(field.kind)
    return found.pattern if found else None


# -- a phone's form --------------------------------------------------------------------------------


def form(kind: RecordType) -> dict[str, Any]:
    """Return what a phone needs to draw a form and to know, offline, what it may send.

    fields in the order of the form, stages and edges; a right is {roles, root_stages, own_stages,
    unless, anywhere}, a list of stages being null where any will do; no stage holds those of `anywhere` back.
    """
    rules = kind.rules()
    return {
        "type": kind.name,
        "zh": kind.zh,
        "en": kind.en,
        "scope": kind.scope,
        "scope_else": kind.scope_else,
        "region_from": kind.region_from,
        "natural_key": kind.natural_key,
        "synced": kind.synced,
        "needs": [_need(need) for need in kind.needs],
        "create": _right(kind.create),
        "narrow": [
            {**_right(one.right), "fields": sorted(one.fields), "wants": sorted(one.wants)}
            for one in kind.narrow
        ],
        "void": _right(kind.void),
        "resolve": _right(kind.resolve),
        "fields": [_form_field(f, rules.fields[name], kind) for name, f in kind.by_name.items()],
        "stages": [{"name": s.name, "zh": s.zh, "en": s.en} for s in kind.stages],
        "edges": [
            {"from": e.source, "to": e.target, "forward": e.forward, **_right(e.right)} for e in kind.edges
        ],
    }


def _form_field(field: Field, rule: FieldRule, kind: RecordType) -> dict[str, Any]:
    return {
        **_drawn(field),
        "merge": field.merge,
        "waits": field.waits,
        "create": sorted(kind.at_create(field.name)),
        "edit": None if field.merge == STAGE else _right(rule.right),
    }


def _drawn(field: Field) -> dict[str, Any]:
    limits: dict[str, Any] = {"min": field.low, "max": field.high, "chars_max": field.chars_max}
    limits |= {"pattern": pattern(field), "form": field.form}
    limits |= {"members_max": MEMBERS_MAX} if field.many else {}
    return {
        "name": field.name,
        "kind": field.kind,
        "zh": field.zh,
        "en": field.en,
        "unit": field.unit,
        "required": field.required,
        "private": field.private,
        "many": field.many,
        "ref": field.ref,
        "default": field.default,
        "masked": field.masked,
        "choices": [{"value": word, "zh": zh, "en": en} for word, (zh, en) in field.choices.items()],
        "limits": {name: limit for name, limit in limits.items() if limit is not None},
        "parts": [{**_drawn(part), **_part_limits(part)} for part in field.parts],
        "needs": [_need(need) for need in field.needs],
    }


def _need(need: Need) -> dict[str, Any]:
    return {"name": need.name, "words": list(need.words), "names": list(need.names), "any_of": need.any_of}


def _part_limits(part: Field) -> dict[str, Any]:
    return {"limits": {**_drawn(part)["limits"], "members_max": PARTS_MAX}} if part.many else {}


def _right(right: Right) -> Mapping[str, Any]:
    return {
        "roles": sorted(right.roles),
        "root_stages": None if right.root_in is None else sorted(right.root_in),
        "own_stages": None if right.own_in is None else sorted(right.own_in),
        "unless": right.unless,
        "anywhere": sorted(right.anywhere),
    }


__all__ = ["Column", "columns", "form", "json_schema", "markdown", "pattern", "value_schema"]
