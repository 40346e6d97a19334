"""The good case, fast: a marshmallow schema compiled to one test of whether it takes a value as it is.

The declarations stay marshmallow's, and so do the words of every error: where the test says no,
marshmallow is asked. Where it says yes, loading would give the same value back. What the compiler does
not know (a default, a hook, another field class) it leaves to marshmallow altogether.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from marshmallow import RAISE, Schema, ValidationError, fields, missing, validate

from schemas.values import TrueOrFalse, WholeNumber

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

    def taken(body: Any) -> bool:
        if type(body) is not dict:
            return False
        for name in needed:
            if name not in body:
                return False
        for name, value in body.items():
            test = tests.get(name)
            if test is None or not test(value):
                return False
        return True

    return taken


def of_field(field: fields.Field[Any]) -> Test | None:
    """Return the test of one field's value, None where only marshmallow knows."""
    inner = _shape(field)
    if inner is None:
        return None
    shape = inner
    checks = [_check(validator) for validator in field.validators]
    allow_none = field.allow_none

    def taken(value: Any) -> bool:
        if value is None:
            return allow_none
        if not shape(value):
            return False
        return all(check(value) for check in checks)

    return taken if allow_none or len(checks) != 1 else _both(shape, checks[0])


def _both(shape: Test, check: Test) -> Test:
    return lambda value: shape(value) and check(value)


def _shape(field: fields.Field[Any]) -> Test | None:
    """Return the test of a value's type and of what is in it, without the field's own validators."""
    kind = type(field)
    if kind in PLAIN:
        wanted = PLAIN[kind]
        return lambda value: type(value) is wanted
    if kind is fields.Raw:
        return _anything
    if isinstance(field, fields.Nested):
        return None if field.many or field.unknown not in (None, RAISE) else of_schema(field.schema)
    if kind is fields.List and isinstance(field, fields.List):
        return _list(of_field(field.inner))
    if kind is fields.Tuple and isinstance(field, fields.Tuple):
        return _tuple([of_field(member) for member in field.tuple_fields])
    if kind is fields.Dict and isinstance(field, fields.Dict):
        return _mapping(field)
    return None


def _anything(_: Any) -> bool:
    return True


def _list(inner: Test | None) -> Test | None:
    if inner is None:
        return None
    each = inner
    return lambda value: type(value) is list and all(map(each, value))


def _tuple(inner: list[Test | None]) -> Test | None:
    tests = [test for test in inner if test is not None]
    if len(tests) != len(inner):
        return None
    return lambda value: (
        type(value) is list
        and len(value) == len(tests)
        and all(test(member) for test, member in zip(tests, value, strict=True))
    )


def _mapping(field: fields.Dict) -> Test | None:
    keys = of_field(field.key_field) if field.key_field else _anything
    values = of_field(field.value_field) if field.value_field else _anything
    if keys is None or values is None:
        return None
    of_key, of_value = keys, values
    return lambda value: (
        type(value) is dict and all(map(of_key, value)) and all(map(of_value, value.values()))
    )


def _check(validator: Callable[[Any], Any]) -> Test:
    """Return a validator as a test."""
    if type(validator) is validate.OneOf:
        choices = frozenset(validator.choices)
        return lambda value: value in choices
    if type(validator) is validate.Range and validator.min_inclusive and validator.max_inclusive:
        low, high = validator.min, validator.max
        if low is not None and high is not None:
            return lambda value: low <= value <= high

    def passes(value: Any) -> bool:
        try:
            validator(value)
        except ValidationError:
            return False
        return True

    return passes
