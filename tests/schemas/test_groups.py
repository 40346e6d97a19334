"""Values that belong together, and what one value asks of another: sound ones pass, each fault is named."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from schemas.declare import Need, choice, group, integer, text
from schemas.drafting import Draft, write
from schemas.records import TYPES
from schemas.records.extension import WORKING_DAYS_MAX
from sync.changes import At, Fault
from tests.schemas.samples import bench, draft_of

RECORD, OTHER, CHANGE = (f"0190000{n}-0000-7000-8000-000000000000" for n in range(3))
numbers = count(1)


def fault_of(draft: Draft) -> Fault | None:
    def random(length: int) -> bytes:
        return next(numbers).to_bytes(length, "big")

    return write(draft, change_id=CHANGE, at=At(wall=0), random=random).fault


def add(kind: str, name: str, value: Any) -> tuple[str, str | None] | None:
    """Return code and field of the fault of an edit that adds one member, or None."""
    fault = fault_of(Draft("edit", kind, RECORD, add={name: [value]}))
    return (fault.code, fault.field) if fault else None


def create(kind: str, /, **values: Any) -> tuple[str, str | None] | None:
    """Return code and field of the fault of a sound create with some values more."""
    known = TYPES[kind]
    sound = draft_of(known, RECORD, bench().ids)
    single = {name: value for name, value in values.items() if not known.by_name[name].many}
    many = {name: [value] for name, value in values.items() if known.by_name[name].many}
    fault = fault_of(Draft("create", kind, RECORD, {**sound.values, **single}, add={**sound.add, **many}))
    return (fault.code, fault.field) if fault else None


SIGNED = {"signer": "party", "name": "测试甲001", "outcome": "signed"}
REFUSED = {**SIGNED, "outcome": "refused"}


def test_a_signature_is_taken():
    assert add("evidence", "signatures", SIGNED) is None


@pytest.mark.parametrize("proof", [{"witness": "测试甲002"}, {"shown_by": OTHER}])
def test_a_refusal_to_sign_stands_with_a_witness_or_with_what_shows_it(proof):
    assert add("evidence", "signatures", {**REFUSED, **proof}) is None
    assert add("evidence", "signatures", REFUSED) == ("bad_value", "signatures.0")


def test_a_group_without_a_part_that_it_must_have_is_refused_by_the_parts_name():
    bare = {name: value for name, value in SIGNED.items() if name != "name"}
    assert add("evidence", "signatures", bare) == ("bad_value", "signatures.0.name")


@pytest.mark.parametrize(
    "change", [{"smell": 1}, {"outcome": "perhaps"}, {"at": "noon"}, {"name": ""}, {"shown_by": "me"}]
)
def test_a_group_with_a_part_that_is_none_or_not_sound_is_refused(change):
    assert add("evidence", "signatures", {**SIGNED, **change}) == (
        "bad_value",
        f"signatures.0.{next(iter(change))}",
    )


@pytest.mark.parametrize("value", ["a name", 5, True, [SIGNED]])
def test_what_is_no_group_is_refused(value):
    assert add("evidence", "signatures", value) == ("bad_value", "signatures.0")


def test_a_group_is_private_as_a_whole_unless_nothing_in_it_is():
    with pytest.raises(AssertionError, match="private"):
        group("open", "公开", "Open", (text("words", "内容", "Words"),), private=None)
    assert group("open", "公开", "Open", (integer("n", "数", "N"),), private=None).private is None


def test_a_part_with_several_values_takes_them_up_to_its_limit():
    answer = {"finding": OTHER, "measure": "disputed", "words": "演示数据"}
    some = [f"{n:064x}" for n in range(101)]
    assert add("rectification_report", "answers", {**answer, "proof": some[:100]}) is None
    place = ("bad_value", "answers.0.proof")
    assert add("rectification_report", "answers", {**answer, "proof": some}) == place
    assert add("rectification_report", "answers", {**answer, "proof": []}) == place


@pytest.mark.parametrize(
    ("measure", "more", "sound"),
    [
        ("corrected", {"done_on": "2026-11-17", "proof": ["ab" * 32]}, True),
        ("corrected", {"done_on": "2026-11-17"}, False),
        ("planned", {"done_on": "2026-12-17"}, True),
        ("planned", {}, False),
        ("disputed", {}, True),
    ],
)
def test_an_answer_that_something_was_corrected_comes_with_its_day_and_proof(measure, more, sound):
    answer = {"finding": OTHER, "measure": measure, "words": "演示数据", **more}
    assert (add("rectification_report", "answers", answer) is None) == sound


def test_two_groups_of_the_same_parts_are_one_value_whatever_order_they_are_written_in():
    turned = dict(reversed(SIGNED.items()))
    both = Draft(
        "edit", "evidence", RECORD, add={"signatures": [SIGNED]}, remove={"signatures": [turned]}
    )  # fmt: skip
    fault = fault_of(both)
    assert fault is not None
    assert (fault.code, fault.field) == ("bad_value", "signatures")


# -- what one field asks of another --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({}, None),
        ({"a": "x"}, None),
        ({"a": "y"}, "b"),
        ({"a": "y", "b": 1}, "c"),
        ({"a": "y", "b": 1, "c": 1}, None),
    ],
)
def test_a_need_names_the_first_that_is_missing(given, missing):
    assert Need("a", ("y",), ("b", "c")).missing(given) == missing


@pytest.mark.parametrize(("given", "missing"), [({"a": "y"}, "b"), ({"a": "y", "c": 1}, None)])
def test_a_need_of_any_is_met_by_one(given, missing):
    assert Need("a", ("y",), ("b", "c"), any_of=True).missing(given) == missing


RECORDED = {"second_officer": OTHER, "signatures": SIGNED}


@pytest.mark.parametrize(
    ("kind", "values", "fault"),
    [
        ("evidence", {"form": "scene_record", **RECORDED}, None),
        ("evidence", {"form": "scene_record", "second_officer": OTHER}, "signatures"),
        ("evidence", {"form": "scene_record", "signatures": SIGNED}, "second_officer"),
        ("evidence", {"form": "inquiry_record", **RECORDED}, "person"),
        ("evidence", {"form": "inquiry_record", **RECORDED, "person": "测试甲003"}, "rights_told"),
        (
            "evidence",
            {"form": "inquiry_record", **RECORDED, "person": "测试甲003", "rights_told": True},
            None,
        ),
        ("evidence", {"form": "copy"}, "original_place"),
        ("evidence", {"form": "copy", "original_place": "病案室"}, None),
        ("evidence", {"form": "photo"}, None),
        ("evidence", {"verified_against_original": True, "original_place": "病案室"}, "verified_on"),
        ("evidence", {"verified_against_original": False}, None),
        ("interview", {"kind": "joint_interview"}, "joint_with"),
        ("interview", {"kind": "joint_interview", "joint_with": "health"}, None),
        ("notice", {"type": "sealing"}, None),
        ("sanction", {"track": "administrative"}, "measures"),
        ("sanction", {"track": "administrative", "measures": "fine"}, "legal_basis"),
        ("sanction", {"track": "administrative", "measures": "fine", "legal_basis": "SCFB-735-38"}, None),
        ("sanction", {"track": "person", "measures": "penalty_points"}, "person"),
    ],
)
def test_a_create_sets_what_another_of_its_values_asks_for(kind, values, fault):
    assert create(kind, **values) == (("bad_value", fault) if fault else None)


def test_an_edit_is_not_asked_for_what_the_record_may_hold_already():
    assert fault_of(Draft("edit", "evidence", RECORD, {"form": "scene_record"})) is None


@pytest.mark.parametrize(
    ("days", "sound"), [(1, True), (WORKING_DAYS_MAX, True), (WORKING_DAYS_MAX + 1, False)]
)
def test_an_extension_stays_within_half_of_the_longest_term(days, sound):
    assert (create("extension", working_days=days) is None) == sound


def test_the_need_of_a_choice_names_words_that_there_are():
    for kind in TYPES.values():
        groups = [(field.needs, {part.name: part for part in field.parts}) for field in kind.fields]
        for needs, known in [(kind.needs, kind.by_name), *groups]:
            for need in needs:
                assert {need.name, *need.names} <= known.keys(), (kind.name, need)
                if known[need.name].choices:
                    assert {*need.words} <= known[need.name].choices.keys(), (kind.name, need)


def test_a_choice_is_one_of_its_words_inside_a_group_too():
    part = choice("way", "方式", "Way", {"post": ("邮寄", "Post")}, required=True)
    field = group("sent", "寄送", "Sent", (part,), private=None)
    assert field.value.deserialize({"way": "post"}) == {"way": "post"}
    with pytest.raises(Exception, match="Must be one of"):
        field.value.deserialize({"way": "pigeon"})
