"""The good case, fast: a marshmallow schema compiled to one test of whether it takes a value as it is.

The declarations stay marshmallow's, and so do the words of every error: where the test says no,
marshmallow is asked. Where it says yes, loading would give the same value back. What the compiler does
not know (a default, a hook, another field class) it leaves to marshmallow altogether.

Each field becomes one expression of Python in `v`, each schema one function, as the calls between small
functions cost more than what they test. Every name in the text is made here; what comes from a
declaration is bound by name and never written into it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from marshmallow import RAISE, Schema, ValidationError, fields, missing, validate

from schemas.values import Matching, TrueOrFalse, WholeNumber

Test = Callable[[Any], bool]
PLAIN: dict[type, type] = {fields.String: str, WholeNumber: int, TrueOrFalse: bool}
_KNOWN: WeakKeyDictionary[Schema, Test | None] = WeakKeyDictionary()


def takes(schema: Schema, body: Any) -> bool:
    """Return whether the schema surely loads `body`, and to the same; False says nothing."""
    try:
        test = _KNOWN[schema]
    except KeyError:
        test = _KNOWN[schema] = of_schema(schema)
    return test is not None and test(body)


def of_schema(schema: Schema) -> Test | None:
    """Return the test of a schema, None where only marshmallow knows."""
    if schema.unknown != RAISE or schema.many or schema.partial or any(schema._hooks.values()):
        return None
    tests: dict[str, Test] = {}
    needed: list[str] = []
    for name, field in schema.load_fields.items():
        test = of_field(field)
        if test is None or field.data_key not in (None, name) or field.load_default is not missing:
            return None
        tests[name] = test
        if field.required:
            needed.append(name)
    wanted, known = frozenset(needed), tests.get

    def taken(body: Any) -> bool:
        if type(body) is not dict or not wanted <= body.keys():
            return False
        for name, value in body.items():
            test = known(name)
            if test is None or not test(value):
                return False
        return True

    return taken


def of_field(field: fields.Field[Any]) -> Test | None:
    """Return the test of one field's value, None where only marshmallow knows."""
    written = _Written()
    text = written.field(field)
    if text is None:
        return None
    made: Test = eval(f"lambda v: {text}", written.bound)  # noqa: S307 - the text is made below, of fixed parts
    return made


class _Written:
    """An expression in the making: what it calls and compares with is in `bound`, under names made here."""

    def __init__(self) -> None:
        self.bound: dict[str, Any] = {}

    def _bind(self, value: Any) -> str:
        name = f"b{len(self.bound)}"
        self.bound[name] = value
        return name

    def field(self, field: fields.Field[Any]) -> str | None:
        """Return the expression that tests `v` as a field does, None where only marshmallow knows."""
        shape = self._shape(field)
        if shape is None:
            return None
        text = " and ".join([shape, *map(self._check, field.validators)])
        if field.allow_none:
            return f"(v is None or ({text}))"
        # None is of none of the types that the other shapes ask for.
        return f"(v is not None and {text})" if type(field) is fields.Raw else f"({text})"

    def _shape(self, field: fields.Field[Any]) -> str | None:
        """Return the test of a value's type and of what is in it, without the field's own validators."""
        kind = type(field)
        if kind in PLAIN:
            return f"type(v) is {PLAIN[kind].__name__}"
        if kind is fields.Raw:
            return "True"
        if isinstance(field, fields.Nested):
            inner = None if field.many or field.unknown not in (None, RAISE) else of_schema(field.schema)
            return f"{self._bind(inner)}(v)" if inner is not None else None
        if kind is fields.List and isinstance(field, fields.List):
            return self._every("list", "v", field.inner)
        if kind is fields.Tuple and isinstance(field, fields.Tuple):
            return self._tuple([of_field(member) for member in field.tuple_fields])
        if kind is fields.Dict and isinstance(field, fields.Dict):
            keys = self._every("dict", "v", field.key_field)
            values = self._every("dict", "v.values()", field.value_field)
            return f"{keys} and {values}" if keys is not None and values is not None else None
        return None

    def _every(self, kind: str, members: str, inner: fields.Field[Any] | None) -> str | None:
        if inner is None or (type(inner) is fields.Raw and not inner.validators and inner.allow_none):
            return f"type(v) is {kind}"
        text = self.field(inner)
        # The members' own `v` hides this one inside the brackets alone.
        return None if text is None else f"type(v) is {kind} and all([{text} for v in {members}])"

    def _tuple(self, inner: list[Test | None]) -> str | None:
        if None in inner:
            return None
        each = " and ".join(f"{self._bind(test)}(v[{place}])" for place, test in enumerate(inner))
        return " and ".join(["type(v) is list", f"len(v) == {len(inner)}", *([each] if each else [])])

    def _check(self, validator: Callable[[Any], Any]) -> str:
        """Return a validator as an expression."""
        kind = type(validator)
        if isinstance(validator, Matching):
            return f"{self._bind(validator.pattern.fullmatch)}(v) is not None"
        if kind is validate.OneOf and isinstance(validator, validate.OneOf):
            return f"v in {self._bind(frozenset(validator.choices))}"
        if kind is validate.Range and isinstance(validator, validate.Range):
            inclusive = validator.min_inclusive and validator.max_inclusive
            if inclusive and validator.min is not None and validator.max is not None:
                return f"{self._bind(validator.min)} <= v <= {self._bind(validator.max)}"
        if kind is validate.Length and isinstance(validator, validate.Length) and validator.equal is None:
            if validator.min is not None and validator.max is not None:
                return f"{self._bind(validator.min)} <= len(v) <= {self._bind(validator.max)}"
        return f"{self._bind(_asked(validator))}(v)"


def _asked(validator: Callable[[Any], Any]) -> Test:
    """Return a validator as a test."""

    def passes(value: Any) -> bool:
        try:
            validator(value)
        except ValidationError:
            return False
        return True

    return passes
