"""Canonical lines: one spelling a value, and no value that JavaScript and Python read differently."""

from __future__ import annotations

import hashlib
import json
import string
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import lines
from sync.errors import NotCanonical, TooLarge
from tests.tiers import examples

KEYS = st.text(string.ascii_letters + string.digits + "_.:-", min_size=1, max_size=8)
PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-lines.INTEGER_MAX, lines.INTEGER_MAX),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
VALUES = st.recursive(
    PLAIN, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4), max_leaves=15
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=5)


@given(OBJECTS)
@examples(40)
def test_what_is_encoded_decodes_to_itself(value: dict[str, Any]) -> None:
    line = lines.encode(value)
    assert lines.decode(line) == value
    assert lines.encode(json.loads(line)) == line
    assert b"\n" not in line
    assert b"\r" not in line


@given(OBJECTS)
@examples(40)
def test_the_order_in_which_keys_were_put_does_not_matter(value: dict[str, Any]) -> None:
    assert lines.encode(dict(reversed(value.items()))) == lines.encode(value)


@given(OBJECTS)
def test_the_bytes_are_those_of_pythons_own_encoder(value: dict[str, Any]) -> None:
    plain = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    assert lines.encode(value) == plain.encode()


def test_every_character_is_spelled_as_pythons_own_encoder_spells_it() -> None:
    every = [*range(0xD800), *range(0xE000, 0x11000), *range(0x11000, 0x110000, 251)]
    value = {"a": ["".join(map(chr, every[at : at + 64])) for at in range(0, len(every), 64)]}
    plain = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    assert lines.encode(value) == plain.encode()


def test_more_names_than_are_remembered_are_still_judged_one_by_one() -> None:
    many = {f"k{number}": 0 for number in range(lines.KNOWN_KEYS_MAX + 10)}
    assert len(lines.encode(many)) > 0
    assert len(lines._known_keys) <= lines.KNOWN_KEYS_MAX
    assert lines.encode({"in_use": 1}) == b'{"in_use":1}'
    assert "in_use" in lines._known_keys, "a flood of names does not keep those in use out"
    with pytest.raises(NotCanonical):
        lines.encode({**many, "ä": 0})


@given(OBJECTS, st.data())
@examples(40)
def test_no_other_bytes_decode_to_the_same_value(value: dict[str, Any], data: st.DataObject) -> None:
    line = lines.encode(value)
    place = data.draw(st.integers(0, len(line)))
    for blank in (b" ", b"\t", b"\n"):
        try:
            found = lines.decode(line[:place] + blank + line[place:])
        except NotCanonical:
            continue
        assert found != value


@pytest.mark.parametrize(
    ("value", "line"),
    [
        ({"b": 1, "a": [True, None, -5]}, b'{"a":[true,null,-5],"b":1}'),
        ({"B": 0, "a": 0, "_": 0, "1": 0}, b'{"1":0,"B":0,"_":0,"a":0}'),
        ({"t": '"\\/\b\f\n\r\t\x00\x1f\x7f'}, b'{"t":"\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u001f\x7f"}'),
        ({"t": "床位 €😀\u2028"}, '{"t":"床位 €😀\u2028"}'.encode()),
        ({"n": 2**53 - 1, "m": -(2**53) + 1}, b'{"m":-9007199254740991,"n":9007199254740991}'),
        ({}, b"{}"),
    ],
)
def test_a_value_has_the_bytes_that_rfc_8785_gives_it(value: dict[str, Any], line: bytes) -> None:
    assert lines.encode(value) == line
    assert lines.decode(line) == value


@pytest.mark.parametrize(
    "line",
    [
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a":1,"a":2}',
        b'{"a": 1}',
        b'{"a":1} ',
        b' {"a":1}',
        b'{"a":1}\n',
        b'{"a":1.0}',
        b'{"a":1e2}',
        b'{"a":-0}',
        b'{"a":01}',
        b'{"a":NaN}',
        b'{"a":Infinity}',
        b'{"a":9007199254740992}',
        b'{"a":-9007199254740992}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\ud800"}',
        b'{"a":"\\u000A"}',
        b'{"\\u00e4":1}',
        '{"ä":1}'.encode(),
        b'{"":1}',
        b'{"a b":1}',
        b'{"a":"\xff"}',
        b'\xef\xbb\xbf{"a":1}',
        b"{'a':1}",
        b"[1]",
        b"1",
        b'"a"',
        b"null",
        b"",
        b"{",
        b'{"a":1}{"b":2}',
        b'{"a":' + b"9" * 5000 + b"}",
        b'{"a":' + b"[" * 30000 + b"]" * 30000 + b"}",
    ],
)
def test_any_other_spelling_is_not_canonical(line: bytes) -> None:
    with pytest.raises(NotCanonical):
        lines.decode(line)


@pytest.mark.parametrize(
    "value",
    [1.0, 1.5, float("nan"), 2**53, -(2**53), b"x", {1: 2}, {"ä": 1}, {"": 1}, "\ud800", {1, 2}, object()],
)
def test_what_may_not_travel_is_not_encoded(value: Any) -> None:
    with pytest.raises(NotCanonical):
        lines.encode({"a": value})


def nested(depth: int, leaf: Any = 0) -> Any:
    """Return lists nested `depth` deep around a leaf."""
    value = leaf
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("leaf", [0, "text", None, {}])
def test_nesting_is_allowed_up_to_its_limit_and_no_deeper(leaf: Any) -> None:
    assert lines.decode(lines.encode({"a": nested(lines.DEPTH_MAX - 1, leaf)}))
    with pytest.raises(NotCanonical):
        lines.encode({"a": nested(lines.DEPTH_MAX, leaf)})


def test_a_line_may_be_as_long_as_the_limit_and_no_longer() -> None:
    line = lines.encode({"a": "x" * (lines.LINE_BYTES_MAX - 8)})
    assert len(line) == lines.LINE_BYTES_MAX
    assert lines.decode(line)
    with pytest.raises(TooLarge):
        lines.decode(line[:-2] + b'x"}')


def test_a_digest_is_that_of_the_very_bytes() -> None:
    assert lines.digest(b"abc") == hashlib.sha256(b"abc").hexdigest()
    assert lines.digest(b"abc") != lines.digest(b"abc\n")


@given(st.binary(max_size=40))
def test_base64url_goes_there_and_back(raw: bytes) -> None:
    text = lines.b64u(raw)
    assert "=" not in text
    assert lines.unb64u(text, length=len(raw)) == raw


@pytest.mark.parametrize(
    "text", ["AA==", "AB", "A", "+/8", "A A", "AA\n", "ä", "QQ.", "Q Q", "_-_-=", "AAAAA"]
)
def test_another_spelling_of_base64url_is_refused(text: str) -> None:
    with pytest.raises(NotCanonical):
        lines.unb64u(text)


def test_base64url_of_another_length_is_refused() -> None:
    with pytest.raises(NotCanonical):
        lines.unb64u(lines.b64u(b"1234"), length=5)
