"""Two steps that exclude each other: a person chooses between them, and takes no step by doing so."""

from __future__ import annotations

import pytest

from sync.outcomes import APPLIED, CONFLICT, MERGED, REFUSED
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
