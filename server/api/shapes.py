"""JSON Schemas of what the API takes and gives, read off the classes that it is made from."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

from marshmallow import Schema, fields, validate

from schemas.values import Matching
from server.console.pages.frame import OneOf

PLAIN: Mapping[type, Mapping[str, Any]] = {
    str: {"type": "string"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: {"type": "number"},
    datetime: {"type": "string", "format": "date-time"},
    date: {"type": "string", "format": "date"},
}


def ref(name: str) -> dict[str, Any]:
    """Return a reference to a component."""
    return {"$ref": f"#/components/schemas/{name}"}


class Shapes:
    """The components of a document, collected as they are referred to."""

    def __init__(self) -> None:
        self.components: dict[str, dict[str, Any]] = {}
        self._named: dict[str, type] = {}

    def of(self, hint: Any) -> dict[str, Any]:
        """Return the schema of a type hint as `answers.plain` writes its values; dataclasses become components."""
        if hint in PLAIN:
            return dict(PLAIN[hint])
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            return self._component(hint)
        kind, inner = get_origin(hint), get_args(hint)
        if kind is Annotated:
            return self.of(inner[0]) | _words(inner[1:])
        if kind in (Union, types.UnionType):
            return {"anyOf": [self._or_null(each) for each in inner]}
        if isinstance(kind, type) and issubclass(kind, Mapping):
            return {"type": "object", "additionalProperties": self.of(inner[1])}
        if isinstance(kind, type) and issubclass(kind, Sequence):
            return {"type": "array", "items": self.of(inner[0])}
        assert hint is Any, f"the API gives something of type {hint}, which has no shape here"
        return {}

    def _or_null(self, hint: Any) -> dict[str, Any]:
        return {"type": "null"} if hint is type(None) else self.of(hint)

    def _component(self, kind: type) -> dict[str, Any]:
        self._claim(kind)
        if kind.__name__ not in self.components:
            self.components[kind.__name__] = {}
            self.components[kind.__name__] = self.object_of(kind)
        return ref(kind.__name__)

    def _claim(self, kind: type) -> None:
        """Keep a class's name to itself: of two classes of one name, one would be described as the other."""
        owner = self._named.setdefault(kind.__name__, kind)
        assert owner is kind, f"{kind.__module__} and {owner.__module__} both describe a {kind.__name__}"

    def object_of(self, kind: type) -> dict[str, Any]:
        """Return the schema of a dataclass; every member is always there."""
        assert dataclasses.is_dataclass(kind)
        hints = get_type_hints(kind, include_extras=True)
        properties = {field.name: self.of(hints[field.name]) for field in dataclasses.fields(kind)}
        return {
            "type": "object",
            "description": " ".join((kind.__doc__ or "").split()),
            "required": list(properties),
            "additionalProperties": False,
            "properties": properties,
        }

    def body_of(self, kind: type[Schema]) -> dict[str, Any]:
        """Return the schema of a request's body."""
        self._claim(kind)
        schema = kind()
        described = {"description": " ".join((kind.__doc__ or "").split())}
        self.components[kind.__name__] = _object(schema) | described
        return ref(kind.__name__)


def _words(notes: Sequence[Any]) -> dict[str, Any]:
    """Return what the notes on a type say of the words that it is one of."""
    words = [word for note in notes if isinstance(note, OneOf) for word in note.words]
    return {"enum": words} if words else {}


def _taken(field: fields.Field[Any]) -> dict[str, Any]:
    """Return the schema of one member of a body."""
    if type(field) is fields.Raw:
        # Whatever the declaration of the record's field says.
        return {}
    if isinstance(field, fields.Nested):
        return _object(field.schema)
    if isinstance(field, fields.Boolean):
        return dict(PLAIN[bool])
    found = dict(PLAIN[int] if isinstance(field, fields.Integer) else PLAIN[str])
    if isinstance(field, fields.List):
        found = {"type": "array", "items": _taken(field.inner)}
    if isinstance(field, fields.Date):
        found = dict(PLAIN[date])
    for check in field.validators:
        if isinstance(check, validate.OneOf):
            found["enum"] = list(check.choices)
        elif isinstance(check, validate.Length):
            what = "Items" if isinstance(field, fields.List) else "Length"
            found |= _limits(**{f"min{what}": check.min, f"max{what}": check.max})
        elif isinstance(check, validate.Range):
            found |= _limits(minimum=check.min, maximum=check.max)
        elif isinstance(check, Matching):
            found["pattern"] = f"^(?:{check.pattern.pattern})$"
    return found


def _object(schema: Schema) -> dict[str, Any]:
    """Return the schema of an object of a body."""
    return {
        "type": "object",
        "required": [name for name, field in schema.fields.items() if field.required],
        "additionalProperties": False,
        "properties": {name: _taken(field) for name, field in schema.fields.items()},
    }


def _limits(**found: int | None) -> dict[str, int]:
    return {name: limit for name, limit in found.items() if limit is not None}
