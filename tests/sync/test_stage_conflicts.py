"""Two steps that exclude each other: a person chooses between them, and takes no step by doing so."""

from __future__ import annotations

import pytest

from sync.outcomes import APPLIED, CONFLICT, MERGED, REFUSED, SAME
from tests.sync.builders import Ledger, edit, ledger, resolve, step

DROPPED, PROPOSED = ("draft", "dropped"), ("draft", "proposed")


def torn() -> Ledger:
    """Return a case that one phone dropped and another proposed, neither knowing of the other."""
    found = ledger()
    base = found.version()
    assert found.put("ann", step("a1", base, *DROPPED)).verdict == APPLIED
    assert found.put("bob", step("b1", base, *PROPOSED)).verdict == CONFLICT
    assert found.open() == {"stage": ("a1", "b1")}
    return found


def choose(found: Ledger, target: str, over: list[str], *, by: str = "desk:lea", base: int | None = None):  # type: ignore[no-untyped-def]
    """Let somebody choose a stage; base: what was seen, the present version unless told."""
    seen = found.version() if base is None else base
    return found.put(by, resolve("l1", seen, over, stage={"from": "draft", "to": target}))


@pytest.mark.parametrize("target", ["dropped", "proposed"])
@pytest.mark.parametrize("by", ["desk:lea", "lea"])
def test_the_lead_chooses_either_of_the_stages_that_stand_against_each_other(target: str, by: str) -> None:
    found = torn()
    assert choose(found, target, ["a1", "b1"], by=by).verdict == APPLIED
    assert found.value("stage") == target
    assert found.open() == {}


@pytest.mark.parametrize("target", ["heard", "confirmed", "draft", "withdrawn"])
def test_a_choice_of_a_stage_that_nobody_took_is_refused(target: str) -> None:
    found = torn()
    outcome = choose(found, target, ["a1", "b1"])
    assert (outcome.verdict, outcome.code, outcome.field) == (REFUSED, "bad_transition", "stage")
    assert found.open() == {"stage": ("a1", "b1")}


def test_a_choice_that_replaces_what_is_not_contested_is_refused() -> None:
    found = torn()
    found.put("cid", edit("c1", found.version(), amount=3))
    outcome = choose(found, "dropped", ["a1", "b1", "c1"])
    assert (outcome.verdict, outcome.code, outcome.field) == (REFUSED, "bad_value", "over")
    assert found.open() == {"stage": ("a1", "b1")}


def test_a_choice_that_replaces_one_side_alone_leaves_the_other_standing() -> None:
    found = torn()
    assert choose(found, "dropped", ["a1"]).verdict == CONFLICT
    assert found.open() == {"stage": ("b1", "l1")}


def test_a_choice_made_on_the_conflict_stands_against_one_that_came_first() -> None:
    found = torn()
    seen = found.version()
    assert choose(found, "dropped", ["a1", "b1"]).verdict == APPLIED
    second = resolve("s1", seen, ["a1", "b1"], stage={"from": "draft", "to": "proposed"})
    assert found.put("desk:sue", second).verdict == CONFLICT
    assert found.open() == {"stage": ("l1", "s1")}


def test_a_choice_made_before_there_was_anything_to_choose_is_refused() -> None:
    found = ledger()
    base = found.version()
    found.put("ann", step("a1", base, *DROPPED))
    found.put("bob", step("b1", base, *PROPOSED))
    choose(found, "dropped", ["a1", "b1"])
    outcome = found.put("desk:sue", resolve("s1", base, ["a1"], stage={"from": "draft", "to": "proposed"}))
    assert (outcome.verdict, outcome.code) == (REFUSED, "bad_transition")
    assert found.value("stage") == "dropped"


def test_a_member_does_not_choose() -> None:
    found = torn()
    outcome = choose(found, "dropped", ["a1", "b1"], by="cid")
    assert (outcome.verdict, outcome.code) == (REFUSED, "not_allowed")


def test_steps_of_which_one_leads_to_the_other_need_no_choice() -> None:
    found = ledger()
    base = found.version()
    assert found.put("ann", step("a1", base, "draft", "proposed")).verdict == APPLIED
    assert found.put("ann", step("a2", base, "proposed", "heard")).verdict == APPLIED
    assert found.put("bob", step("b1", base, "draft", "proposed")).verdict == MERGED
    assert found.value("stage") == "heard"


def test_a_choice_between_what_the_chooser_had_not_seen_yet_counts() -> None:
    found = ledger()
    before = found.version()
    found.put("ann", step("a1", before, *DROPPED))
    found.put("bob", step("b1", before, *PROPOSED))
    assert choose(found, "dropped", ["a1", "b1"], base=before).verdict == APPLIED
    assert found.open() == {}


def test_a_choice_may_name_what_was_contested_then_though_others_are_now() -> None:
    found = torn()
    seen = found.version()
    choose(found, "dropped", ["a1", "b1"])
    found.put("desk:sue", resolve("s1", seen, ["a1", "b1"], stage={"from": "draft", "to": "proposed"}))
    third = resolve("l2", seen, ["a1", "b1"], stage={"from": "draft", "to": "dropped"})
    assert found.put("lea", third).verdict == CONFLICT
    assert set(found.open()["stage"]) == {"l1", "s1", "l2"}


def forward() -> Ledger:
    """Return a case that was torn, was settled, and then went on in two steps of which one leads to the other."""
    found = torn()
    choose(found, "proposed", ["a1", "b1"])
    base = found.version()
    assert found.put("ann", step("a2", base, "proposed", "heard")).verdict == APPLIED
    assert found.put("lea", step("l2", base, "proposed", "heard")).verdict == SAME
    assert found.put("lea", step("l3", base, "heard", "confirmed")).verdict == MERGED
    assert found.value("stage") == "confirmed"
    return found


def test_where_one_step_leads_to_the_other_a_choice_is_no_way_back() -> None:
    found = forward()
    outcome = found.put(
        "desk:sue", resolve("s1", found.version(), ["a2"], stage={"from": "proposed", "to": "heard"})
    )
    assert (outcome.verdict, outcome.code) == (REFUSED, "bad_transition")
    assert found.value("stage") == "confirmed"


def test_the_desk_takes_no_step_while_two_stand_against_each_other() -> None:
    found = torn()
    outcome = found.put("desk:sue", step("s1", None, str(found.value("stage")), "proposed"))
    assert (outcome.verdict, outcome.code, outcome.field) == (REFUSED, "conflict_open", "stage")


def test_the_desk_goes_on_where_racing_steps_led_to_one_another() -> None:
    found = ledger()
    base = found.version()
    found.put("ann", step("a1", base, *PROPOSED))
    found.put("bob", step("b1", base, *PROPOSED))
    found.put("bob", step("b2", base, "proposed", "heard"))
    assert found.put("desk:sue", step("s1", None, "heard", "confirmed")).verdict == APPLIED
