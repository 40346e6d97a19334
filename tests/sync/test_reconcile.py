"""Section 4 of the protocol, clause by clause; each promise has its refusal twin beside it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sync.changes import Fault
from sync.merge import DISPUTED, LIVE, VOIDED
from sync.outcomes import (
    APPLIED,
    CONFLICT,
    GRANTED_SINCE,
    HELD,
    LATE,
    MERGED,
    REFUSED,
    REPEATED,
    SAME,
    VOID_DISPUTED,
    Outcome,
)
from sync.reconcile import Proposal
from sync.rules import REVIEW, UNION, FieldRule, Grant, TypeRules
from tests.sync.builders import (
    ITEM,
    REGION,
    RULES,
    TEAM,
    Ledger,
    add,
    change,
    create,
    edit,
    ledger,
    private,
    remove,
    resolve,
    restore,
    step,
    void,
)


def in_conflict(**more: Any) -> Ledger:
    """Return a ledger where ann wrote amount 1 and bob 2, neither knowing of the other."""
    found = ledger(amount=0, **more)
    base = found.version()
    found.put("ann", edit("a1", base, amount=1))
    found.put("bob", edit("b1", base, amount=2))
    assert found.open() == {"amount": ("a1", "b1")}
    return found


# -- writes in force and dominance -----------------------------------------------------------------


def test_a_write_on_the_newest_base_is_applied() -> None:
    found = ledger(amount=1)
    assert found.put("ann", edit("a1", found.version(), amount=2)) == Outcome(
        APPLIED, fields={"amount": APPLIED}
    )
    assert found.value("amount") == 2


def test_two_writes_that_did_not_know_each_other_open_a_conflict() -> None:
    found = in_conflict()
    assert found.outcomes["b1"].verdict == CONFLICT


def test_two_equal_writes_that_did_not_know_each_other_are_one_value() -> None:
    found = ledger(amount=0)
    base = found.version()
    found.put("ann", edit("a1", base, amount=7))
    assert found.put("bob", edit("b1", base, amount=7)).verdict == SAME
    assert (found.value("amount"), found.open()) == (7, {})


def test_a_later_write_of_the_same_phone_takes_its_earlier_one_out_whatever_its_base() -> None:
    found = ledger(amount=0)
    base = found.version()
    found.put("ann", edit("a1", base, amount=1))
    found.put("ann", edit("a2", None, amount=2))
    assert (found.value("amount"), found.open()) == (2, {})


def test_a_later_write_of_the_same_desk_needs_a_base_that_covers_the_earlier_one() -> None:
    found = ledger(amount=0)
    base = found.version()
    found.put("desk:sue", edit("d1", base, amount=1))
    assert found.put("desk:sue", edit("d2", base, amount=2)).verdict == CONFLICT


def test_a_desk_act_without_a_base_stands_on_the_head_that_it_was_judged_on() -> None:
    found = ledger(amount=0)
    found.put("ann", edit("a1", found.version(), amount=1))
    assert found.put("desk:sue", edit("d1", None, amount=2)).verdict == APPLIED
    assert (found.value("amount"), found.open()) == (2, {})


def test_a_phones_act_without_a_base_knows_nothing_of_what_others_wrote() -> None:
    found = ledger(amount=0)
    assert found.put("ann", edit("a1", None, amount=1)).verdict == CONFLICT


def test_an_older_form_saved_last_makes_a_conflict_and_loses_nothing() -> None:
    found = ledger(amount=0)
    old = found.version()
    found.put("ann", edit("a1", old, amount=1))
    found.put("bob", edit("b1", found.version(), amount=2))
    assert found.put("cid", edit("c1", old, amount=3)).verdict == CONFLICT
    assert found.open() == {"amount": ("b1", "c1")}


def test_a_write_equal_to_what_is_there_stands_against_one_that_did_not_know_it() -> None:
    found = ledger(amount=5)
    base = found.version()
    assert found.put("ann", edit("a1", base, amount=5)).verdict == SAME
    assert found.put("bob", edit("b1", base, amount=6)).verdict == CONFLICT


def test_a_write_equal_to_what_is_there_can_be_covered_by_whoever_pulls_afterwards() -> None:
    found = ledger(amount=5, labels=None)
    found.put("ann", edit("a1", found.version(), amount=5))
    assert found.put("bob", edit("b1", found.version(), amount=6)).verdict == APPLIED
    assert found.open() == {}


def test_a_value_added_twice_can_be_removed_by_whoever_pulls_afterwards() -> None:
    found = ledger()
    found.put("ann", add("a1", found.version(), labels=("x",)))
    assert found.put("bob", add("b1", found.version(), labels=("x",))).verdict == SAME
    found.put("cid", remove("c1", found.version(), labels=("x",)))
    assert found.value("labels") is None


def test_refused_late_and_held_writes_dominate_nothing() -> None:
    found = ledger(amount=0)
    base = found.version()
    found.put("ann", edit("a1", base, amount=1))
    assert found.put("bob", edit("b1", found.version(), amount=2, nothing=3)).verdict == REFUSED
    assert found.put("cid", edit("c1", base, amount=3)).verdict == CONFLICT
    assert found.open() == {"amount": ("a1", "c1")}


def test_a_change_with_one_bad_field_brings_none_of_its_fields_into_force() -> None:
    found = ledger(amount=0)
    outcome = found.put("ann", edit("a1", found.version(), amount=1, signed_by="ann"))
    assert (outcome.verdict, outcome.code, outcome.field) == (REFUSED, "not_allowed", "signed_by")
    assert found.value("amount") == 0


# -- review ----------------------------------------------------------------------------------------


def test_an_open_conflict_shows_the_value_from_before_it() -> None:
    assert in_conflict().value("amount") == 0


def test_an_open_conflict_shows_the_value_at_the_lowest_base_of_its_candidates() -> None:
    found = ledger(amount=0)
    low = found.version()
    found.put("ann", edit("a1", low, amount=1))
    found.put("ann", edit("a2", found.version(), amount=2))
    found.put("bob", edit("b1", low, amount=9))
    assert (found.open(), found.value("amount")) == ({"amount": ("a2", "b1")}, 2 - 2)


def test_a_conflict_on_a_null_base_shows_the_value_of_the_creation_never_nothing() -> None:
    found = ledger()
    found.put("ann", create("m", "r9", region=REGION, amount=10))
    base = found.version("r9")
    found.put("ann", edit("a1", None, "r9", amount=11))
    found.put("bob", edit("b1", base, "r9", amount=12))
    assert (found.open("r9"), found.value("amount", "r9")) == ({"amount": ("a1", "b1")}, 10)


def test_a_write_on_a_base_inside_an_open_conflict_becomes_one_more_candidate() -> None:
    found = in_conflict()
    assert found.put("cid", edit("c1", found.version(), amount=3)).verdict == CONFLICT
    assert found.open() == {"amount": ("a1", "b1", "c1")}


def test_a_candidate_inside_an_open_conflict_still_replaces_its_own_phones_candidate() -> None:
    found = in_conflict()
    found.put("ann", edit("a2", found.version(), amount=3))
    assert found.open() == {"amount": ("a2", "b1")}


def test_a_write_inside_an_open_conflict_still_covers_what_the_conflict_is_not_about() -> None:
    found = in_conflict(facts=None, contact="x")
    assert found.put("cid", edit("c1", found.version(), contact="y")).verdict == APPLIED
    assert found.value("contact") == "y"


def test_the_desk_is_refused_a_write_into_an_open_conflict() -> None:
    found = in_conflict()
    outcome = found.put("desk:sue", edit("d1", found.version(), amount=3))
    assert (outcome.verdict, outcome.code, outcome.field) == (REFUSED, "conflict_open", "amount")
    assert found.put("desk:sue", edit("d2", found.version(), contact="y")).verdict == APPLIED


def test_a_write_after_the_decision_dominates_what_was_decided() -> None:
    found = in_conflict()
    found.put("lea", resolve("l1", found.version(), ["a1", "b1"], amount=2))
    assert found.put("cid", edit("c1", found.version(), amount=4)).verdict == APPLIED
    assert (found.value("amount"), found.open()) == (4, {})


# -- resolve -----------------------------------------------------------------------------------------


def test_a_resolve_that_names_all_candidates_settles_the_conflict() -> None:
    found = in_conflict()
    assert found.put("desk:lea", resolve("l1", found.version(), ["a1", "b1"], amount=2)).verdict == APPLIED
    assert (found.value("amount"), found.open()) == (2, {})


def test_a_resolve_for_the_value_from_before_the_conflict_is_applied_not_same() -> None:
    found = in_conflict()
    assert found.put("desk:lea", resolve("l1", found.version(), ["a1", "b1"], amount=0)).verdict == APPLIED


def test_a_resolve_is_not_refused_for_a_newer_candidate_and_both_stand() -> None:
    found = in_conflict()
    seen = found.version()
    found.put("cid", edit("c1", seen, amount=3))
    assert found.put("desk:lea", resolve("l1", seen, ["a1", "b1"], amount=2)).verdict == CONFLICT
    assert found.open() == {"amount": ("c1", "l1")}


def test_a_resolve_dominates_nothing_by_its_base() -> None:
    found = in_conflict()
    found.put("cid", edit("c1", found.version(), amount=3))
    found.put("desk:lea", resolve("l1", found.version(), ["a1", "b1"], amount=2))
    assert found.open() == {"amount": ("c1", "l1")}


def test_two_resolves_that_did_not_know_each_other_are_a_conflict_again() -> None:
    found = in_conflict()
    seen = found.version()
    found.put("desk:lea", resolve("l1", seen, ["a1", "b1"], amount=1))
    assert found.put("desk:sue", resolve("s1", seen, ["a1", "b1"], amount=2)).verdict == CONFLICT
    found.put("desk:sue", resolve("s2", found.version(), ["l1", "s1"], amount=2))
    assert (found.value("amount"), found.open()) == (2, {})


def test_a_resolve_replaces_its_own_phones_candidate_without_naming_it() -> None:
    found = ledger(amount=0)
    base = found.version()
    found.put("lea", edit("l1", base, amount=1))
    found.put("bob", edit("b1", base, amount=2))
    found.put("lea", resolve("l2", found.version(), ["b1"], amount=3))
    assert (found.value("amount"), found.open()) == (3, {})


def test_only_who_may_resolve_resolves() -> None:
    found = in_conflict()
    outcome = found.put("cid", resolve("c1", found.version(), ["a1", "b1"], amount=2))
    assert (outcome.verdict, outcome.code) == (REFUSED, "not_allowed")


def test_a_resolve_of_a_field_that_never_was_in_conflict_is_refused() -> None:
    found = in_conflict()
    outcome = found.put("lea", resolve("l1", found.version(), ["r1.made"], score=100))
    assert (outcome.verdict, outcome.code, outcome.field) == (REFUSED, "bad_value", "score")


def test_a_resolve_of_a_stage_that_never_was_in_conflict_is_refused() -> None:
    found = in_conflict()
    forged = resolve("l1", found.version(), ["r1.made"], stage={"from": "draft", "to": "confirmed"})
    assert found.put("lea", forged).verdict == REFUSED
    assert found.value("stage") == "draft"


# -- union, append, server order, server only --------------------------------------------------------


def test_adds_from_two_phones_are_both_in() -> None:
    found = ledger()
    base = found.version()
    found.put("ann", add("a1", base, labels=("x",)))
    assert found.put("bob", add("b1", base, labels=("y",))).verdict == MERGED
    assert found.value("labels") == ["x", "y"]


def test_a_remove_takes_out_the_add_that_its_base_covers() -> None:
    found = ledger()
    found.put("ann", add("a1", found.version(), labels=("x", "y")))
    assert found.put("bob", remove("b1", found.version(), labels=("x",))).verdict == APPLIED
    assert found.value("labels") == ["y"]


def test_an_add_stands_against_a_remove_that_did_not_know_it() -> None:
    found = ledger()
    found.put("ann", add("a1", found.version(), labels=("x",)))
    seen = found.version()
    found.put("ann", add("a2", seen, labels=("x",)))
    outcome = found.put("bob", remove("b1", seen, labels=("x",)))
    assert (outcome.verdict, found.value("labels")) == (MERGED, ["x"])


def test_an_add_after_a_remove_stands() -> None:
    found = ledger()
    found.put("ann", add("a1", found.version(), labels=("x",)))
    found.put("bob", remove("b1", found.version(), labels=("x",)))
    found.put("cid", add("c1", found.version(), labels=("x",)))
    assert found.value("labels") == ["x"]


def test_a_phone_removes_its_own_add_without_having_pulled_it() -> None:
    found = ledger()
    base = found.version()
    found.put("ann", add("a1", base, labels=("x",)))
    found.put("ann", remove("a2", base, labels=("x",)))
    assert found.value("labels") is None


def test_removing_what_never_was_there_is_same() -> None:
    found = ledger()
    assert found.put("ann", remove("a1", found.version(), labels=("x",))).verdict == SAME


def test_events_are_all_kept_in_an_order_that_no_arrival_decides() -> None:
    ab, ba = ledger(), ledger()
    base = ab.version()
    one, two = add("a1", base, events=("fell",)), add("b1", base, events=("rose",))
    for found, order in ((ab, (("ann", one), ("bob", two))), (ba, (("bob", two), ("ann", one)))):
        for writer, made in order:
            found.put(writer, made)
    assert ab.value("events") == ba.value("events") == ["fell", "rose"]


def test_server_order_lets_the_last_in_the_ledger_win_without_a_conflict() -> None:
    found = ledger()
    base = found.version()
    found.put("ann", edit("a1", base, contact="x"))
    assert found.put("bob", edit("b1", base, contact="y")).verdict == MERGED
    assert (found.value("contact"), found.open()) == ("y", {})


def test_a_server_only_field_is_written_by_the_machine() -> None:
    found = ledger()
    assert found.put("machine", edit("m1", found.version(), score=3)).verdict == APPLIED
    assert found.value("score") == 3


def test_no_phone_writes_a_server_only_field_not_even_when_it_creates() -> None:
    found = ledger()
    assert found.put("ann", edit("a1", found.version(), score=3)).code == "not_allowed"
    assert found.put("ann", create("a2", "r2", region=REGION, score=3)).code == "not_allowed"
    assert found.put("ann", create("a3", "r3", region=REGION, sealed=3)).code == "not_allowed"


# -- stages ------------------------------------------------------------------------------------------


def test_a_step_from_the_stage_at_the_base_is_applied() -> None:
    found = ledger()
    assert found.put("ann", step("a1", found.version(), "draft", "proposed")).verdict == APPLIED
    assert found.value("stage") == "proposed"


def test_a_step_from_another_stage_than_that_at_the_base_is_refused() -> None:
    found = ledger()
    base = found.version()
    found.put("ann", step("a1", base, "draft", "proposed"))
    outcome = found.put("bob", step("b1", base, "proposed", "heard"))
    assert (outcome.verdict, outcome.code) == (REFUSED, "bad_transition")


def test_a_step_that_no_edge_allows_is_refused() -> None:
    found = ledger()
    outcome = found.put("ann", step("a1", found.version(), "draft", "heard"))
    assert (outcome.verdict, outcome.code, outcome.field) == (REFUSED, "bad_transition", "stage")


def test_a_phone_walks_several_steps_offline_on_one_base() -> None:
    found = ledger()
    base = found.version()
    for key, source, target in (("a1", "draft", "proposed"), ("a2", "proposed", "heard")):
        assert found.put("ann", step(key, base, source, target)).verdict == APPLIED
    assert found.value("stage") == "heard"


def test_of_two_racing_steps_the_one_that_forward_edges_reach_wins_in_either_order() -> None:
    for first in ("ann", "bob"):
        found = ledger()
        base = found.version()
        steps = {
            "ann": [step("a1", base, "draft", "proposed")],
            "bob": [step("b1", base, "draft", "proposed"), step("b2", base, "proposed", "heard")],
        }
        for writer in (first, *({"ann", "bob"} - {first})):
            for one in steps[writer]:
                assert found.put(writer, one).verdict in (APPLIED, MERGED, SAME)
        assert (found.value("stage"), found.open()) == ("heard", {})


def test_a_step_behind_what_others_reached_is_merged() -> None:
    found = ledger()
    base = found.version()
    found.put("ann", step("a1", base, "draft", "proposed"))
    found.put("ann", step("a2", base, "proposed", "heard"))
    assert found.put("bob", step("b1", base, "draft", "proposed")).verdict == MERGED
    assert found.value("stage") == "heard"


def test_two_phones_that_take_the_same_step_agree() -> None:
    found = ledger()
    base = found.version()
    found.put("ann", step("a1", base, "draft", "proposed"))
    assert found.put("bob", step("b1", base, "draft", "proposed")).verdict == SAME


def test_racing_steps_that_no_forward_edge_joins_are_for_a_person() -> None:
    found = ledger()
    base = found.version()
    found.put("ann", step("a1", base, "draft", "proposed"))
    assert found.put("bob", step("b1", base, "draft", "dropped")).verdict == CONFLICT
    assert (found.value("stage"), found.open()) == ("draft", {"stage": ("a1", "b1")})


def test_a_step_back_is_no_forward_edge_and_never_wins_a_race() -> None:
    found = ledger()
    found.put("ann", step("a1", found.version(), "draft", "proposed"))
    base = found.version()
    found.put("ann", step("a2", base, "proposed", "draft"))
    assert found.put("bob", step("b1", base, "proposed", "heard")).verdict == MERGED
    assert found.value("stage") == "heard"


def test_a_record_may_be_created_with_its_first_step() -> None:
    found = ledger()
    first = {"from": "draft", "to": "proposed"}
    assert found.put("ann", create("a1", "r2", region=REGION, stage=first)).verdict == APPLIED
    assert found.value("stage", "r2") == "proposed"


def test_a_record_is_not_created_with_a_later_step() -> None:
    found = ledger()
    jump = {"from": "proposed", "to": "heard"}
    assert found.put("ann", create("a1", "r2", region=REGION, stage=jump)).code == "bad_transition"
    assert "r2" not in found.records


def test_a_step_of_a_role_that_may_not_take_it_is_refused() -> None:
    found = ledger()
    found.put("ann", step("a1", found.version(), "draft", "proposed"))
    found.put("ann", step("a2", found.version(), "proposed", "heard"))
    assert found.put("bob", step("b1", found.version(), "heard", "confirmed")).code == "not_allowed"
    assert found.put("lea", step("l1", found.version(), "heard", "confirmed")).verdict == APPLIED


def test_no_step_is_late_because_of_another_step() -> None:
    found = ledger()
    base = found.version()
    found.put("ann", step("a1", base, "draft", "dropped"))
    late = change("b1", "edit", "r1", base, anchor=base, set={"stage": {"from": "draft", "to": "proposed"}})
    assert found.put("bob", late).verdict == CONFLICT


def test_no_step_is_late_because_of_another_step_where_the_record_is_its_own_root() -> None:
    found = ledger()
    base = found.version()
    found.put("ann", step("a1", base, "draft", "proposed"))
    late = change("b1", "edit", "r1", base, anchor=base, set={"stage": {"from": "draft", "to": "dropped"}})
    assert found.put("bob", late).verdict == CONFLICT


@pytest.mark.parametrize("value", ["proposed", None, 3, {}, {"from": "draft"}, {"from": [], "to": {}}])
def test_a_stage_that_is_no_step_is_refused_and_harms_nobody(value: Any) -> None:
    found = ledger()
    for key, op in (("a1", "edit"), ("a2", "resolve")):
        outcome = found.put("lea", change(key, op, "r1", found.version(), set={"stage": value}))
        assert (outcome.verdict, outcome.code, outcome.field) == (REFUSED, "bad_value", "stage")


def test_a_stage_in_a_private_line_or_as_a_member_is_refused_and_harms_nobody() -> None:
    found = ledger()
    hidden = private({"stage": {"from": "draft", "to": "proposed"}})
    assert found.put("ann", change("a1", "edit", "r1", None, private=(hidden,))).code == "bad_value"
    assert found.put("ann", add("a2", None, stage=("proposed",))).code == "bad_value"


# -- conflict, void and restore -----------------------------------------------------------------------


def test_a_void_that_knew_every_edit_takes_effect() -> None:
    found = ledger()
    found.put("ann", edit("a1", found.version(), amount=1))
    assert found.put("bob", void("b1", found.version())).verdict == APPLIED
    assert found.records["r1"].life == VOIDED


def test_a_void_by_the_phone_that_did_all_the_work_needs_no_pull() -> None:
    found = ledger()
    found.put("ann", create("m", "r9", region=REGION))
    found.put("ann", edit("a1", None, "r9", amount=1))
    found.put("ann", void("a2", None, "r9"))
    assert found.records["r9"].life == VOIDED


@pytest.mark.parametrize("void_first", [True, False])
def test_a_void_and_an_edit_that_did_not_know_each_other_leave_the_record_alive_and_disputed(
    void_first: bool,
) -> None:
    found = ledger(amount=0)
    base = found.version()
    acts = [("ann", void("a1", base)), ("bob", edit("b1", base, amount=1))]
    outcomes = [found.put(*act) for act in (acts if void_first else acts[::-1])]
    assert [o.verdict for o in outcomes] == [APPLIED, APPLIED]
    assert outcomes[1].flags == (VOID_DISPUTED,)
    assert (found.records["r1"].life, found.value("amount")) == (DISPUTED, 1)


def test_an_edit_on_what_was_void_at_its_base_is_refused() -> None:
    found = ledger()
    found.put("ann", void("a1", found.version()))
    assert found.put("bob", edit("b1", found.version(), amount=1)).code == "record_voided"
    assert found.put("ann", edit("a2", None, amount=1)).code == "record_voided"


def test_an_edit_inside_a_dispute_is_in_force() -> None:
    found = ledger()
    base = found.version()
    found.put("ann", void("a1", base))
    found.put("bob", edit("b1", base, amount=1))
    assert found.put("cid", edit("c1", found.version(), amount=2)).verdict == APPLIED


def test_a_dispute_ends_by_a_void_that_knows_both_sides() -> None:
    found = ledger()
    base = found.version()
    found.put("ann", void("a1", base))
    found.put("bob", edit("b1", base, amount=1))
    found.put("cid", void("c1", found.version()))
    assert found.records["r1"].life == VOIDED


def test_a_dispute_ends_by_a_restore_that_knows_both_sides() -> None:
    found = ledger()
    base = found.version()
    found.put("ann", void("a1", base))
    found.put("bob", edit("b1", base, amount=1))
    found.put("cid", restore("c1", found.version()))
    assert found.records["r1"].life == LIVE


def test_a_restore_does_not_reach_a_void_that_it_did_not_know() -> None:
    found = ledger()
    base = found.version()
    found.put("ann", void("a1", base))
    knew = found.version()
    found.put("bob", void("b1", knew))
    found.put("cid", restore("c1", knew))
    assert found.records["r1"].life == DISPUTED


def test_a_restored_record_takes_edits_again() -> None:
    found = ledger()
    found.put("ann", void("a1", found.version()))
    found.put("bob", restore("b1", found.version()))
    assert found.put("cid", edit("c1", found.version(), amount=3)).verdict == APPLIED


def test_a_void_after_a_repeated_value_that_was_seen_takes_effect() -> None:
    found = ledger(amount=1)
    assert found.put("ann", edit("a1", found.version(), amount=1)).verdict == SAME
    found.put("bob", void("b1", found.version()))
    assert found.records["r1"].life == VOIDED


# -- rights: at the anchor and now -----------------------------------------------------------------------


def dismissed(found: Ledger, user: str) -> None:
    """End a user's grants at the present head."""
    found.grants.rows = [replace(g, end=found.size) if g.user == user else g for g in found.grants.rows]
    found.put("desk:sue", edit(f"after {user}", found.version(), contact=user))


def test_allowed_at_the_anchor_and_now_is_in_force() -> None:
    found = ledger()
    outcome = found.put("ann", change("a1", "edit", "r1", found.version(), anchor=1, set={"amount": 1}))
    assert (outcome.verdict, outcome.flags) == (APPLIED, ())


def test_allowed_only_at_the_anchor_is_late_and_changes_nothing() -> None:
    found = ledger(amount=0)
    base = found.version()
    dismissed(found, "ann")
    outcome = found.put("ann", change("a1", "edit", "r1", base, anchor=base, set={"amount": 1}))
    assert (outcome.verdict, found.value("amount")) == (LATE, 0)


def test_allowed_only_now_is_in_force_and_flagged() -> None:
    found = ledger()
    found.grants.rows.append(Grant("new", "member", REGION, "new", found.size))
    found.put("desk:sue", edit("x", found.version(), contact="x"))
    outcome = found.put("new", change("n1", "edit", "r1", found.version(), anchor=1, set={"amount": 1}))
    assert (outcome.verdict, outcome.flags) == (APPLIED, (GRANTED_SINCE,))


def test_allowed_neither_then_nor_now_is_refused() -> None:
    found = ledger()
    outcome = found.put("eve", change("e1", "edit", "r1", found.version(), anchor=1, set={"amount": 1}))
    assert (outcome.verdict, outcome.code) == (REFUSED, "not_allowed")


def test_an_anchor_beyond_the_head_is_refused() -> None:
    found = ledger()
    outcome = found.put("ann", change("a1", "edit", "r1", 1, anchor=99, set={"amount": 1}))
    assert (outcome.verdict, outcome.code, outcome.field) == (REFUSED, "base_ahead", "at")


def test_an_edit_is_late_when_its_stage_was_left_meanwhile() -> None:
    found = ledger()
    base = found.version()
    found.put("bob", step("b1", base, "draft", "proposed"))
    assert found.put("ann", change("a1", "edit", "r1", base, anchor=base, set={"early": 1})).verdict == LATE


def test_an_edit_after_leaving_its_stage_on_the_same_phone_is_refused() -> None:
    found = ledger()
    base = found.version()
    found.put(
        "ann",
        change("a1", "edit", "r1", base, anchor=base, set={"stage": {"from": "draft", "to": "proposed"}}),
    )
    outcome = found.put("ann", change("a2", "edit", "r1", base, anchor=base, set={"early": 1}))
    assert (outcome.verdict, outcome.code) == (REFUSED, "not_allowed")


def test_an_edit_of_ones_own_new_record_is_late_not_refused_when_others_moved_it_on() -> None:
    found = ledger()
    found.put("ann", change("m", "create", "r9", None, anchor=1, set={"region": REGION}))
    found.put("bob", step("b1", found.version("r9"), "draft", "proposed", "r9"))
    assert found.put("ann", change("a1", "edit", "r9", None, anchor=1, set={"early": 1})).verdict == LATE


def test_work_inside_a_case_is_late_when_the_case_was_closed_meanwhile() -> None:
    found = ledger()
    base = found.version()
    found.put("bob", step("b1", base, "draft", "dropped"))
    late = change("a1", "create", "i1", None, type="item", anchor=base, set={"case": "r1"})
    assert found.put("ann", late).verdict == LATE
    stale = change("a2", "create", "i2", None, type="item", anchor=found.version(), set={"case": "r1"})
    assert found.put("ann", stale).verdict == REFUSED


def test_a_create_may_set_what_everyone_who_creates_may_write() -> None:
    assert ledger().put("ann", create("a1", "r2", region=REGION, amount=3)).verdict == APPLIED


def test_a_create_may_not_set_what_only_a_lead_may_write() -> None:
    found = ledger()
    outcome = found.put("ann", create("a1", "r2", region=REGION, signed_by="ann"))
    assert (outcome.verdict, outcome.code, outcome.field) == (REFUSED, "not_allowed", "signed_by")
    assert found.put("lea", create("l1", "r3", region=REGION, signed_by="lea")).verdict == APPLIED


def test_a_field_that_nobody_may_write_is_set_once_at_creation() -> None:
    found = ledger()
    assert found.put("sue", edit("s1", found.version(), region="341503")).code == "not_allowed"


def test_a_record_hands_out_roles_from_its_own_entry_on() -> None:
    found = ledger()
    before = found.put("tom", edit("t1", found.version(), amount=1))
    found.put("lea", add("l1", found.version(), helpers=("tom",)))
    assert before.code == "not_allowed"
    assert found.put("tom", edit("t2", found.version(), amount=1)).verdict == APPLIED


def test_a_role_that_was_taken_back_no_longer_helps() -> None:
    found = ledger()
    found.put("lea", add("l1", found.version(), helpers=("tom",)))
    found.put("lea", remove("l2", found.version(), helpers=("tom",)))
    assert found.put("tom", edit("t1", found.version(), amount=1)).code == "not_allowed"


def test_a_voided_record_hands_out_nothing() -> None:
    found = ledger()
    found.put("lea", add("l1", found.version(), helpers=("tom",)))
    found.put("lea", void("l2", found.version()))
    assert found.put("tom", restore("t1", found.version())).code == "not_allowed"


def test_judging_leaves_what_it_was_given_as_it_was() -> None:
    found = ledger()
    rows, records, used = list(found.grants.rows), dict(found.records), dict(found.used)
    change = add("l1", found.version(), helpers=("tom",))
    judged = found.judge([Proposal(found.size, "lea", "device:lea", 1, 0, "s", change)])
    assert judged.outcomes[0].in_force
    assert (found.grants.rows, found.records, found.used) == (rows, records, used)


# -- bases, ids, references --------------------------------------------------------------------------------


def test_a_base_that_is_no_version_of_the_record_is_refused() -> None:
    found = ledger("r1", "r2")
    outcome = found.put("ann", edit("a1", found.version("r2"), "r1", amount=1))
    assert (outcome.verdict, outcome.code, outcome.field) == (REFUSED, "base_unknown", "base")


def test_a_base_of_another_epoch_is_refused() -> None:
    found = ledger()
    foreign = change("a1", "edit", "r1", found.version(), epoch="f" * 32, set={"amount": 1})
    assert found.put("ann", foreign).code == "base_unknown"


def test_a_base_beyond_the_head_is_refused() -> None:
    found = ledger()
    assert found.put("ann", edit("a1", found.size, amount=1)).code == "base_ahead"


def test_a_base_on_any_version_that_the_record_had_is_taken() -> None:
    found = ledger(amount=0)
    first = found.version()
    found.put("ann", edit("a1", first, amount=1))
    for base in (found.version(), first, None):
        assert found.put("ann", edit(f"again {base}", base, contact="x")).in_force


def test_a_create_with_a_base_is_refused() -> None:
    found = ledger()
    assert found.put("ann", change("a1", "create", "r2", 1, set={"region": REGION})).code == "base_unknown"


def test_a_second_create_of_a_record_is_refused() -> None:
    found = ledger()
    assert found.put("ann", create("a1", "r1", region=REGION)).code == "record_exists"


def test_an_edit_of_another_type_than_the_records_is_refused() -> None:
    found = ledger()
    assert (
        found.put("ann", change("a1", "edit", "r1", None, type="place", set={"region": "1"})).code
        == "bad_value"
    )


def test_an_edit_of_a_record_that_has_not_arrived_is_held() -> None:
    outcome = ledger().put("ann", edit("a1", None, "r7", amount=1))
    assert (outcome.verdict, outcome.waiting_for) == (HELD, "r7")


def test_a_change_that_names_a_record_that_has_not_arrived_is_held() -> None:
    found = ledger()
    inside = change("a1", "create", "i1", None, type="item", set={"case": "r1", "photo": "p1"})
    outcome = found.put("ann", inside)
    assert (outcome.verdict, outcome.waiting_for) == (HELD, "p1")
    orphan = change("a2", "create", "i2", None, type="item", set={"case": "r7"})
    assert found.put("ann", orphan).waiting_for == "r7"


def test_a_change_of_an_unknown_type_is_held_for_a_newer_server() -> None:
    outcome = ledger().put("ann", change("a1", "create", "d1", None, type="drone", set={"x": 1}))
    assert (outcome.verdict, outcome.waiting_for) == (HELD, "type:drone")


def test_an_unknown_field_is_refused_and_harms_nobody() -> None:
    found = ledger()
    outcome = found.put("ann", edit("a1", found.version(), nothing=1))
    assert (outcome.verdict, outcome.code, outcome.field) == (REFUSED, "unknown_field", "nothing")


def test_a_record_takes_root_and_region_from_the_record_it_lies_in() -> None:
    found = ledger()
    found.put("ann", change("a1", "create", "i1", None, type="item", set={"case": "r1"}))
    assert (found.records["i1"].root, found.records["i1"].region) == ("r1", REGION)


def test_a_root_shares_the_region_of_the_record_that_it_names() -> None:
    found = ledger()
    found.put("machine", change("m1", "create", "p1", None, type="place", set={"region": REGION}))
    visit = change("s1", "create", "v1", None, type="visit", set={"place": "p1"})
    assert found.put("desk:sue", visit).verdict == APPLIED
    assert (found.records["v1"].root, found.records["v1"].region) == ("v1", REGION)


def test_a_root_in_a_region_where_nobody_let_him_is_refused() -> None:
    found = ledger()
    assert found.put("ann", create("a1", "r2", region="350102")).code == "not_allowed"


def test_a_root_without_the_place_that_it_needs_is_refused_and_with_one_to_come_held() -> None:
    found = ledger()
    assert found.put("desk:sue", change("s1", "create", "v1", None, type="visit")).code == "bad_value"
    waiting = change("s2", "create", "v2", None, type="visit", set={"place": "p9"})
    assert found.put("desk:sue", waiting).waiting_for == "p9"


def test_the_same_change_again_has_no_effect_of_its_own() -> None:
    found = ledger(amount=0)
    one = edit("a1", found.version(), amount=1)
    found.put("ann", one)
    version = found.version()
    again = found.put("ann", one)
    assert (again.verdict, again.flags, again.in_force) == (SAME, (REPEATED,), False)
    assert found.version() == version


def test_a_change_id_with_another_line_is_refused() -> None:
    found = ledger()
    found.put("ann", edit("a1", found.version(), amount=1))
    outcome = found.put("bob", edit("a1", found.version(), amount=2))
    assert (outcome.verdict, outcome.code) == (REFUSED, "id_reused")


def test_a_change_that_validation_faulted_is_refused_with_its_words() -> None:
    found = ledger()
    bad = edit("a1", found.version(), stage=3)
    outcome = found.put_set("ann", [bad], {"a1": Fault("bad_value", "no step", "stage")})[0]
    assert outcome == Outcome(REFUSED, code="bad_value", field="stage")


def test_the_id_of_a_faulted_change_is_used_within_the_batch_as_it_is_after_it() -> None:
    bad, other = edit("a1", None, amount="x"), edit("a1", None, amount=1)
    faults = {"a1": Fault("bad_value", "no number", "amount")}
    apart = ledger()
    apart.put_set("ann", [bad], faults)
    proposals = [
        Proposal(apart.size, "ann", "device:ann", 9, 0, "s", bad, fault=faults["a1"]),
        Proposal(apart.size + 1, "ann", "device:ann", 9, 1, "s", other),
    ]
    assert apart.put("ann", other).code == "id_reused"
    assert ledger().judge(proposals).outcomes[1].code == "id_reused"


def test_a_line_that_could_not_be_read_is_refused_alone() -> None:
    found = ledger()
    good = edit("a1", found.version(), amount=1)
    judged = found.judge(
        [
            Proposal(found.size, "ann", "device:ann", 1, 0, "s", None, fault=Fault("not_canonical", "")),
            Proposal(found.size + 1, "ann", "device:ann", 1, 1, "s", good),
        ]
    )
    assert [o.verdict for o in judged.outcomes] == [REFUSED, APPLIED]
    assert judged.afters[0] is None


# -- groups ---------------------------------------------------------------------------------------------------


def group(*changes: Any) -> list[Any]:
    """Put changes into one tx."""
    return [replace(c, tx="t") for c in changes]


def test_a_group_without_a_fault_is_applied_whole() -> None:
    found = ledger()
    outcomes = found.put_set(
        "ann", group(create("a1", "r2", region=REGION), edit("a2", None, "r2", amount=1))
    )
    assert [o.verdict for o in outcomes] == [APPLIED, APPLIED]


@pytest.mark.parametrize(
    ("fault", "verdict"),
    [(edit("a2", None, nothing=1), REFUSED), (edit("a2", None, "r7", amount=1), HELD)],
    ids=["refused", "held"],
)
def test_a_group_falls_with_its_member_and_says_because_of_whom(fault: Any, verdict: str) -> None:
    found = ledger(amount=0)
    outcomes = found.put_set("ann", group(edit("a1", None, amount=1), fault, edit("a3", None, amount=3)))
    assert [o.verdict for o in outcomes] == [verdict] * 3
    assert [o.because for o in outcomes] == ["a2", None, "a2"]
    assert found.value("amount") == 0


def test_a_group_is_late_with_its_member() -> None:
    found = ledger(amount=0)
    base = found.version()
    found.put("bob", step("b1", base, "draft", "proposed"))
    early = change("a2", "edit", "r1", base, anchor=base, set={"early": 1})
    outcomes = found.put_set("ann", group(edit("a1", base, amount=1), early))
    assert [o.verdict for o in outcomes] == [LATE, LATE]


def test_a_conflict_does_not_fell_a_group() -> None:
    found = ledger(amount=0)
    base = found.version()
    found.put("bob", edit("b1", base, amount=1))
    outcomes = found.put_set("ann", group(edit("a1", base, amount=2), edit("a2", base, contact="x")))
    assert [o.verdict for o in outcomes] == [CONFLICT, APPLIED]


def test_what_stands_beside_a_fallen_group_is_judged_on_its_own() -> None:
    found = ledger(amount=0)
    members = group(edit("a1", None, amount=1), edit("a2", None, nothing=1))
    outcomes = found.put_set("ann", [members[0], edit("a3", None, contact="x"), members[1]])
    assert [o.verdict for o in outcomes] == [REFUSED, APPLIED, REFUSED]


def test_groups_of_two_sets_with_one_name_do_not_touch_each_other() -> None:
    found = ledger(amount=0)
    good, bad = group(edit("a1", None, contact="x")), group(edit("b1", None, nothing=1))
    judged = found.judge(
        [
            Proposal(found.size, "ann", "device:ann", 1, 0, "ann/1", good[0]),
            Proposal(found.size + 1, "bob", "device:bob", 1, 0, "bob/1", bad[0]),
        ]
    )
    assert [o.verdict for o in judged.outcomes] == [APPLIED, REFUSED]


def test_a_fallen_group_hands_out_no_roles() -> None:
    found = ledger()
    outcomes = found.put_set("lea", group(add("l1", None, helpers=("tom",)), edit("l2", None, nothing=1)))
    assert [o.verdict for o in outcomes] == [REFUSED, REFUSED]
    assert found.put("tom", edit("t1", found.version(), amount=1)).code == "not_allowed"


def test_a_fault_that_a_newer_schema_may_explain_makes_the_change_wait() -> None:
    found = ledger()
    faults = {"a1": Fault("unknown_field", "", "mood", waiting_for="schema:2")}
    (outcome,) = found.put_set("ann", [edit("a1", 1, amount=7)], faults)
    assert (outcome.verdict, outcome.code, outcome.field) == (HELD, "unknown_field", "mood")
    assert outcome.waiting_for == "schema:2"
    assert found.value("amount") is None


# -- a batch of several sets -------------------------------------------------------------------------


def test_what_cannot_be_read_and_has_no_fault_named_is_malformed() -> None:
    judged = ledger().judge([Proposal(1, "ann", "device:ann", 1, 0, "s", None)])
    assert judged.outcomes == (Outcome(REFUSED, code="malformed"),)


def test_what_a_set_hands_out_stays_in_the_answer_when_the_next_one_has_a_group() -> None:
    found = ledger()
    helped = add("h1", None, helpers=("ann",))
    first = Proposal(found.size, "lea", "device:lea", 1, 0, "one", helped, device="lea")
    assert [new.user for _, new in found.judge([first]).grants.changed] == ["ann"]
    rest = [
        Proposal(found.size + n, "bob", "device:bob", 1, n, "two", each, device="bob")
        for n, each in enumerate(group(edit("b1", None, amount=1), edit("b2", None, facts="x")), start=1)
    ]
    judged = found.judge([first, *rest])
    assert all(outcome.in_force for outcome in judged.outcomes)
    assert [new.user for _, new in judged.grants.changed] == ["ann"]


def test_a_group_is_judged_by_the_bases_of_its_members() -> None:
    found = ledger(amount=0)
    fresh = found.put_set(
        "ann", group(edit("a1", found.version(), amount=1), edit("a2", found.version(), facts="x"))
    )
    assert [outcome.verdict for outcome in fresh] == [APPLIED, APPLIED]
    ahead = found.put_set("ann", group(edit("a3", found.size + 9, amount=2), edit("a4", None, facts="y")))
    assert [outcome.code for outcome in ahead] == ["base_ahead", "tx_member"]


# -- what a refusal names ------------------------------------------------------------------------------


def told(outcome: Outcome) -> tuple[str, str | None, str | None]:
    """Return what an outcome tells whoever wrote the change."""
    return outcome.verdict, outcome.code, outcome.field


def item(key: str, record: str, **values: Any) -> Any:
    """Return the create of an item."""
    return change(key, "create", record, None, type="item", set=values)


def test_an_id_with_another_line_names_the_id() -> None:
    found = ledger()
    found.put("ann", edit("a1", None, amount=1))
    assert told(found.put("ann", edit("a1", None, amount=2))) == (REFUSED, "id_reused", "id")


def test_one_line_twice_in_one_set_counts_once() -> None:
    found = ledger(amount=0)
    once = add("a1", found.version(), labels=("x",))
    assert [(each.verdict, each.flags) for each in found.put_set("ann", [once, once])] == [
        (APPLIED, ()),
        (SAME, (REPEATED,)),
    ]
    other = replace(edit("a2", found.version(), amount=2), digest="0" * 64)
    first, second = found.put_set("ann", [edit("a2", found.version(), amount=1), other])
    assert (first.verdict, told(second)) == (APPLIED, (REFUSED, "id_reused", "id"))


def test_a_record_that_is_there_already_names_the_record() -> None:
    assert told(ledger().put("ann", create("a1", region=REGION))) == (REFUSED, "record_exists", "record")


def test_a_change_of_another_type_than_its_record_names_the_type() -> None:
    wrong = change("a1", "edit", "r1", None, type="item", set={"size": 1})
    assert told(ledger().put("ann", wrong)) == (REFUSED, "bad_value", "type")


def test_a_type_that_is_not_known_is_held_and_says_so() -> None:
    outcome = ledger().put("ann", change("a1", "create", "x1", None, type="star_chart", set={}))
    assert (*told(outcome), outcome.waiting_for) == (HELD, "unknown_type", None, "type:star_chart")


def test_a_base_that_cannot_be_names_the_base() -> None:
    found = ledger(amount=0)
    assert told(found.put("ann", edit("a1", found.size + 5, amount=1))) == (REFUSED, "base_ahead", "base")
    strange = edit("a2", 0, amount=1)
    assert told(found.put("ann", strange)) == (REFUSED, "base_unknown", "base")
    elsewhere = change("a3", "edit", "r1", found.version(), epoch="f" * 32, set={"amount": 1})
    assert told(found.put("ann", elsewhere)) == (REFUSED, "base_unknown", "base")


def test_what_lies_nowhere_names_the_field_that_should_say_where() -> None:
    assert told(ledger().put("ann", item("a1", "i1"))) == (REFUSED, "bad_value", "case")
    nowhere = change("x1", "create", "v1", None, type="visit", set={})
    assert told(ledger().put("desk:sue", nowhere)) == (REFUSED, "bad_value", "place")


def test_what_lies_in_something_that_has_not_arrived_waits_for_it() -> None:
    outcome = ledger().put("ann", item("a1", "i1", case="r9"))
    assert (outcome.verdict, outcome.waiting_for) == (HELD, "r9")
    away = change("x1", "create", "v1", None, type="visit", set={"place": "p9"})
    outcome = ledger().put("desk:sue", away)
    assert (outcome.verdict, outcome.waiting_for) == (HELD, "p9")


def test_what_lies_in_something_of_another_type_is_refused() -> None:
    found = ledger()
    found.rules = {**RULES, "item": replace(ITEM, kinds={"case": "case"})}
    place = change("m1", "create", "p1", None, type="place", set={"region": REGION})
    assert found.put("machine", place).in_force
    assert told(found.put("ann", item("a1", "i1", case="p1"))) == (REFUSED, "bad_value", "case")
    assert found.put("ann", item("a2", "i2", case="r1")).in_force


def test_a_root_without_a_region_lies_in_none() -> None:
    found = ledger()
    assert found.put("machine", change("m1", "create", "p1", None, type="place", set={})).in_force
    assert found.records["p1"].region == ""


def test_a_record_stays_where_it_was_made() -> None:
    found = ledger("r1", "r2")
    assert found.put("ann", item("a1", "i1", case="r1")).in_force
    moved = change("a2", "edit", "i1", None, type="item", set={"case": "r2"})
    assert told(found.put("ann", moved)) == (REFUSED, "not_allowed", "case")
    stays = change("a3", "edit", "i1", None, type="item", set={"size": 2})
    assert found.put("ann", stays).in_force


def test_a_record_that_lies_elsewhere_for_want_of_its_first_home_stays_there_too() -> None:
    note = TypeRules(
        "note",
        {name: FieldRule(REVIEW, TEAM) for name in ("case", "beside", "text")},
        create=TEAM,
        scope="case",
        scope_else="beside",
    )
    found = ledger("r1", "r2")
    found.rules = {**RULES, "note": note}
    made = change("a1", "create", "n1", None, type="note", set={"beside": "r1", "text": "x"})
    assert found.put("ann", made).in_force
    assert found.records["n1"].root == "r1"
    for field in ("beside", "case"):
        moved = change(f"a-{field}", "edit", "n1", None, type="note", set={field: "r2"})
        assert told(found.put("ann", moved)) == (REFUSED, "not_allowed", field)
    said_again = change("a3", "edit", "n1", None, type="note", set={"beside": "r1"})
    assert found.put("ann", said_again).in_force


def test_each_member_that_is_added_and_refers_to_something_waits_for_it() -> None:
    note = TypeRules(
        "note",
        {"case": FieldRule(REVIEW, TEAM), "links": FieldRule(UNION, TEAM)},
        create=TEAM,
        scope="case",
        refs=frozenset({"links"}),
    )
    found = ledger()
    found.rules = {**RULES, "note": note}
    made = change("a1", "create", "n1", None, type="note", set={"case": "r1"}, add={"links": ("r1", "r9")})
    outcome = found.put("ann", made)
    assert (outcome.verdict, outcome.waiting_for) == (HELD, "r9")
    known = change("a2", "create", "n2", None, type="note", set={"case": "r1"}, add={"links": ("r1",)})
    assert found.put("ann", known).in_force, "where no type is asked for, any will do"


def test_the_members_of_a_group_wait_for_what_one_of_them_waits_for() -> None:
    found = ledger(amount=0)
    one = replace(edit("a1", found.version(), amount=1), tx="g")
    two = replace(item("a2", "i1", case="r9"), tx="g")
    first, second = found.put_set("ann", [one, two])
    assert (first.verdict, first.code, first.waiting_for, first.because) == (HELD, None, "r9", "a2")
    assert (second.verdict, second.waiting_for, second.because) == (HELD, "r9", None)


def test_judging_answers_with_the_records_that_changed_and_no_others() -> None:
    found = ledger("r1", "r2")
    proposal = Proposal(found.size, "ann", "device:ann", 1, 0, "s", edit("a1", None, amount=1), device="ann")
    assert set(found.judge([proposal]).records) == {"r1"}


# -- released ------------------------------------------------------------------------------------------


def test_what_was_held_is_judged_again_though_its_id_is_known() -> None:
    found = ledger(amount=0)
    written = edit("a1", found.version(), amount=1)
    found.put("ann", written)
    proposal = Proposal(found.size, "ann", "device:ann", 9, 0, "s", written, device="ann")
    assert found.judge([proposal]).outcomes[0].flags == (REPEATED,)
    again = found.judge([replace(proposal, released=True)]).outcomes[0]
    assert (again.verdict, again.flags) == (SAME, ())
