"""The compiled test and marshmallow give the same answers, over every schema that a phone's change meets."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import RAISE, Schema, ValidationError, fields, post_load, validate

from schemas import compiled
from schemas.records import TYPES
from schemas.values import WholeNumber
from schemas.vectors.samples import CODES
from schemas.wire.change import CHANGE, PRIVATE
from tests.tiers import examples

SCHEMAS = {
    f"{name} {which} {kind or 'public'}": schema
    for name, declared in TYPES.items()
    for (which, kind), schema in declared.schemas.items()
    if schema.fields
}
PLACE = {"lat_e7": 1, "lon_e7": 1, "accuracy_m": 1, "provider": "gps", "mock": False}
SOUND: list[Any] = [
    *CODES,
    1,
    2026,
    True,
    "测试甲001",
    "2026-11-17",
    "0" * 64,
    "A" * 43,
    "0" * 8 + "-0000-7000-8000-" + "0" * 12,
    PLACE,
    {"from": "draft", "to": "proposed"},
    "",
    [],
    {},
]
"""A value of nearly every kind that a field takes, and some that none takes."""
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=70),
    st.lists(st.integers(), max_size=2),
    st.dictionaries(st.text(max_size=4), st.integers(), max_size=2),
    st.sampled_from(
        [
            "",
            "in_bed",
            "0" * 64,
            "2026-11-17",
            "0" * 8 + "-0000-7000-8000-" + "0" * 12,
            "A" * 43,
            "H34150200001",
            [],
            {},
        ]
    ),
)


def agrees(schema: Schema, body: Any) -> bool:
    """Return whether a body is taken, having compared both; what the fast test takes is loaded as it is."""
    fast = compiled.takes(schema, body)
    try:
        loaded = schema.load(copy.deepcopy(body))
    except ValidationError:
        assert not fast, body
        return False
    assert fast == (_listed(loaded) == body), body
    return fast


def _listed(value: Any) -> Any:
    """Return a value with its tuples as the lists that JSON has."""
    if isinstance(value, dict):
        return {name: _listed(member) for name, member in value.items()}
    return [_listed(member) for member in value] if isinstance(value, list | tuple) else value


def test_every_schema_of_a_change_is_compiled():
    found = [name for name, schema in SCHEMAS.items() if compiled.of_schema(schema) is None]
    assert found == []
    assert compiled.of_schema(CHANGE) is not None
    assert compiled.of_schema(PRIVATE) is not None


@given(st.sampled_from(sorted(SCHEMAS)), st.data())
@examples(600)
def test_both_say_the_same_of_values_that_may_be_anything(name: str, data: st.DataObject):
    schema = SCHEMAS[name]
    names = st.one_of(st.sampled_from(sorted(schema.fields)), st.just("nobody"))
    agrees(schema, data.draw(st.dictionaries(names, st.one_of(ODD, st.lists(ODD, max_size=3)), max_size=4)))


def sound(field: fields.Field[Any]) -> Any:
    """Return a value that a field takes."""
    if isinstance(field, fields.List):
        return [sound(field.inner)]
    if isinstance(field, fields.Nested):
        return {name: sound(inner) for name, inner in field.schema.fields.items()}
    choices = [word for each in field.validators if isinstance(each, validate.OneOf) for word in each.choices]
    for value in [*choices, *SOUND]:
        try:
            if field.deserialize(value) == value:
                return value
        except ValidationError:
            continue
    raise AssertionError(f"SOUND holds no value for {field!r}")


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_what_fits_is_taken_without_asking_marshmallow(name: str):
    body = {field: sound(kind) for field, kind in SCHEMAS[name].fields.items()}
    assert agrees(SCHEMAS[name], body)


@given(ODD)
def test_both_say_the_same_of_what_is_no_object_at_all(body: Any):
    agrees(SCHEMAS["finding set public"], body)


CHANGE_LINE: dict[str, Any] = {
    "id": "01a1e73c-05e8-7c3c-84b2-1e4ece84d919", "op": "edit", "type": "finding",
    "record": "01a1e73c-05e8-7c3c-84b2-1e4ece84d918", "base": ["0" * 32, 5], "salt": "A" * 22,
    "at": {"wall": 1, "mono": 2, "session": "s", "anchor": {
        "epoch": "0" * 32, "index": 1, "time": 1, "wall": 1, "mono": 1, "session": "s"}},
    "set": {"amount_fen": 5}, "add": {"persons": ["x"]}, "private": ["0" * 64],
}  # fmt: skip


def test_a_good_change_is_taken():
    assert agrees(CHANGE, CHANGE_LINE)
    assert agrees(CHANGE, {**CHANGE_LINE, "base": None})


def places(body: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the path of every value in a body."""
    inner = body.items() if isinstance(body, dict) else enumerate(body) if isinstance(body, list) else ()
    return [path] * bool(path) + [p for name, member in inner for p in places(member, (*path, name))]


@given(st.sampled_from(places(CHANGE_LINE)), ODD, st.sampled_from(["put", "drop", "more"]))
@examples(500)
def test_both_say_the_same_of_a_change_with_one_thing_altered(path: tuple[Any, ...], odd: Any, how: str):
    body: Any = copy.deepcopy(CHANGE_LINE)
    inner = body
    for step in path[:-1]:
        inner = inner[step]
    if how == "put":
        inner[path[-1]] = odd
    elif how == "drop":
        del inner[path[-1]]
    elif isinstance(inner, dict):
        inner["nobody"] = odd
    agrees(CHANGE, body)


# What the compiler leaves to marshmallow


class Defaulting(Schema):
    """A schema that adds what was not said."""

    one = WholeNumber(load_default=1)


class Hooked(Schema):
    """A schema that alters what it loads."""

    one = WholeNumber()

    @post_load
    def more(self, data: Any, **_: Any) -> Any:
        """Count up."""
        return {**data, "one": data["one"] + 1}


class Foreign(Schema):
    """A schema with a field that the compiler has never seen."""

    one = fields.Email()


class Renamed(Schema):
    """A schema whose member goes by another name."""

    one = WholeNumber(data_key="two")


@pytest.mark.parametrize("kind", [Defaulting, Hooked, Foreign, Renamed])
def test_what_it_does_not_know_is_left_to_marshmallow(kind: type[Schema]):
    schema = kind(unknown=RAISE)
    assert compiled.of_schema(schema) is None
    assert not compiled.takes(schema, {"one": 1})


def test_a_schema_that_lets_unknown_members_pass_is_left_to_marshmallow():
    assert compiled.of_schema(Schema.from_dict({"one": WholeNumber()})(unknown="include")) is None


def test_a_range_without_one_of_its_ends_is_still_held_to_the_other():
    schema = Schema.from_dict({"one": WholeNumber(validate=validate.Range(min=3))})(unknown=RAISE)
    assert [agrees(schema, {"one": number}) for number in (2, 3, 4)] == [False, True, True]
