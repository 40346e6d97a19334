"""Entries: one line for one act, read back as it was written, and refused in any other shape."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sync import lines
from sync.entries import KINDS, Entry, entry_outcome, from_line
from sync.errors import Malformed, NotCanonical, TooLarge
from sync.outcomes import GRAVEST_FIRST, Outcome, from_json

ENTRY = Entry(
    at=1,
    kind="change",
    by="ann",
    change="c" * 64,
    outcome={"verdict": "applied"},
    salt="s" * 22,
    type="case",
    record="r1",
    device="d1",
    set="5" * 64,
    seq=2,
    n=3,
    after="a" * 64,
    addressed="r2",
)
OUTCOME = Outcome(
    "conflict", code="bad_value", field="x", fields={"x": "conflict", "y": "applied"}, flags=("granted_since",),
    waiting_for="r2", because="c1",
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_an_entry_reads_back_as_it_was_written(kind: str) -> None:
    entry = replace(ENTRY, kind=kind, outcome=OUTCOME.json())
    assert from_line(entry.line()) == entry
    assert from_line(entry.line()).line() == entry.line()


def test_an_entry_leaves_out_what_it_does_not_have() -> None:
    bare = replace(ENTRY, type=None, record=None, device=None, set=None, seq=None, after=None, addressed=None)
    body = lines.decode(bare.line())
    assert set(body) == {"v", "at", "kind", "by", "change", "n", "outcome", "rules", "salt"}
    assert from_line(bare.line()) == bare


@pytest.mark.parametrize("verdict", GRAVEST_FIRST)
def test_an_outcome_reads_back_as_it_was_written(verdict: str) -> None:
    outcome = replace(OUTCOME, verdict=verdict)
    assert entry_outcome(from_line(replace(ENTRY, outcome=outcome.json()).line())) == outcome


def changed(**members: Any) -> bytes:
    """Return the entry's line with members changed; None leaves one out."""
    body = lines.decode(ENTRY.line()) | members
    return lines.encode({name: value for name, value in body.items() if value is not None})


@pytest.mark.parametrize(
    "members",
    [
        {"v": 2},
        {"v": None},
        {"kind": "rumour"},
        {"kind": 1},
        {"remark": "x"},
        {"at": None},
        {"at": "1"},
        {"at": True},
        {"by": 7},
        {"change": []},
        {"salt": None},
        {"n": "0"},
        {"rules": {}},
        {"seq": "2"},
        {"record": 7},
        {"after": False},
        {"device": {}},
        {"outcome": None},
        {"outcome": []},
        {"outcome": {}},
        {"outcome": {"verdict": "guilty"}},
        {"outcome": {"verdict": 1}},
        {"outcome": {"verdict": "applied", "code": 7}},
        {"outcome": {"verdict": "applied", "field": []}},
        {"outcome": {"verdict": "applied", "fields": []}},
        {"outcome": {"verdict": "applied", "fields": {"x": "guilty"}}},
        {"outcome": {"verdict": "applied", "flags": "granted_since"}},
        {"outcome": {"verdict": "applied", "flags": [1]}},
        {"outcome": {"verdict": "held", "waiting_for": 1}},
        {"outcome": {"verdict": "held", "because": {}}},
    ],
)
def test_a_line_of_another_shape_is_no_entry(members: dict[str, Any]) -> None:
    assert from_line(changed()) == ENTRY
    with pytest.raises(Malformed):
        from_line(changed(**members))


def test_a_null_is_no_way_to_leave_a_member_out() -> None:
    body = lines.decode(ENTRY.line()) | {"after": None}
    with pytest.raises(Malformed):
        from_line(lines.encode(body))


def test_a_line_that_is_not_canonical_or_too_long_is_no_entry() -> None:
    with pytest.raises(NotCanonical):
        from_line(ENTRY.line() + b" ")
    with pytest.raises(TooLarge):
        from_line(changed(by="x" * 65_536))


def test_an_outcome_may_say_what_an_older_reader_does_not_know() -> None:
    assert from_json({"verdict": "applied", "later": 1}) == Outcome("applied")
