"""Writing a change: each value lands in the part where its declaration puts it, and the line reads back."""

from __future__ import annotations

from itertools import count

import pytest

from schemas.drafting import SALT_BYTES, Draft, write
from schemas.records import TYPES
from sync import lines
from sync.changes import Anchor, At, Item
from sync.errors import UnknownField, UnknownType

INSPECTION, RECORD, OTHER, CHANGE, GROUP = (f"0190000{n}-0000-7000-8000-000000000000" for n in range(5))
AT = At(
    wall=1_794_880_800_000, mono=5, session="s", anchor=Anchor("ab" * 16, 7, 1_794_880_799_000, 1, 2, "s")
)
FINDING = {
    "inspection": INSPECTION,
    "violation_code": "bed_hanging",
    "facts": "演示数据",
    "amount_fen": 126_000,
    "origin": "on_site",
}
EVIDENCE = {
    "inspection": INSPECTION,
    "kind": "audio_visual",
    "digest": "0" * 64,
    "size": 5,
    "media_type": "image/jpeg",
    "cipher_digest": "1" * 64,
    "cipher_size": 28,
    "file_key": lines.b64u(bytes(32)),
    "note": "测试照片001",
}


def written(draft: Draft) -> Item:
    salts = count(1)
    return write(draft, change_id=CHANGE, at=AT, random=lambda length: next(salts).to_bytes(length, "big"))


def test_what_names_a_person_is_not_in_the_public_line():
    item = written(Draft("create", "finding", RECORD, FINDING, add={"persons": ["测试甲001"]}))
    assert item.fault is None
    assert "演示数据".encode() not in item.line
    assert "测试甲001".encode() not in item.line
    (private,) = item.change.private
    assert private.kind == "person"
    assert private.set == {"facts": "演示数据"}
    assert private.add == {"persons": ("测试甲001",)}


def test_the_public_line_commits_to_its_private_lines_in_order():
    item = written(Draft("create", "evidence", RECORD, EVIDENCE))
    body = lines.decode(item.line)
    assert [private.kind for private in item.change.private] == ["person", "file_key"]
    assert body["private"] == [lines.digest(private.line) for private in item.change.private]
    assert "file_key" not in body["set"]


def test_a_change_without_private_fields_has_no_private_line():
    item = written(Draft("edit", "finding", RECORD, {"amount_fen": 1}))
    assert item.change.private == ()
    assert "private" not in lines.decode(item.line)


def test_the_line_reads_back_to_what_was_drafted():
    draft = Draft(
        "resolve", "finding", RECORD, {"amount_fen": 7}, base=("ab" * 16, 12), over=(OTHER,), tx=GROUP
    )
    change = written(draft).change
    assert (change.id, change.op, change.type, change.record) == (CHANGE, "resolve", "finding", RECORD)
    assert (change.base, change.over, change.tx, change.at) == (("ab" * 16, 12), (OTHER,), GROUP, AT)
    assert change.sets() == {"amount_fen": (7, None)}


def test_members_that_say_nothing_are_left_out():
    item = written(Draft("edit", "finding", RECORD, {"amount_fen": 7}, add={"evidence": []}))
    assert item.fault is None
    assert sorted(lines.decode(item.line)) == ["at", "base", "id", "op", "record", "salt", "set", "type"]


def test_each_line_has_a_salt_of_its_own():
    item = written(Draft("create", "evidence", RECORD, EVIDENCE))
    salts = [lines.decode(line)["salt"] for line in (item.line, *(p.line for p in item.change.private))]
    assert len(set(salts)) == 3
    assert all(len(lines.unb64u(salt)) == SALT_BYTES for salt in salts)


def test_a_draft_of_a_type_that_there_is_not_is_refused():
    with pytest.raises(UnknownType):
        written(Draft("create", "made_up", RECORD))


@pytest.mark.parametrize("part", ["values", "add", "remove"])
def test_a_draft_of_a_field_that_there_is_not_is_refused(part):
    with pytest.raises(UnknownField) as refusal:
        written(Draft("edit", "finding", RECORD, **{part: {"smell": ["x"]}}))
    assert refusal.value.field == "smell"


def test_a_bad_value_is_written_and_its_fault_said():
    item = written(Draft("create", "finding", RECORD, {**FINDING, "amount_fen": -1}))
    assert (item.fault.code, item.fault.field) == ("bad_value", "amount_fen")
    assert item.change is not None


def test_every_type_can_be_drafted_with_what_it_requires():
    for name, kind in TYPES.items():
        missing = written(Draft("create", name, RECORD)).fault
        assert (missing is not None) == bool(kind.required)
