"""Checking one change against its declaration: each fault is named by code and field, sound ones pass."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from schemas.check import fault_in
from schemas.drafting import Draft, write
from schemas.wire.change import read_change
from sync import changes
from sync.changes import At, Change, Fault

INSPECTION, RECORD, OTHER, CHANGE = (f"0190000{n}-0000-7000-8000-000000000000" for n in range(4))
AT = At(wall=1_794_880_800_000, session="t")
FINDING = {
    "inspection": INSPECTION,
    "violation_code": "bed_hanging",
    "facts": "演示数据",
    "amount_fen": 126_000,
    "origin": "on_site",
}
PLACE = {"lat_e7": 317_500_000, "lon_e7": 1_165_000_000, "accuracy_m": 10, "provider": "gps", "mock": False}
CENSUS = {"inspection": INSPECTION, "mode": "bedside", "trigger": "plan"}
numbers = count(1)


def random(length: int) -> bytes:
    return next(numbers).to_bytes(length, "big")


def fault_of(draft: Draft) -> Fault | None:
    """Return the fault of a draft, its values sorted into the parts where they belong."""
    return write(draft, change_id=CHANGE, at=AT, random=random).fault


def create(kind: str, values: dict[str, Any], **more: Any) -> Fault | None:
    return fault_of(Draft("create", kind, RECORD, values, **more))


def edit(kind: str, values: dict[str, Any], **more: Any) -> Fault | None:
    return fault_of(Draft("edit", kind, RECORD, values, **more))


def raw(kind: str, *, private: tuple[bytes, ...] = (), **parts: Any) -> Fault | None:
    """Return the fault of an edit whose public and private parts are given as they stand."""
    bare = Change(id=CHANGE, op="edit", type=kind, record=RECORD, base=None, at=AT, **parts)
    return fault_in(read_change(changes.change_line(bare, random(16), private), private))


def person(**parts: Any) -> tuple[bytes, ...]:
    return (
        changes.private_line(
            "person", random(16), parts.get("values"), parts.get("add"), parts.get("remove")
        ),
    )


def place_of(fault: Fault | None) -> tuple[str, str | None]:
    assert fault is not None
    return fault.code, fault.field


def test_a_whole_finding_with_public_and_private_fields_is_sound():
    assert create("finding", FINDING, add={"persons": ["测试甲001"], "evidence": [OTHER]}) is None


def test_a_private_field_in_the_public_part_is_refused():
    fault = raw("finding", set={"facts": "演示数据"})
    assert place_of(fault) == ("bad_value", "facts")
    assert "private line of kind person" in fault.detail


def test_a_public_field_in_a_private_line_is_refused():
    fault = raw("finding", private=person(values={"amount_fen": 1}))
    assert place_of(fault) == ("bad_value", "amount_fen")
    assert "the change itself" in fault.detail


def test_a_file_key_in_the_persons_line_is_refused():
    assert place_of(raw("evidence", private=person(values={"file_key": "A" * 43}))) == (
        "bad_value",
        "file_key",
    )


def test_private_members_in_the_public_part_are_refused():
    assert place_of(raw("finding", add={"persons": ("测试甲001",)})) == ("bad_value", "persons")


def test_a_set_field_that_is_set_and_not_added_to_is_refused():
    fault = raw("ward_round", set={"wards": "W11"})
    assert place_of(fault) == ("bad_value", "wards")
    assert "add and remove" in fault.detail


@pytest.mark.parametrize("which", ["add", "remove"])
def test_a_plain_field_that_is_added_to_is_refused(which):
    fault = raw("ward_round", **{which: {"mode": ("bedside",)}})
    assert place_of(fault) == ("bad_value", "mode")
    assert "written by set" in fault.detail


@pytest.mark.parametrize(
    "parts", [{"set": {"smell": 1}}, {"add": {"smell": (1,)}}, {"remove": {"smell": (1,)}}]
)
def test_a_field_that_the_type_does_not_have_is_named(parts):
    assert place_of(raw("finding", **parts)) == ("unknown_field", "smell")


def test_a_field_that_the_type_does_not_have_is_found_in_a_private_line_too():
    assert place_of(raw("finding", private=person(values={"smell": 1}))) == ("unknown_field", "smell")


def test_a_type_that_is_not_known_here_is_no_fault():
    assert raw("made_up", set={"smell": 1}) is None


@pytest.mark.parametrize(
    ("code", "position"), [("H3415O290001", "6"), ("X34150290001", "1"), ("H3415029000A", "12")]
)
def test_a_bad_code_names_its_field_and_the_position(code, position):
    fault = edit("institution", {"fixmedins_code": code})
    assert place_of(fault) == ("bad_code", "fixmedins_code")
    assert position in fault.detail


def test_a_code_that_is_right_but_not_in_its_normal_form_is_refused():
    assert place_of(edit("institution", {"fixmedins_code": "h34150290001"})) == ("bad_code", "fixmedins_code")
    assert edit("institution", {"fixmedins_code": "H34150290001"}) is None


def test_a_bad_member_of_a_set_is_named_by_its_place():
    fault = edit("ward_round", {}, add={"wards": ["W11", "W 12"]})
    assert place_of(fault) == ("bad_code", "wards.1")


@pytest.mark.parametrize("name", sorted(FINDING))
def test_a_create_without_a_required_field_names_it(name):
    values = {key: value for key, value in FINDING.items() if key != name}
    assert place_of(create("finding", values)) == ("bad_value", name)
    assert edit("finding", {"amount_fen": 1}) is None, "an edit names only what it sets"


@pytest.mark.parametrize("op", ["void", "restore"])
def test_a_void_or_restore_sets_nothing(op):
    assert fault_of(Draft(op, "finding", RECORD)) is None
    assert place_of(fault_of(Draft(op, "finding", RECORD, {"amount_fen": 1}))) == ("bad_value", "amount_fen")
    assert place_of(fault_of(Draft(op, "finding", RECORD, {"facts": "演示数据"}))) == ("bad_value", "facts")
    members = Draft(op, "finding", RECORD, remove={"evidence": [OTHER]})
    assert place_of(fault_of(members)) == ("bad_value", "evidence")


def test_an_edit_that_sets_nothing_is_refused():
    assert place_of(edit("finding", {})) == ("bad_value", "set")


def test_a_resolve_names_what_it_replaces_and_nothing_else_does():
    chosen = Draft("resolve", "finding", RECORD, {"amount_fen": 7}, over=(OTHER,))
    assert fault_of(chosen) is None
    assert place_of(fault_of(Draft("resolve", "finding", RECORD, {"amount_fen": 7}))) == ("bad_value", "over")
    assert place_of(edit("finding", {"amount_fen": 7}, over=(OTHER,))) == ("bad_value", "over")
    assert place_of(fault_of(Draft("void", "finding", RECORD, over=(OTHER,)))) == ("bad_value", "over")


@pytest.mark.parametrize(("name", "value"), [("evidence", OTHER), ("persons", "测试甲001")])
def test_one_change_may_not_add_and_remove_one_value(name, value):
    both = edit("finding", {}, add={name: [value]}, remove={name: [value]})
    assert place_of(both) == ("bad_value", name)


def test_one_change_may_add_one_value_and_remove_another():
    assert edit("finding", {}, add={"evidence": [OTHER]}, remove={"evidence": [RECORD]}) is None


@pytest.mark.parametrize("value", [True, False, "5", None, [5], {"n": 5}])
@pytest.mark.parametrize(("kind", "name"), [("ward_round", "census_count"), ("ward_round", "started_at")])
def test_only_a_whole_number_is_a_number(kind, name, value):
    if value is None:
        # Null never travels: the line itself is malformed, before any declaration is asked.
        with pytest.raises(Exception, match="null"):
            raw(kind, set={name: value})
        return
    assert place_of(raw(kind, set={name: value})) == ("bad_value", name)


@pytest.mark.parametrize(
    ("kind", "name", "low", "high"),
    [
        ("ward_round", "census_count", 0, 20_000),
        ("finding", "amount_fen", 0, 10**13),
        ("ward_round", "started_at", 0, 4_102_444_800_000),
        ("bed_check", "identity_score", 0, 1000),
        ("rectification_case", "working_days", 1, 250),
    ],
)
def test_a_number_stays_within_its_limits(kind, name, low, high):
    assert edit(kind, {name: low}) is None
    assert edit(kind, {name: high}) is None
    for outside in (low - 1, high + 1):
        assert place_of(edit(kind, {name: outside})) == ("bad_value", name)


@pytest.mark.parametrize("day", ["2026-11-17", "2024-02-29", "1900-01-01", "2100-12-31"])
def test_a_calendar_day_is_taken(day):
    assert edit("finding", {"heard_on": day}) is None


@pytest.mark.parametrize(
    "day",
    [
        "2026-02-29",
        "2026-13-01",
        "2026-1-7",
        "20261117",
        "2026-W47-2",
        "2026-11-17T00:00:00",
        "17.11.2026",
        "1899-12-31",
        "2101-01-01",
        "２０２６-11-17",
        "",
        20_261_117,
    ],
)
def test_what_is_no_day_of_the_calendar_is_refused(day):
    assert place_of(edit("finding", {"heard_on": day})) == ("bad_value", "heard_on")


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"mock": 0}, "position.mock"),
        ({"lat_e7": 900_000_001}, "position.lat_e7"),
        ({"lat_e7": True}, "position.lat_e7"),
        ({"provider": "guess"}, "position.provider"),
        ({"height": 3}, "position.height"),
    ],
)
def test_a_fault_inside_a_position_is_named_by_its_path(change, path):
    assert edit("institution", {"position": PLACE}) is None
    assert place_of(edit("institution", {"position": {**PLACE, **change}})) == ("bad_value", path)


def test_a_position_without_its_accuracy_is_refused():
    bare = {name: value for name, value in PLACE.items() if name != "accuracy_m"}
    assert place_of(edit("institution", {"position": bare})) == ("bad_value", "position.accuracy_m")


@pytest.mark.parametrize(
    "stage",
    ["proposed", {"from": "draft"}, {"from": "draft", "to": "nowhere"}, {"from": "a", "to": "b", "by": "c"}],
)
def test_a_stage_is_written_as_a_step_between_two_stages(stage):
    assert edit("finding", {"stage": {"from": "draft", "to": "proposed"}}) is None
    code, path = place_of(edit("finding", {"stage": stage}))
    assert code == "bad_value"
    assert (path or "").startswith("stage")


@pytest.mark.parametrize("value", ["no such word", "ON_SITE", "", 1])
def test_a_word_that_is_none_of_the_choices_is_refused(value):
    assert place_of(edit("finding", {"origin": value})) == ("bad_value", "origin")


@pytest.mark.parametrize("value", ["no such word", "BED_HANGING", "", 1, "a" * 49])
def test_a_violation_is_a_code_of_its_form_whether_or_not_a_catalogue_has_it(value):
    assert edit("finding", {"violation_code": "of_another_citys_catalogue"}) is None
    assert place_of(edit("finding", {"violation_code": value})) == ("bad_code", "violation_code")


@pytest.mark.parametrize("value", ["", "长" * 8001])
def test_a_text_is_neither_empty_nor_longer_than_its_limit(value):
    assert edit("finding", {"facts": "长" * 8000}) is None
    assert place_of(edit("finding", {"facts": value})) == ("bad_value", "facts")


@pytest.mark.parametrize("value", ["0" * 64, "ab" * 32])
def test_a_digest_is_taken(value):
    assert edit("ward_round", {"seed": value}) is None


@pytest.mark.parametrize("value", ["AB" * 32, "0" * 63, "0" * 65, "g" * 64, f"{'0' * 64}\n"])
def test_what_is_no_digest_is_refused(value):
    assert place_of(edit("ward_round", {"seed": value})) == ("bad_value", "seed")


@pytest.mark.parametrize("value", [RECORD.upper().replace("0", "A"), RECORD[:-1], f"{RECORD}\n", "any"])
def test_what_is_no_lower_case_uuid_is_refused(value):
    assert place_of(edit("ward_round", {"initiator": value})) == ("bad_value", "initiator")


def test_a_thousand_members_at_once_are_taken_and_one_more_is_not():
    def some(length: int) -> list[str]:
        return [f"W{n}" for n in range(length)]

    assert edit("ward_round", {}, add={"wards": some(1000)}) is None
    with pytest.raises(Exception, match=r"1000"):
        edit("ward_round", {}, add={"wards": some(1001)})
