"""Every field of every record type refuses every JSON type that is not its own, and names itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from schemas.declare import Field, RecordType
from schemas.records import TYPES
from sync import lines
from sync.changes import CHANGES_MAX
from tests.bad_input.scene import Scene
from tests.server.pushing import Line

SALT = lines.b64u(bytes(16))
WRONG: tuple[Any, ...] = (True, 7, -1, "", "\x00", [], [7], {}, {"from": 7, "to": []}, {"lat_e7": 1})
"""Of every JSON type one or two; null is refused by the wire itself."""
RIGHT = {"flag": bool, "integer": int, "fen": int, "instant": int}


def wrong_for(field: Field) -> Iterator[Any]:
    """Yield the values that are of no type that the field knows, or not of its form."""
    for value in WRONG:
        fits = type(value) is RIGHT.get(field.kind) and value is not WRONG[2]
        fits |= field.kind == "text" and value == "\x00"
        fits |= field.kind == "group" and value == {} and not any(part.required for part in field.parts)
        if not fits:
            yield value


def written(scene: Scene, kind: RecordType, field: Field, value: Any) -> Line:
    """Return an edit that writes one value to one field, wherever it travels."""
    part = {"add" if field.many else "set": {field.name: [value] if field.many else value}}
    body = {
        "id": scene.city.id(), "op": "edit", "type": kind.name, "record": scene.city.id(), "base": None,
        "at": {"wall": 1, "mono": 1, "session": "t"}, "salt": SALT,
    }  # fmt: skip
    if field.private is None:
        return lines.encode(body | part), ()
    private = lines.encode({"kind": field.private, "salt": SALT} | part)
    return lines.encode(body | {"private": [lines.digest(private)]}), (private,)


@pytest.mark.parametrize("kind", TYPES.values(), ids=TYPES)
def test_no_field_takes_a_value_of_another_json_type(scene: Scene, kind: RecordType):
    tried = [(field, value) for field in kind.by_name.values() for value in wrong_for(field)]
    for start in range(0, len(tried), CHANGES_MAX):
        some = tried[start : start + CHANGES_MAX]
        answer = scene.put_lines([written(scene, kind, field, value) for field, value in some])
        assert answer.status_code == 201
        scene.phone.moved(scene.text)
        assert scene.before is not None
        for (field, value), entry in zip(some, scene.entries(scene.before.size), strict=True):
            outcome = entry["outcome"]
            assert outcome["verdict"] == "refused", (field.name, value)
            assert outcome["code"] in ("bad_value", "bad_code"), (field.name, value)
            assert str(outcome["field"]).split(".")[0] == field.name
