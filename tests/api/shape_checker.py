"""A small judge of JSON against a schema of /api/openapi.json: as much of JSON Schema 2020-12 as stands there."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from typing import Any

KINDS: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
SAID_ONLY = {"title", "description", "discriminator", "default", "writeOnly", "format"}
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FORMATS: Mapping[str, Callable[[str], object]] = {
    "date": date.fromisoformat,
    "date-time": datetime.fromisoformat,
    "uuid": UUID.fullmatch,
    "uri-reference": bool,
}


class Checker:
    """Judges values by the components of one document."""

    def __init__(self, document: Mapping[str, Any]):
        self.components = document["components"]["schemas"]

    def faults(self, value: Any, schema: Mapping[str, Any], at: str = "$") -> list[str]:
        """Return what does not fit, each with its place; a keyword that is not known here is a fault of the test."""
        found: list[str] = []
        for word, rule in schema.items():
            if word.startswith("x-") or word in SAID_ONLY - {"format"}:
                continue
            judge = getattr(self, f"_{word.removeprefix('$')}", None)
            assert judge is not None, f"{at}: the checker does not know {word}"
            found += [
                f"{at}: {fault}" if not fault.startswith("$") else fault
                for fault in judge(value, rule, schema, at)
            ]
        return found

    def _ref(self, value: Any, rule: str, _: Any, at: str) -> Iterator[str]:
        yield from self.faults(value, self.components[rule.rpartition("/")[2]], at)

    def _type(self, value: Any, rule: str | list[str], _: Any, at: str) -> Iterator[str]:
        kinds = [rule] if isinstance(rule, str) else rule
        wrong_bool = isinstance(value, bool) and "boolean" not in kinds
        if wrong_bool or not any(isinstance(value, KINDS[kind]) for kind in kinds):
            yield f"{value!r} is no {rule}"

    def _enum(self, value: Any, rule: list[Any], _: Any, at: str) -> Iterator[str]:
        if value not in rule:
            yield f"{value!r} is none of {rule}"

    def _const(self, value: Any, rule: Any, _: Any, at: str) -> Iterator[str]:
        if value != rule:
            yield f"{value!r} is not {rule!r}"

    def _required(self, value: Any, rule: list[str], _: Any, at: str) -> Iterator[str]:
        if isinstance(value, dict):
            yield from (f"{name} is missing" for name in rule if name not in value)

    def _properties(self, value: Any, rule: Mapping[str, Any], _: Any, at: str) -> Iterator[str]:
        if isinstance(value, dict):
            for name in rule.keys() & value.keys():
                yield from self.faults(value[name], rule[name], f"{at}.{name}")

    def _additionalProperties(self, value: Any, rule: Any, schema: Any, at: str) -> Iterator[str]:  # noqa: N802
        if not isinstance(value, dict):
            return
        for name in value.keys() - schema.get("properties", {}).keys():
            if rule is False:
                yield f"{name} is one too many"
            else:
                yield from self.faults(value[name], rule, f"{at}.{name}")

    def _items(self, value: Any, rule: Mapping[str, Any], _: Any, at: str) -> Iterator[str]:
        if isinstance(value, list):
            for n, each in enumerate(value):
                yield from self.faults(each, rule, f"{at}[{n}]")

    def _uniqueItems(self, value: Any, rule: bool, _: Any, at: str) -> Iterator[str]:  # noqa: N802
        if rule and isinstance(value, list) and len({repr(each) for each in value}) < len(value):
            yield "one stands there twice"

    def _maxItems(self, value: Any, rule: int, _: Any, at: str) -> Iterator[str]:  # noqa: N802
        if isinstance(value, list) and len(value) > rule:
            yield f"more than {rule}"

    def _allOf(self, value: Any, rule: list[Any], _: Any, at: str) -> Iterator[str]:  # noqa: N802
        for each in rule:
            yield from self.faults(value, each, at)

    def _anyOf(self, value: Any, rule: list[Any], _: Any, at: str) -> Iterator[str]:  # noqa: N802
        tried = [self.faults(value, each, at) for each in rule]
        if all(tried):
            yield f"fits none of {len(rule)}: {min(tried, key=len)}"

    def _oneOf(self, value: Any, rule: list[Any], _: Any, at: str) -> Iterator[str]:  # noqa: N802
        tried = [self.faults(value, each, at) for each in rule]
        if (fitting := tried.count([])) != 1:
            yield f"fits {fitting} of {len(rule)}: {min(tried, key=len)}"

    def _pattern(self, value: Any, rule: str, _: Any, at: str) -> Iterator[str]:
        if isinstance(value, str) and not re.search(rule, value):
            yield f"{value!r} does not match {rule}"

    def _format(self, value: Any, rule: str, _: Any, at: str) -> Iterator[str]:
        if not isinstance(value, str):
            return
        try:
            fits = FORMATS[rule](value)
        except ValueError:
            fits = False
        if not fits:
            yield f"{value!r} is no {rule}"

    def _minimum(self, value: Any, rule: int, _: Any, at: str) -> Iterator[str]:
        if isinstance(value, int) and value < rule:
            yield f"{value} is below {rule}"

    def _maximum(self, value: Any, rule: int, _: Any, at: str) -> Iterator[str]:
        if isinstance(value, int) and value > rule:
            yield f"{value} is above {rule}"

    def _minLength(self, value: Any, rule: int, _: Any, at: str) -> Iterator[str]:  # noqa: N802
        if isinstance(value, str) and len(value) < rule:
            yield f"shorter than {rule}"

    def _maxLength(self, value: Any, rule: int, _: Any, at: str) -> Iterator[str]:  # noqa: N802
        if isinstance(value, str) and len(value) > rule:
            yield f"longer than {rule}"


def answer_schema(document: Mapping[str, Any], method: str, path: str, status: int) -> Mapping[str, Any]:
    """Return the schema that an address promises for a status; what it promises for no status is a problem."""
    responses = document["paths"][path][method.lower()]["responses"]
    answer = responses.get(str(status)) or responses["default"]
    (content,) = answer["content"].values()
    schema: Mapping[str, Any] = content["schema"]
    return schema
