"""A small reader of JSON Schema, for the keywords that the API's description uses; it knows no declaration."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

KEYWORDS = {
    "type", "title", "enum", "const", "pattern", "format", "minimum", "maximum", "minLength", "maxLength",
    "items", "uniqueItems", "properties", "required", "additionalProperties", "default", "writeOnly",
}  # fmt: skip
TYPES: Mapping[str, Any] = {
    "string": lambda v: isinstance(v, str),
    "integer": lambda v: type(v) is int,
    "boolean": lambda v: type(v) is bool,
    "array": lambda v: isinstance(v, list),
    "object": lambda v: isinstance(v, dict),
}


def fits(schema: Mapping[str, Any], value: Any) -> bool:
    """Return whether a value fits a schema; raises for a keyword that no reader would know."""
    unknown = {word for word in schema if word not in KEYWORDS and not word.startswith("x-")}
    assert not unknown, f"not in JSON Schema: {unknown}"
    if "type" in schema and not TYPES[schema["type"]](value):
        return False
    if "enum" in schema and value not in schema["enum"]:
        return False
    if "const" in schema and value != schema["const"]:
        return False
    checks = {str: _text, int: _number, list: _array, dict: _object}
    return checks[type(value)](schema, value) if type(value) in checks else True


def _text(schema: Mapping[str, Any], value: str) -> bool:
    if "pattern" in schema and not re.search(schema["pattern"].replace("$", r"\Z"), value):
        return False
    return schema.get("minLength", 0) <= len(value) <= schema.get("maxLength", len(value))


def _number(schema: Mapping[str, Any], value: int) -> bool:
    return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))


def _array(schema: Mapping[str, Any], value: list[Any]) -> bool:
    if schema.get("uniqueItems") and len({repr(one) for one in value}) != len(value):
        return False
    return all(fits(schema.get("items", {}), one) for one in value)


def _object(schema: Mapping[str, Any], value: dict[str, Any]) -> bool:
    known = schema.get("properties", {})
    if not {*schema.get("required", ())} <= value.keys():
        return False
    if schema.get("additionalProperties") is False and not value.keys() <= known.keys():
        return False
    return all(fits(known[name], one) for name, one in value.items() if name in known)
