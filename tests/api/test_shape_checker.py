"""The checker finds what does not fit: a judge that lets everything pass would prove nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.api.shape_checker import Checker

DOCUMENT = {"components": {"schemas": {"Name": {"type": "string", "minLength": 1}}}}
OBJECT = {
    "type": "object",
    "required": ["a"],
    "additionalProperties": False,
    "properties": {
        "a": {"type": "integer", "minimum": 0, "maximum": 9},
        "b": {"$ref": "#/components/schemas/Name"},
    },
}


@pytest.mark.parametrize(
    ("schema", "fits", "does_not"),
    [
        (OBJECT, {"a": 1, "b": "x"}, {"a": 1, "c": 1}),
        (OBJECT, {"a": 1}, {"b": "x"}),
        (OBJECT, {"a": 9}, {"a": 10}),
        (OBJECT, {"a": 0}, {"a": -1}),
        (OBJECT, {"a": 0, "b": "x"}, {"a": 0, "b": ""}),
        ({"type": "integer"}, 1, True),
        ({"type": ["string", "null"]}, None, 1),
        ({"enum": ["a", "b"]}, "a", "c"),
        ({"const": "a"}, "a", "b"),
        ({"type": "array", "items": {"type": "string"}}, ["a"], [1]),
        ({"type": "array", "uniqueItems": True}, ["a", "b"], ["a", "a"]),
        ({"type": "array", "maxItems": 1}, ["a"], ["a", "b"]),
        ({"anyOf": [{"type": "null"}, {"type": "string"}]}, "a", 1),
        ({"oneOf": [{"type": "integer"}, {"minimum": 5}]}, 1, 7),
        ({"allOf": [{"type": "string"}, {"maxLength": 1}]}, "a", "ab"),
        ({"pattern": "^a$"}, "a", "b"),
        ({"format": "date"}, "2026-11-22", "2026-11-31"),
        ({"format": "date-time"}, "2026-11-22T01:00:00.000Z", "yesterday"),
        ({"format": "uuid"}, "01a1e73b-8500-7058-8f2e-6c8de80c06f0", "x"),
        ({"additionalProperties": {"type": "integer"}}, {"a": 1}, {"a": "1"}),
    ],
)
def test_what_fits_passes_and_what_does_not_is_found(schema: Any, fits: Any, does_not: Any):
    checker = Checker(DOCUMENT)
    assert checker.faults(fits, schema) == []
    assert checker.faults(does_not, schema) != []


def test_a_rule_that_the_checker_does_not_know_fails_loudly():
    with pytest.raises(AssertionError, match="multipleOf"):
        Checker(DOCUMENT).faults(4, {"multipleOf": 2})
