"""A sound and a faulty value for every field of every record type, found from the declaration alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from marshmallow import ValidationError

from schemas.declare import Field, RecordType
from schemas.vectors.book import OMNI, Book
from schemas.vectors.fixed import REGION, START_MS, seed
from sync.lines import b64u
from sync.rules import STAGE

CODES = (
    "A-1", REGION, "H34150290001", "911101085923662400", "110101199001010015", "I63.900", "bed_hanging", "T-3",
    "110200001",
    "XA01ABD075A002010100483", "国药准字H20013062", "83902820000000000001",
)  # fmt: skip
"""One for each form of a code; the first that a field takes is its sample."""
ANY_TYPE = "institution"
"""What a reference to a record of any type refers to."""
WRONG: tuple[Any, ...] = (-1, "", "!", [], {})
"""Values of which at least one is wrong wherever one value stands."""


def sample(book: Book, field: Field, known: Mapping[str, str]) -> Any:
    """Return a value that the field takes; known: {record type: id of a record that is there}."""
    if field.choices:
        return next(iter(field.choices))
    if field.kind == "id":
        return known.get(ANY_TYPE if field.ref == "any" else str(field.ref), OMNI)
    if field.kind == "group":
        return {part.name: part_value(book, part, known) for part in field.parts}
    if field.kind == "position":
        return {
            "lat_e7": 317_500_000,
            "lon_e7": 1_165_000_000,
            "accuracy_m": 12,
            "provider": "gps",
            "mock": False,
        }
    simple: dict[str, Any] = {
        "digest": seed(f"digest {field.name}").hex(),
        "key": b64u(seed(f"key {field.name}")),
        "day": "2026-11-20",
        "instant": START_MS,
        "integer": field.low if field.low is not None else 1,
        "fen": 126_000,
        "flag": True,
        "text": "测试甲001"[: field.chars_max or 8],
    }
    return simple[field.kind] if field.kind in simple else first_sound(field, CODES)


def part_value(book: Book, part: Field, known: Mapping[str, str]) -> Any:
    """Return a value of a group's part: a list for a part of many values."""
    value = sample(book, part, known)
    return [value] if part.many else value


def is_sound(field: Field, value: Any) -> bool:
    """Return whether a field takes one value."""
    try:
        field.value.deserialize(value)
    except ValidationError:
        return False
    return True


def first_sound(field: Field, values: Sequence[Any]) -> Any:
    """Return the first value that the field takes."""
    found = next((value for value in values if is_sound(field, value)), None)
    assert found is not None, f"no sample fits {field.name}; add one to CODES"
    return found


def wrong(field: Field) -> Any:
    """Return a value that the field does not take."""
    return next(value for value in WRONG if not is_sound(field, value))


def fill(
    book: Book, kind: RecordType, known: Mapping[str, str], wanted: Callable[[Field], bool]
) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """Return (set, add) with a sound value for each wanted field; the stage is left as it begins."""
    plain: dict[str, Any] = {}
    sets: dict[str, list[Any]] = {}
    for field in kind.by_name.values():
        # The first record of a type has none of its own kind to refer to.
        alone = field.waits and field.ref == kind.name
        if field.merge == STAGE or alone or not wanted(field):
            continue
        value = sample(book, field, known)
        if field.many:
            sets[field.name] = [value]
        else:
            plain[field.name] = value
    return plain, sets


def parents(kind: RecordType, *, needed: bool) -> list[str]:
    """Return the types of the records that must be there before one of this type, in the order of its fields.

    needed: only those without which no such record can be made
    """
    found = []
    for field in kind.fields:
        target = ANY_TYPE if field.ref == "any" else field.ref
        home = field.name in (kind.scope, kind.region_from)
        if target and target != kind.name and (home or (field.waits and (field.required or not needed))):
            found.append(target)
    return [name for n, name in enumerate(found) if name not in found[:n]]
