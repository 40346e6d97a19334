"""The merge arithmetic alone: candidates, values, lives, and what a record shows."""

from __future__ import annotations

import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import merge
from sync.ids import conflict_id
from sync.merge import DISPUTED, LIVE, VOIDED, Act, Write
from sync.rules import APPEND, REVIEW, SERVER_ORDER, STAGE, UNION
from tests.sync import naive
from tests.sync.builders import CASE, REGION, add, change, create, edit, ledger, private, remove
from tests.tiers import examples

STAGES = ("draft", "proposed", "heard", "dropped", "confirmed", "withdrawn")


def act(index: int, writer: str = "desk:x", base: int = -1, op: str = "edit", **more: object) -> Act:
    """Return an act whose place in its chain is its place in the ledger, unless `seq` says otherwise."""
    seq = more.pop("seq", index)
    over = more.pop("over", ())
    change_id = more.pop("change", f"c{index:03}")
    assert not more
    return Act(index, writer, 0, seq, 0, base, change_id, op, over)  # type: ignore[arg-type]


@st.composite
def histories(draw: st.DrawFn) -> tuple[str, list[Write]]:
    """Draw (rule, writes of one field): a creation, then writers who saw any earlier index or nothing."""
    rule = draw(st.sampled_from([REVIEW, STAGE, UNION]))
    values = st.sampled_from(STAGES[:5]) if rule == STAGE else st.integers(1, 3)
    writes = [Write(act(0, "device:a", op="create"), "add" if rule == UNION else "set", draw(values))]
    for index in range(1, draw(st.integers(1, 9)) + 1):
        writer = draw(st.sampled_from(["device:a", "device:b", "fork:c", "desk:d", "desk:e"]))
        base = draw(st.integers(-1, index - 1))
        op = "edit"
        over: tuple[str, ...] = ()
        if rule != UNION and draw(st.integers(0, 4)) == 0:
            op = "resolve"
            names = [w.act.change for w in writes]
            over = tuple(draw(st.lists(st.sampled_from(names), min_size=1, max_size=3, unique=True)))
        kind = draw(st.sampled_from(["add", "add", "remove"])) if rule == UNION else "set"
        writes.append(Write(act(index, writer, base, op, over=over), kind, draw(values)))
    return rule, writes


def agrees_with_the_words(history: tuple[str, list[Write]]) -> None:
    """Assert that settle says what the protocol's own words say, and the same for every earlier index."""
    rule, writes = history
    for end in range(1, len(writes) + 1):
        part = writes[:end]
        expected = naive.field_value(part, CASE, rule)
        found = merge.settle(part, CASE, rule)
        assert (found.value, found.open) == (expected.value, expected.open)
        if rule != UNION:
            assert {w.act.change for w in found.candidates} == expected.candidates
            contested = expected.candidates if expected.open else frozenset()
            assert merge.contested_at(writes, part[-1].act.index, CASE, rule) == contested


@given(histories())
@examples(150)
def test_settling_says_what_the_words_of_the_protocol_say(history: tuple[str, list[Write]]) -> None:
    agrees_with_the_words(history)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@given(histories())
@settings(max_examples=20_000, deadline=None)
def test_settling_says_what_the_words_say_over_many_histories(history: tuple[str, list[Write]]) -> None:
    agrees_with_the_words(history)


def test_fifty_writes_each_on_the_one_before_are_settled_at_once() -> None:
    writes = [Write(act(i, base=i - 1), "set", i) for i in range(2_000)]
    assert merge.settle(writes, CASE, REVIEW).value == 1_999


def test_two_hundred_writes_that_did_not_know_each_other_are_settled_at_once() -> None:
    writes = [Write(act(i, base=0 if i else -1), "set", i) for i in range(200)]
    settled = merge.settle(writes, CASE, REVIEW)
    assert (settled.open, len(settled.candidates), settled.value) == (True, 199, 0)


# -- what comes into force later than it was written --------------------------------------------------


def test_a_write_released_late_stays_behind_what_its_phone_wrote_since() -> None:
    newer = Write(act(5, "device:a", seq=2), "set", "new")
    released = Write(act(9, "device:a", seq=1), "set", "old")
    assert merge.settle([newer, released], CASE, REVIEW).value == "new"


def test_writes_released_one_after_the_other_all_stay_behind_the_newest_of_their_phone() -> None:
    newest = Write(act(5, "device:a", seq=3), "set", "new")
    released = [Write(act(8 + seq, "device:a", seq=seq), "set", f"old {seq}") for seq in (1, 2)]
    settled = merge.settle([newest, *released], CASE, REVIEW)
    assert (settled.value, settled.open) == ("new", False)


def test_a_write_released_late_stays_behind_whatever_base_it_claims() -> None:
    newer = Write(act(5, "device:a", seq=2), "set", "new")
    forged = Write(act(9, "device:a", base=5, seq=1), "set", "old")
    assert merge.settle([newer, forged], CASE, REVIEW).value == "new"


def test_a_resolve_also_replaces_a_candidate_it_named_that_came_into_force_after_it() -> None:
    one, other = Write(act(3, "device:a", change="one"), "set", 1), act(7, "device:b", change="two")
    decision = Write(act(5, "desk:l", base=3, op="resolve", over=("one", "two"), change="l"), "set", 3)
    assert merge.settle([one, decision, Write(other, "set", 2)], CASE, REVIEW).value == 3


def test_a_resolve_that_names_what_was_written_knowing_it_does_not_replace_that() -> None:
    first = Write(act(1, change="first"), "set", 1)
    forged = Write(act(2, "device:f", op="resolve", over=("first", "later"), change="f"), "set", 2)
    later = Write(act(3, "desk:l", base=2, change="later"), "set", 3)
    settled = merge.settle([first, forged, later], CASE, REVIEW)
    assert (settled.value, settled.open) == (3, False)


def test_a_ring_of_forged_acts_leaves_a_value() -> None:
    a = Write(act(1, "device:a", op="resolve", over=("c",), change="a"), "set", "a")
    b = Write(act(2, "desk:b", base=1, change="b"), "set", "b")
    c = Write(act(3, "desk:c", op="resolve", over=("b",), change="c"), "set", "c")
    assert merge.settle([a, b, c], CASE, REVIEW).value == "c"


def test_a_resolve_that_names_nothing_dominates_nothing() -> None:
    first = Write(act(1, change="first"), "set", 1)
    empty = Write(act(2, base=1, op="resolve"), "set", 2)
    assert merge.settle([first, empty], CASE, REVIEW).open


# -- order-free, also in what stands behind the value -----------------------------------------------------


@pytest.mark.parametrize("merge_rule", [REVIEW, UNION])
def test_of_equal_values_the_same_private_line_stands_in_every_order(merge_rule: str) -> None:
    kind = "add" if merge_rule == UNION else "set"
    ab = [Write(act(1, change="a"), kind, "x", "line a"), Write(act(2, change="b"), kind, "x", "line b")]
    ba = [Write(act(1, change="b"), kind, "x", "line b"), Write(act(2, change="a"), kind, "x", "line a")]
    assert merge.settle(ab, CASE, merge_rule).private == merge.settle(ba, CASE, merge_rule).private


def test_server_order_keeps_the_last_and_append_keeps_all() -> None:
    writes = [Write(act(1, change="b"), "set", "x"), Write(act(2, change="a"), "set", "y")]
    assert merge.settle(writes, CASE, SERVER_ORDER).value == "y"
    assert merge.settle(writes, CASE, APPEND).value == ["y", "x"]


def test_a_number_and_a_flag_are_two_values() -> None:
    writes = [Write(act(1, change="a"), "set", 1), Write(act(2, change="b"), "set", True)]
    assert merge.settle(writes, CASE, REVIEW).open


def test_no_writes_give_no_value() -> None:
    assert merge.settle([], CASE, REVIEW).value is None
    assert merge.stage_of([], CASE) == "draft"


# -- lives ---------------------------------------------------------------------------------------------------


def test_a_record_without_a_void_lives() -> None:
    assert merge.life_of([act(0, op="create"), act(1)]) == LIVE


def test_a_void_that_covers_all_voids_and_one_that_misses_an_edit_is_disputed() -> None:
    made, edited = act(0, op="create"), act(1, base=0)
    assert merge.life_of([made, edited, act(2, op="void", base=1)]) == VOIDED
    assert merge.life_of([made, edited, act(2, op="void", base=0)]) == DISPUTED


def test_a_restore_that_covers_the_void_gives_life_and_one_that_misses_it_a_dispute() -> None:
    made, voided = act(0, op="create"), act(1, op="void", base=0)
    assert merge.life_of([made, voided, act(2, op="restore", base=1)]) == LIVE
    assert merge.life_of([made, voided, act(2, op="restore", base=0)]) == DISPUTED


# -- records ---------------------------------------------------------------------------------------------------


def test_every_act_in_force_is_a_version_that_a_base_can_name() -> None:
    found = ledger(amount=1)
    for key, base in (("a1", None), ("a2", None)):
        found.put("ann", edit(key, base, contact="x"))
        assert found.version() == found.size - 1


def test_the_stage_at_an_earlier_index_is_found() -> None:
    found = ledger()
    first = found.version()
    found.put("ann", edit("a1", first, stage={"from": "draft", "to": "proposed"}))
    record = found.records["r1"]
    assert [record.stage_at(index, CASE) for index in (0, first, found.version())] == [
        None,
        "draft",
        "proposed",
    ]


def test_a_private_field_is_shown_as_the_digest_of_its_line() -> None:
    found = ledger()
    line = private({"facts": "bed 7 was empty"})
    found.put("ann", change("a1", "edit", "r1", found.version(), private=(line,)))
    shown = merge.visible(found.records["r1"])
    assert shown["fields"]["facts"] == line.digest
    assert found.value("facts") == "bed 7 was empty"
    assert found.records["r1"].lines == {line.digest: line.line}


def test_each_private_member_of_a_set_is_shown_as_the_digest_of_its_line() -> None:
    found = ledger()
    lines = [private(add={"people": (name,)}) for name in ("demo b", "demo a")]
    for key, line in zip(("a1", "a2"), lines, strict=True):
        found.put("ann", change(key, "edit", "r1", None, private=(line,)))
    assert found.value("people") == ["demo a", "demo b"]
    assert merge.visible(found.records["r1"])["fields"]["people"] == [lines[1].digest, lines[0].digest]


def test_the_after_digest_depends_on_everything_shown_and_on_the_salt() -> None:
    found = ledger("r1", "r2", amount=1)
    one, two = found.records["r1"], found.records["r2"]
    found.put("ann", edit("a1", found.version(), amount=2))
    changed = found.records["r1"]
    digests = [merge.after_digest(r, s) for r, s in ((one, "s"), (two, "s"), (changed, "s"), (one, "t"))]
    assert len(set(digests)) == 4


def test_a_cleared_field_is_left_out() -> None:
    found = ledger(amount=1)
    found.put("ann", edit("a1", found.version(), amount=None))
    assert "amount" not in merge.visible(found.records["r1"])["fields"]


def test_a_set_that_lost_its_last_member_is_left_out() -> None:
    found = ledger()
    found.put("ann", add("a1", found.version(), labels=("x",)))
    found.put("ann", remove("a2", found.version(), labels=("x",)))
    assert "labels" not in merge.visible(found.records["r1"])["fields"]


def test_a_new_record_starts_in_its_first_stage() -> None:
    found = ledger()
    found.put("ann", create("a1", "r2", region=REGION))
    assert found.records["r2"].stage == "draft"
    assert (found.records["r2"].created_by, found.records["r2"].created_device) == ("ann", "ann")


def test_a_conflict_has_one_id_per_record_and_field_and_it_is_a_uuid_of_version_8() -> None:
    ids = {conflict_id(r, f) for r in ("r1", "r2") for f in ("amount", "facts")}
    assert len(ids) == 4
    assert conflict_id("r1", "amount") in ids
    assert {uuid.UUID(i).version for i in ids} == {8}
    assert {uuid.UUID(i).variant for i in ids} == {uuid.RFC_4122}
