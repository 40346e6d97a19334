"""How a record type is declared: one Field each, and from them everything else.

A declaration gives each field its marshmallow value, unit, labels, merge rule, privacy and right, and
the type its stages. Validation, merge rules, forms, tables and docs are derived, never written again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from schemas import values
from schemas.values import (
    DIGEST,
    FEN_MAX,
    KEY,
    TEXT_CHARS_MAX,
    TIME_MS_MAX,
    UUID,
    Matching,
    PositionSchema,
    TrueOrFalse,
    WholeNumber,
)
from sync.lines import INTEGER_MAX
from sync.rules import (
    ALIAS,
    APPEND,
    NOBODY,
    REVIEW,
    SELF,
    SERVER_ONLY,
    SERVER_ORDER,
    STAGE,
    UNION,
    Edge,
    FieldRule,
    Narrow,
    Right,
    TypeRules,
)

MEMBERS_MAX = 1_000
"""Values that one change adds to a set-field."""
PARTS_MAX = 100
"""Values of one many-valued part of a group."""
PERSON, FILE_KEY = "person", "file_key"
NAME, NUMBER = "name", "number"
"""How a field is masked: 张*三, or 3415**********1234."""
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
    "group",
)

Roles = tuple[str, ...]
ANYWHERE: None = None


@dataclass(frozen=True)
class Need:
    """Fields (or parts of a group) that must be given where another one holds one of some words.

    words: of the field `name`; names: what is needed then, all of them, or one of them with any_of
    For a record type it holds for a create; later edits may not know what the record holds.
    """

    name: str
    words: tuple[str | bool, ...]
    names: tuple[str, ...]
    any_of: bool = False

    def missing(self, given: Mapping[str, Any]) -> str | None:
        """Return the first name that is needed and not given, or None. given: {name: value}."""
        if given.get(self.name) not in self.words:
            return None
        absent = [name for name in self.names if name not in given]
        return absent[0] if absent and not (self.any_of and len(absent) < len(self.names)) else None


@dataclass(frozen=True)
class Field:
    """One field of a record type.

    kind: what it is: one of PUBLIC_KINDS, or text, which is always private
    value: the marshmallow field of one value (of one member, for a set)
    private: None, or the kind of private line that it travels in
    ref: the record type it names; waits: a change naming a record that has not arrived is held
    low, high, chars_max, form: the limits that `value` checks, in words for forms and pages
    default: what is read where nobody has written the field; it is never stored
    parts, needs: the parts of a group, in order, and what they need of each other
    masked: NAME or NUMBER where it tells who somebody is: screens and the API show its ends alone
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
    low: int | None = None
    high: int | None = None
    chars_max: int | None = None
    form: str | None = None
    default: str | int | None = None
    parts: tuple[Field, ...] = ()
    needs: tuple[Need, ...] = ()
    masked: str | None = None

    @property
    def many(self) -> bool:
        """Whether the field is a set or a list of events, written by add and remove."""
        return self.merge in (UNION, APPEND)


def _named(kind: str, value: fields.Field[Any], name: str, zh: str, en: str, **more: Any) -> Field:
    return Field(name, kind, value, zh, en, **more)


def choice(name: str, zh: str, en: str, options: Mapping[str, tuple[str, str]], **more: Any) -> Field:
    """An enum; options: {word: (zh, en)}."""
    value = fields.String(validate=validate.OneOf(list(options)))
    return _named("choice", value, name, zh, en, choices=options, **more)


def code(name: str, zh: str, en: str, form: str | None = None, **more: Any) -> Field:
    """A code; form: a name in values.FORMS, checked by schemas.codes, or None for any token."""
    value = fields.String(validate=values.in_form(form))
    return _named("code", value, name, zh, en, form=form, **more)


def ref(name: str, zh: str, en: str, to: str, **more: Any) -> Field:
    """The id of a record of type `to` ("any" for any type)."""
    value = fields.String(validate=Matching(UUID, "not a lower-case UUID"))
    return _named("id", value, name, zh, en, ref=to, **more)


def digest(name: str, zh: str, en: str, **more: Any) -> Field:
    """A SHA-256 in lower-case hex."""
    value = fields.String(validate=Matching(DIGEST, "not 64 hex digits"))
    return _named("digest", value, name, zh, en, **more)


def key(name: str, zh: str, en: str, **more: Any) -> Field:
    """Key material in base64url without padding."""
    value = fields.String(validate=Matching(KEY, "not a key in base64url"))
    return _named("key", value, name, zh, en, **more)


def text(name: str, zh: str, en: str, *, chars_max: int = TEXT_CHARS_MAX, **more: Any) -> Field:
    """Free text; always private."""
    value = fields.String(validate=validate.Length(min=1, max=chars_max))
    return _named("text", value, name, zh, en, private=PERSON, chars_max=chars_max, **more)


def private_code(name: str, zh: str, en: str, form: str | None = None, **more: Any) -> Field:
    """A code that names or describes a person; travels in the private line."""
    return code(name, zh, en, form, private=PERSON, **more)


def flag(name: str, zh: str, en: str, **more: Any) -> Field:
    """True or false."""
    return _named("flag", TrueOrFalse(), name, zh, en, **more)


def integer(name: str, zh: str, en: str, low: int = 0, high: int = INTEGER_MAX, **more: Any) -> Field:
    """A whole number between low and high."""
    value = WholeNumber(validate=validate.Range(low, high))
    return _named("integer", value, name, zh, en, low=low, high=high, **more)


def fen(name: str, zh: str, en: str, **more: Any) -> Field:
    """An amount of money in fen, up to 10^13 (100 billion yuan)."""
    value = WholeNumber(validate=validate.Range(0, FEN_MAX))
    return _named("fen", value, name, zh, en, unit="fen", low=0, high=FEN_MAX, **more)


def day(name: str, zh: str, en: str, **more: Any) -> Field:
    """A calendar day of the region, YYYY-MM-DD."""
    return _named("day", fields.String(validate=values.is_day), name, zh, en, unit="day", **more)


def instant(name: str, zh: str, en: str, **more: Any) -> Field:
    """A point in time, Unix ms in UTC."""
    value = WholeNumber(validate=validate.Range(0, TIME_MS_MAX))
    return _named("instant", value, name, zh, en, unit="ms", low=0, high=TIME_MS_MAX, **more)


def position(name: str, zh: str, en: str, **more: Any) -> Field:
    """A place with its accuracy."""
    return _named("position", fields.Nested(PositionSchema(unknown=RAISE)), name, zh, en, **more)


def group(
    name: str,
    zh: str,
    en: str,
    parts: tuple[Field, ...],
    *,
    needs: tuple[Need, ...] = (),
    private: str | None = PERSON,
    **more: Any,
) -> Field:
    """Several values that belong together, such as a signature; private as a whole, or without anything private.

    parts: declared like fields; `required` and `many` hold for them, merge rule and right are the group's
    """
    known: dict[str, fields.Field[Any]] = {}
    for part in parts:
        assert private or not (part.private or part.kind == "text"), f"{name}.{part.name} is private"
        bounded = validate.Length(min=1, max=PARTS_MAX)
        value = fields.List(part.value, validate=bounded) if part.many else part.value
        value.required = part.required
        known[part.name] = value

    def check(given: Mapping[str, Any]) -> None:
        for need in needs:
            if (absent := need.missing(given)) is not None:
                raise ValidationError(f"{absent} is required where {need.name} is {given[need.name]}")

    nested = fields.Nested(Schema.from_dict(known)(unknown=RAISE), validate=check)
    return _named("group", nested, name, zh, en, private=private, parts=parts, needs=needs, **more)


def allow(
    *roles: str,
    root_in: Roles | None = None,
    own_in: Roles | None = None,
    unless: str | None = None,
    anywhere: Roles = (),
) -> Right:
    """A right for some roles, while root and record stand in the stages named, and a field is not set.

    anywhere: further roles, which no stage holds back
    """
    return Right(
        frozenset((*roles, *anywhere)),
        frozenset(root_in) if root_in is not None else None,
        frozenset(own_in) if own_in is not None else None,
        unless,
        frozenset(anywhere),
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
    columns: fields that a table shows instead of those that describe.columns would choose
    needs: fields that a create must set because of what another field says
    scope: "self" for a scope root, or the field that names what it lies in; scope_else: the same for a
    record whose create leaves that field out, where it may
    narrow: what somebody may create besides, with some fields alone
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
    scope: str = SELF
    scope_else: str | None = None
    region_from: str | None = None
    natural_key: str | None = None
    lookup: str | None = None
    grants: Callable[[str, Mapping[str, Any]], frozenset[tuple[str, str, str]]] | None = None
    synced: bool = True
    columns: tuple[str, ...] = ()
    needs: tuple[Need, ...] = ()
    narrow: tuple[Narrow, ...] = ()

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by name, the stage and the alias of a type with a natural key included."""
        found = {f.name: f for f in self.fields}
        if self.stages:
            found["stage"] = self.stage_field()
        if self.natural_key:
            found[ALIAS] = self.alias_field()
        return found

    def alias_field(self) -> Field:
        """The field that says which record of a smaller id bears the same natural key; a `resolve` alone sets it.

        Were it any other's than the server's, a create could set it, and two records point to each other.
        """
        return ref(
            ALIAS, "同一对象", "Same as", self.name, merge=SERVER_ONLY, right=NOBODY, waits=True
        )  # fmt: skip

    def stage_field(self) -> Field:
        """The field that holds the stage; its writes are {from, to}."""
        options = {s.name: (s.zh, s.en) for s in self.stages}
        word = fields.String(required=True, validate=validate.OneOf(list(options)))
        value = fields.Nested(Schema.from_dict({"from": word, "to": word})(unknown=RAISE))
        return Field("stage", "choice", value, "阶段", "Stage", merge=STAGE, choices=options)

    def rules(self) -> TypeRules:
        """Compile the declaration to what sync.reconcile needs."""
        waiting = [f for f in self.by_name.values() if f.waits]
        placing = [*waiting, *(f for f in self.fields if f.name in (self.scope, self.scope_else))]
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
            scope_else=self.scope_else,
            region_from=self.region_from,
            refs=frozenset(f.name for f in waiting),
            kinds={f.name: f.ref for f in placing if f.ref and f.ref != "any"},
            grants=self.grants,
            natural_key=self.natural_key,
            narrow=self.narrow,
        )

    def at_create(self, name: str) -> frozenset[str]:
        """Return the roles that may set a field in a create that takes no step, as sync.reconcile judges it."""
        known = self.by_name[name]
        right = known.right or self.edit
        if known.merge == STAGE or (not right.roles and known.merge != SERVER_ONLY):
            return self.create.roles
        if right.own_in and self.stages and self.stages[0].name not in right.own_in:
            return frozenset()
        return self.create.roles & right.roles

    @cached_property
    def schemas(self) -> dict[tuple[str, str | None], Schema]:
        """marshmallow schemas by (set | add, private kind or None), built once."""
        found: dict[tuple[str, str | None], Schema] = {}
        for private in (None, PERSON, FILE_KEY):
            mine = [f for f in self.by_name.values() if f.private == private]
            single = {f.name: f.value for f in mine if not f.many}
            many: dict[str, fields.Field[Any]] = {
                f.name: fields.List(f.value, validate=validate.Length(min=1, max=MEMBERS_MAX))
                for f in mine
                if f.many
            }
            found["set", private] = Schema.from_dict(single, name=f"{self.name}Set")(unknown=RAISE)
            found["add", private] = Schema.from_dict(many, name=f"{self.name}Add")(unknown=RAISE)
        return found

    @cached_property
    def required(self) -> tuple[str, ...]:
        """Names of the fields that a create must set."""
        return tuple(f.name for f in self.fields if f.required)


__all__ = [
    "APPEND", "DIGEST", "FILE_KEY", "NAME", "NOBODY", "NUMBER", "PERSON", "REVIEW", "SELF", "SERVER_ONLY",
    "SERVER_ORDER", "STAGE", "UNION", "UUID", "Edge", "Field", "Narrow", "Need", "RecordType", "Right",
    "Stage", "WholeNumber", "allow", "choice", "code", "day", "digest", "fen", "flag", "group", "instant",
    "integer", "key", "position", "private_code", "ref", "text",
]  # fmt: skip
