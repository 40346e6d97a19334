"""What of a record's values leaves the server: names and numbers by their ends alone, a file's key never.

The declaration says which field is masked and how; screens and the API both ask here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.declare import FILE_KEY, NAME, Field, RecordType
from server.console.formats import masked_name, masked_number
from sync.erasure import is_erased
from sync.merge import Record

GONE = {"zh_CN": "（已依法删除）", "en": "(erased by law)"}
"""What stands at the desk in the place of a text that was erased."""


def shown(kind: RecordType, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that may be shown, by field in the order of the declaration."""
    return {
        name: shown_value(field, values[name])
        for name, field in fields(kind).items()
        if values.get(name) is not None
    }


def said(record: Record, name: str, locale: str) -> str:
    """Return a text of a record; where it was erased, words that say so, and nothing where nobody wrote it."""
    value = record.values.get(name)
    if value is not None:
        return str(value)
    return GONE.get(locale, GONE["en"]) if is_erased(record, name) else ""


def fields(kind: RecordType) -> dict[str, Field]:
    """Return the fields whose values may leave the server at all, by name."""
    return {name: field for name, field in kind.by_name.items() if not _opens_a_file(field)}


def parts(field: Field) -> tuple[Field, ...]:
    """Return the parts of a group that may leave the server."""
    return tuple(part for part in field.parts if not (field.private == FILE_KEY and part.kind == "key"))


def _opens_a_file(field: Field) -> bool:
    return field.private == FILE_KEY and not field.parts


def shown_value(field: Field, value: Any) -> Any:
    """Return one value as it may be shown; of a set each member, of a group each part."""
    if isinstance(value, list):
        return [shown_value(field, member) for member in value]
    if field.parts and isinstance(value, Mapping):
        return {part.name: shown_value(part, value[part.name]) for part in parts(field) if part.name in value}
    if field.masked is None or not isinstance(value, str):
        return value
    return masked_name(value) if field.masked == NAME else masked_number(value)
