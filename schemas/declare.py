"""How a record type is declared: one Field each, and from them everything else.

A declaration gives each field its marshmallow value, unit, labels, merge rule, privacy and right, and
the type its stages. Validation, merge rules, forms, tables and docs are derived, never written again.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from schemas import codes
from sync import errors
from sync.lines import INTEGER_MAX
from sync.rules import (
    APPEND,
    NOBODY,
    REVIEW,
    SERVER_ONLY,
    SERVER_ORDER,
    STAGE,
    UNION,
    Edge,
    FieldRule,
    Right,
    TypeRules,
)

TEXT_CHARS_MAX = 8_000
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.\-/]{0,63}")
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
DIGEST = re.compile(r"[0-9a-f]{64}")
KEY = re.compile(r"[A-Za-z0-9_\-]{43,2048}")
FORMS: Mapping[str, Callable[[str], str]] = {
    "fixmedins": codes.fixmedins_code,
    "region": codes.region_code,
    "uscc": codes.social_credit_code,
    "resident": codes.resident_number,
    "icd10": codes.diagnosis_code,
}
ACCURACY_M_MAX = 1_000_000
TIME_MS_MAX = 4_102_444_800_000
PERSON, FILE_KEY = "person", "file_key"
PUBLIC_KINDS = (
    "choice",
    "code",
    "id",
    "digest",
    "key",
    "day",
    "instant",
    "integer",
    "fen",
    "position",
    "flag",
)

Roles = tuple[str, ...]
ANYWHERE: None = None


@dataclass(frozen=True)
class Field:
    """One field of a record type.

    kind: what it is (choice, code, id, digest, key, day, instant, integer, fen, position, flag, text)
    value: the marshmallow field of one value (of one member, for a set)
    private: None, or the kind of private line that it travels in
    ref: the record type it names; waits: a change naming a record that has not arrived is held
    """

    name: str
    kind: str
    value: fields.Field[Any]
    zh: str
    en: str
    merge: str = REVIEW
    private: str | None = None
    required: bool = False
    unit: str | None = None
    ref: str | None = None
    waits: bool = False
    choices: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    right: Right | None = None

    @property
    def many(self) -> bool:
        """Whether the field is a set or a list of events, written by add and remove."""
        return self.merge in (UNION, APPEND)


class WholeNumber(fields.Integer):
    """An integer that is written as one: true and false are not numbers here."""

    def __init__(self, **more: Any) -> None:
        super().__init__(strict=True, **more)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> int:
        if type(value) is not int:
            raise self.make_error("invalid", input=value)
        return value


class TrueOrFalse(fields.Boolean):
    """A truth value that is written as one: 0 and 1 are numbers here."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **more: Any) -> bool:
        if type(value) is not bool:
            raise self.make_error("invalid", input=value)
        return value


def _named(kind: str, value: fields.Field[Any], name: str, zh: str, en: str, **more: Any) -> Field:
    return Field(name, kind, value, zh, en, **more)


def _matching(pattern: re.Pattern[str], words: str) -> Callable[[str], None]:
    def check(text: str) -> None:
        if not pattern.fullmatch(text):
            raise ValidationError(words)

    return check


def choice(name: str, zh: str, en: str, options: Mapping[str, tuple[str, str]], **more: Any) -> Field:
    """An enum; options: {word: (zh, en)}."""
    value = fields.String(validate=validate.OneOf(list(options)))
    return _named("choice", value, name, zh, en, choices=options, **more)


def code(name: str, zh: str, en: str, form: str | None = None, **more: Any) -> Field:
    """A code; form: a name in FORMS, checked by schemas.codes, or None for any token."""

    def check(text: str) -> None:
        if form is None:
            _matching(CODE, "not a code of at most 64 letters, digits, _ . - /")(text)
            return
        try:
            normal = FORMS[form](text)
        except errors.BadCode as bad:
            raise ValidationError(bad.detail) from bad
        if normal != text:
            raise ValidationError("not in its normal form")

    return _named("code", fields.String(validate=check), name, zh, en, **more)


def ref(name: str, zh: str, en: str, to: str, **more: Any) -> Field:
    """The id of a record of type `to` ("any" for any type)."""
    value = fields.String(validate=_matching(UUID, "not a lower-case UUID"))
    return _named("id", value, name, zh, en, ref=to, **more)


def digest(name: str, zh: str, en: str, **more: Any) -> Field:
    """A SHA-256 in lower-case hex."""
    value = fields.String(validate=_matching(DIGEST, "not 64 hex digits"))
    return _named("digest", value, name, zh, en, **more)


def key(name: str, zh: str, en: str, **more: Any) -> Field:
    """Key material in base64url without padding."""
    value = fields.String(validate=_matching(KEY, "not a key in base64url"))
    return _named("key", value, name, zh, en, **more)


def text(name: str, zh: str, en: str, *, chars_max: int = TEXT_CHARS_MAX, **more: Any) -> Field:
    """Free text; always private."""
    value = fields.String(validate=validate.Length(min=1, max=chars_max))
    return _named("text", value, name, zh, en, private=PERSON, **more)


def private_code(name: str, zh: str, en: str, form: str | None = None, **more: Any) -> Field:
    """A code that names or describes a person; travels in the private line."""
    return code(name, zh, en, form, private=PERSON, **more)


def integer(name: str, zh: str, en: str, low: int = 0, high: int = INTEGER_MAX, **more: Any) -> Field:
    """A whole number between low and high."""
    return _named("integer", WholeNumber(validate=validate.Range(low, high)), name, zh, en, **more)


def fen(name: str, zh: str, en: str, **more: Any) -> Field:
    """An amount of money in fen, up to 10^13 (100 billion yuan)."""
    value = WholeNumber(validate=validate.Range(0, 10**13))
    return _named("fen", value, name, zh, en, unit="fen", **more)


def _is_day(written: str) -> None:
    try:
        parsed = datetime.date.fromisoformat(written)
    except ValueError as error:
        raise ValidationError("not a date like 2026-11-21") from error
    if parsed.isoformat() != written or not 1900 <= parsed.year <= 2100:
        raise ValidationError("not a date like 2026-11-21")


def day(name: str, zh: str, en: str, **more: Any) -> Field:
    """A calendar day of the region, YYYY-MM-DD."""
    return _named("day", fields.String(validate=_is_day), name, zh, en, unit="day", **more)


def instant(name: str, zh: str, en: str, **more: Any) -> Field:
    """A point in time, Unix ms in UTC."""
    value = WholeNumber(validate=validate.Range(0, TIME_MS_MAX))
    return _named("instant", value, name, zh, en, unit="ms", **more)


class PositionSchema(Schema):
    """A place: 1e-7 degrees, accuracy in metres, who measured it, and whether it was mocked."""

    lat_e7 = WholeNumber(required=True, validate=validate.Range(-900_000_000, 900_000_000))
    lon_e7 = WholeNumber(required=True, validate=validate.Range(-1_800_000_000, 1_800_000_000))
    accuracy_m = WholeNumber(required=True, validate=validate.Range(0, ACCURACY_M_MAX))
    provider = fields.String(required=True, validate=validate.OneOf(["gps", "network", "fused", "none"]))
    mock = TrueOrFalse(required=True)


def position(name: str, zh: str, en: str, **more: Any) -> Field:
    """A place with its accuracy."""
    return _named("position", fields.Nested(PositionSchema(unknown=RAISE)), name, zh, en, **more)


def allow(*roles: str, root_in: Roles | None = None, own_in: Roles | None = None) -> Right:
    """A right for some roles, while root and record stand in the stages named."""
    return Right(
        frozenset(roles),
        frozenset(root_in) if root_in is not None else None,
        frozenset(own_in) if own_in is not None else None,
    )


@dataclass(frozen=True)
class Stage:
    """A stage with its labels."""

    name: str
    zh: str
    en: str


@dataclass(frozen=True)
class RecordType:
    """Everything about one record type; the registry in schemas.records finds it by its module.

    natural_key: the field by which the world knows it; lookup: a field by which the server finds it
    """

    name: str
    zh: str
    en: str
    fields: tuple[Field, ...]
    create: Right
    edit: Right
    void: Right = NOBODY
    resolve: Right = NOBODY
    stages: tuple[Stage, ...] = ()
    edges: tuple[Edge, ...] = ()
    scope: str = "self"
    region_from: str | None = None
    natural_key: str | None = None
    lookup: str | None = None
    grants: Callable[[str, Mapping[str, Any]], frozenset[tuple[str, str, str]]] | None = None
    synced: bool = True

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by name, the stage included."""
        found = {f.name: f for f in self.fields}
        if self.stages:
            found["stage"] = self.stage_field()
        return found

    def stage_field(self) -> Field:
        """The field that holds the stage; its writes are {from, to}."""
        options = {s.name: (s.zh, s.en) for s in self.stages}
        word = fields.String(required=True, validate=validate.OneOf(list(options)))
        value = fields.Nested(Schema.from_dict({"from": word, "to": word})(unknown=RAISE))
        return Field("stage", "choice", value, "阶段", "Stage", merge=STAGE, choices=options)

    def rules(self) -> TypeRules:
        """Compile the declaration to what sync.reconcile needs."""
        return TypeRules(
            name=self.name,
            fields={
                name: FieldRule(f.merge, f.right or self.edit, f.private) for name, f in self.by_name.items()
            },
            create=self.create,
            void=self.void,
            resolve=self.resolve,
            initial=self.stages[0].name if self.stages else None,
            edges=self.edges,
            scope=self.scope,
            region_from=self.region_from,
            refs=frozenset(f.name for f in self.fields if f.waits),
            kinds={f.name: f.ref for f in self.fields if f.waits and f.ref and f.ref != "any"},
            grants=self.grants,
        )

    @cached_property
    def schemas(self) -> dict[tuple[str, str | None], Schema]:
        """marshmallow schemas by (set | add, private kind or None), built once."""
        found: dict[tuple[str, str | None], Schema] = {}
        for private in (None, PERSON, FILE_KEY):
            mine = [f for f in self.by_name.values() if f.private == private]
            single = {f.name: f.value for f in mine if not f.many}
            many: dict[str, fields.Field[Any]] = {
                f.name: fields.List(f.value, validate=validate.Length(min=1, max=1000))
                for f in mine
                if f.many
            }
            found["set", private] = Schema.from_dict(single, name=f"{self.name}Set")(unknown=RAISE)
            found["add", private] = Schema.from_dict(many, name=f"{self.name}Add")(unknown=RAISE)
        return found

    def required(self) -> tuple[str, ...]:
        """Names of the fields that a create must set."""
        return tuple(f.name for f in self.fields if f.required)


__all__ = [
    "APPEND", "FILE_KEY", "NOBODY", "PERSON", "REVIEW", "SERVER_ONLY", "SERVER_ORDER", "STAGE", "UNION",
    "Edge", "Field", "RecordType", "Right", "Stage", "allow", "choice", "code", "day", "digest", "fen",
    "instant", "integer", "key", "position", "private_code", "ref", "text",
]  # fmt: skip
