"""One change line and its private lines: what is not canonical or has another form is refused, with its code."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.wire.change import FIELDS_MAX, MEMBERS_MAX, OVER_MAX, read_change, read_private
from sync import lines
from sync.changes import Anchor
from sync.errors import Malformed, NotCanonical, Refusal, TooLarge

CHANGE, RECORD, OTHER = (f"0190000{n}-0000-7000-8000-000000000000" for n in range(3))
SALT = lines.b64u(bytes(16))
ANCHOR = {"epoch": "ab" * 16, "index": 7, "time": 1, "wall": 2, "mono": 3, "session": "s"}
BODY: dict[str, Any] = {
    "id": CHANGE,
    "op": "edit",
    "type": "finding",
    "record": RECORD,
    "base": None,
    "at": {"wall": 1_794_880_800_000, "mono": 5, "session": "s"},
    "salt": SALT,
    "set": {"amount_fen": 7},
}
PERSON = {"kind": "person", "salt": SALT, "set": {"facts": "演示数据"}}


def line_of(**changed: Any) -> bytes:
    """Return the sound line with members changed; None leaves one out."""
    body = {name: value for name, value in {**BODY, **changed}.items() if value is not None or name == "base"}
    return lines.encode(body)


def text_of(**changed: Any) -> bytes:
    """Return what a careless JSON writer makes of the same, sorted and without blanks."""
    body = {**BODY, **changed}
    return json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def refused(line: bytes, *private: bytes) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        read_change(line, private)
    return refusal.value


def test_a_sound_line_becomes_the_change_that_it_holds():
    private = lines.encode(PERSON)
    at = {**BODY["at"], "anchor": ANCHOR}
    line = line_of(base=["ab" * 16, 12], private=[lines.digest(private)], at=at, add={"evidence": [OTHER]})
    change = read_change(line, (private,))
    assert (change.id, change.base, change.line) == (CHANGE, ("ab" * 16, 12), line)
    assert change.digest == lines.digest(line)
    assert change.at.anchor == Anchor(**ANCHOR)
    assert change.private[0].set == {"facts": "演示数据"}
    assert change.add == {"evidence": (OTHER,)}


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(line_of()[:-1], id="truncated"),
        pytest.param(line_of() + b" ", id="blank at the end"),
        pytest.param(line_of().replace(b'":', b'": ', 1), id="blank inside"),
        pytest.param(b"\xef\xbb\xbf" + line_of(), id="BOM"),
        pytest.param(line_of() + b"\r", id="CR"),
        pytest.param(line_of().replace(b'"op":"edit"', b'"op":"edit","op":"edit"'), id="a key twice"),
        pytest.param(json.dumps(BODY, separators=(",", ":")).encode(), id="keys in another order"),
        pytest.param(text_of(set={"amount_fen": 7.0}), id="float"),
        pytest.param(text_of().replace(b'"amount_fen":7', b'"amount_fen":7e0'), id="exponent"),
        pytest.param(text_of().replace(b'"amount_fen":7', b'"amount_fen":-0'), id="minus nought"),
        pytest.param(text_of(set={"amount_fen": float("nan")}), id="NaN"),
        pytest.param(text_of(set={"amount_fen": float("inf")}), id="infinity"),
        pytest.param(text_of(set={"amount_fen": 2**53}), id="2^53"),
        pytest.param(text_of(set={"amount_fen": -(2**53)}), id="-2^53"),
        pytest.param(text_of().replace(b'"amount_fen":7', b'"amount_fen":' + b"9" * 5000), id="5,000 digits"),
        pytest.param(text_of().replace(b'"s"', rb'"\ud800"'), id="lone surrogate"),
        pytest.param(text_of().replace(b'"s"', b'"\xed\xa0\x80"'), id="surrogate in UTF-8"),
        pytest.param(text_of().replace(b'"s"', rb'"\u0073"'), id="needless escape"),
        pytest.param(text_of().replace(b'"s"', b'"\xff"'), id="not UTF-8"),
        pytest.param(text_of(set={"数额": 7}), id="a key that is not ASCII"),
        pytest.param(b"[" * 60_000, id="60,000 brackets"),
        pytest.param(b'{"a":' * 10_000, id="10,000 objects"),
        pytest.param(b"[]", id="array"),
        pytest.param(b"null", id="null"),
        pytest.param(b"", id="nothing"),
    ],
)
def test_a_line_that_is_not_canonical_is_refused(line):
    assert refused(line).code == NotCanonical.code


def nested(depth: int) -> Any:
    value: Any = 1
    for _ in range(depth):
        value = [value]
    return value


def test_values_nest_to_a_depth_and_no_deeper():
    # The line is one level and its `set` another.
    assert read_change(text_of(set={"odd": nested(14)})).set == {"odd": nested(14)}
    assert refused(text_of(set={"odd": nested(15)})).code == NotCanonical.code


def test_the_largest_integer_and_the_largest_line_are_taken_and_one_more_is_not():
    assert read_change(line_of(set={"odd": 2**53 - 1})).set == {"odd": 2**53 - 1}
    room = lines.LINE_BYTES_MAX - len(line_of(set={"odd": ""}))
    assert len(read_change(line_of(set={"odd": "x" * room})).line) == 64 * 1024
    assert refused(line_of(set={"odd": "x" * (room + 1)})).code == TooLarge.code


@pytest.mark.parametrize("name", sorted(set(BODY) - {"set"}))
def test_a_line_that_lacks_a_member_names_it(name):
    body = {key: value for key, value in BODY.items() if key != name}
    refusal = refused(lines.encode(body))
    assert (refusal.code, refusal.field) == (Malformed.code, name)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"id": CHANGE.replace("-", "")}, "id"),
        ({"id": CHANGE.upper() + " "}, "id"),
        ({"op": "delete"}, "op"),
        ({"op": ["edit"]}, "op"),
        ({"type": ""}, "type"),
        ({"type": "x" * 65}, "type"),
        ({"record": "1"}, "record"),
        ({"base": ["ab" * 16]}, "base"),
        ({"base": ["ab" * 16, -1]}, "base.1"),
        ({"base": ["ab" * 16, True]}, "base.1"),
        ({"base": ["AB" * 16, 1]}, "base.0"),
        ({"base": []}, "base"),
        ({"base": 7}, "base"),
        ({"salt": SALT + "="}, "salt"),
        ({"salt": ""}, "salt"),
        ({"at": {"wall": 1, "mono": 1}}, "at.session"),
        ({"at": {"wall": True, "mono": 1, "session": ""}}, "at.wall"),
        ({"at": {"wall": -1, "mono": 1, "session": ""}}, "at.wall"),
        ({"at": {**BODY["at"], "zone": 8}}, "at.zone"),
        ({"at": {**BODY["at"], "anchor": {**ANCHOR, "epoch": "x"}}}, "at.anchor.epoch"),
        ({"at": {**BODY["at"], "anchor": {}}}, "at.anchor.epoch"),
        ({"set": {}}, "set"),
        ({"set": []}, "set"),
        ({"add": {"evidence": []}}, "add.evidence.value"),
        ({"add": {"evidence": OTHER}}, "add.evidence.value"),
        ({"remove": {}}, "remove"),
        ({"over": []}, "over"),
        ({"over": ["1"]}, "over.0"),
        ({"over": [OTHER] * (OVER_MAX + 1)}, "over"),
        ({"tx": "1"}, "tx"),
        ({"private": []}, "private"),
        ({"private": ["0" * 64] * 3}, "private"),
        ({"private": ["0"]}, "private.0"),
        ({"set": {f"f{n}": 1 for n in range(FIELDS_MAX + 1)}}, "set"),
        ({"add": {"evidence": [OTHER] * (MEMBERS_MAX + 1)}}, "add.evidence.value"),
        ({"remark": "x"}, "remark"),
    ],
)
def test_a_member_that_has_another_form_is_named(changed, field):
    refusal = refused(line_of(**changed))
    assert refusal.code == Malformed.code
    assert refusal.field == field


@pytest.mark.parametrize("name", ["set", "add", "tx", "over", "private"])
def test_an_optional_member_is_left_out_and_never_null(name):
    assert refused(lines.encode({**BODY, name: None})).code == Malformed.code


def test_private_lines_are_those_that_the_change_names_in_its_order():
    person = lines.encode(PERSON)
    key = lines.encode({"kind": "file_key", "salt": SALT, "set": {"file_key": "A" * 43}})
    named = line_of(private=[lines.digest(person), lines.digest(key)])
    assert [private.kind for private in read_change(named, (person, key)).private] == ["person", "file_key"]
    assert refused(named, key, person).field == "private"
    assert refused(named, person).field == "private"
    assert refused(named).field == "private"
    assert refused(line_of(), person).field == "private"


def test_two_private_lines_of_one_kind_are_refused():
    person = lines.encode(PERSON)
    again = lines.encode({**PERSON, "salt": lines.b64u(bytes(15) + b"1")})
    line = line_of(private=[lines.digest(person), lines.digest(again)])
    assert refused(line, person, again).field == "private"


@pytest.mark.parametrize(
    "changed",
    [{"kind": "secret"}, {"salt": "x"}, {"set": {}}, {"op": "edit"}, {"set": None}],
)
def test_a_private_line_of_another_form_is_refused(changed):
    with pytest.raises(Malformed):
        read_private(lines.encode({**PERSON, **changed}))


def test_a_private_line_that_is_not_canonical_is_the_changes_fault():
    loose = json.dumps(PERSON, ensure_ascii=False).encode()
    assert refused(line_of(private=[lines.digest(loose)]), loose).code == NotCanonical.code
