"""Rights that hang on more than a role: a field that was set, a few fields alone, the place that a root is made in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from sync.outcomes import APPLIED, LATE, REFUSED, Outcome
from sync.rules import REVIEW, STAGE, Edge, FieldRule, Grant, Narrow, TypeRules
from tests.sync import builders
from tests.sync.builders import TEAM, Ledger, change, ledger, right

DRAWN = right("member", "lead", "supervisor", "machine", root_in=("draft",))
CALL = TypeRules(
    name="call",
    fields={
        "case": FieldRule(REVIEW, builders.NOBODY),
        "order": FieldRule(REVIEW, TEAM),
        "sample": FieldRule(REVIEW, builders.Right(DRAWN.roles, unless="order")),
        "seen": FieldRule(REVIEW, TEAM),
        "conclusion": FieldRule(REVIEW, TEAM),
        "stage": FieldRule(STAGE, builders.NOBODY),
    },
    create=right("member", "lead", "supervisor"),
    initial="planned",
    edges=(
        Edge("planned", "drawn", builders.Right(TEAM.roles, unless="order")),
        Edge("drawn", "over", TEAM),
    ),
    scope="case",
    narrow=(Narrow(right("operator", root_in=("draft",)), frozenset({"case", "seen"})),),
)
AUDIT = TypeRules(
    name="audit",
    fields={"place": FieldRule(REVIEW, builders.NOBODY), "note": FieldRule(REVIEW, right("supervisor"))},
    create=right("supervisor"),
    region_from="place",
)


@pytest.fixture(autouse=True)
def rules(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the small ledger know two types more."""
    for kind in (CALL, AUDIT):
        monkeypatch.setitem(builders.RULES, kind.name, kind)


def put(
    found: Ledger, by: str, key: str, op: str = "create", base: int | None = None, **values: Any
) -> Outcome:
    """Let somebody make or edit the call c1, which lies in the case r1."""
    anchor = values.pop("anchor", None)
    lies = {"case": "r1"} if op == "create" else {}
    return found.put(by, change(key, op, "c1", base, type="call", anchor=anchor, set={**lies, **values}))


def refused(outcome: Outcome, field: str | None) -> bool:
    """Return whether an outcome is a refusal of rights over a field."""
    return (outcome.verdict, outcome.code, outcome.field) == (REFUSED, "not_allowed", field)


# -- a field whose being set takes a right away -------------------------------------------------------------


def test_a_sample_may_be_set_as_long_as_no_order_is() -> None:
    found = ledger()
    assert put(found, "ann", "a1", sample=1).verdict == APPLIED
    assert put(found, "ann", "a2", "edit", found.version("c1"), sample=2).verdict == APPLIED


def test_a_sample_that_comes_with_the_order_is_refused() -> None:
    found = ledger()
    assert refused(put(found, "ann", "a1", sample=1, order=1), "sample")
    assert put(found, "ann", "a2").verdict == APPLIED
    assert refused(put(found, "ann", "a3", "edit", found.version("c1"), sample=1, order=1), "sample")


@pytest.mark.parametrize("by", ["ann", "bob", "desk:sue"])
def test_a_sample_after_the_order_is_refused_whoever_sets_it(by: str) -> None:
    found = ledger()
    put(found, "ann", "a1", order=1)
    assert refused(put(found, by, "x1", "edit", found.version("c1"), sample=2), "sample")


def test_the_server_itself_sets_the_sample_after_the_order() -> None:
    found = ledger()
    put(found, "ann", "a1", order=1)
    assert put(found, "machine", "m1", "edit", found.version("c1"), sample=2).verdict == APPLIED


def test_a_sample_by_a_phone_that_stood_before_the_order_is_late() -> None:
    found = ledger()
    put(found, "ann", "a1")
    before = found.version("c1")
    put(found, "ann", "a2", "edit", before, order=1)
    assert put(found, "bob", "b1", "edit", before, sample=1, anchor=before).verdict == LATE
    assert refused(put(found, "bob", "b2", "edit", before, sample=1, anchor=found.size - 1), "sample")


def test_a_phones_own_order_counts_wherever_it_stood() -> None:
    found = ledger()
    put(found, "ann", "a1")
    before = found.version("c1")
    put(found, "ann", "a2", "edit", before, order=1)
    assert refused(put(found, "ann", "a3", "edit", before, sample=1, anchor=before), "sample")


def test_a_step_too_may_hang_on_what_is_not_set() -> None:
    found = ledger()
    put(found, "ann", "a1")
    drawn = {"stage": {"from": "planned", "to": "drawn"}}
    assert refused(put(found, "ann", "a2", "edit", found.version("c1"), order=1, **drawn), "stage")
    assert put(found, "ann", "a3", "edit", found.version("c1"), **drawn).verdict == APPLIED


# -- a few fields alone ------------------------------------------------------------------------------------------


def with_operator() -> Ledger:
    """Return a ledger in whose case `oda` has the operator's role."""
    found = ledger()
    found.grants.rows.append(Grant("oda", "operator", "r1", "r1", 0))
    return found


def test_an_operator_creates_with_the_fields_that_are_his() -> None:
    found = with_operator()
    assert put(found, "oda", "o1", seen=1).verdict == APPLIED


def test_an_operator_who_sets_one_field_more_is_refused() -> None:
    found = with_operator()
    assert refused(put(found, "oda", "o1", seen=1, conclusion=1), None)


def test_an_operator_edits_nothing_not_even_what_he_made() -> None:
    found = with_operator()
    put(found, "oda", "o1", seen=1)
    assert refused(put(found, "oda", "o2", "edit", found.version("c1"), seen=2), "seen")


def test_an_operators_right_ends_with_the_stage_of_the_root() -> None:
    found = with_operator()
    anchor = found.size - 1
    found.put("ann", builders.step("a1", found.version(), "draft", "proposed"))
    assert put(found, "oda", "o1", seen=1, anchor=anchor).verdict == LATE
    other = change(
        "o2", "create", "c2", None, type="call", anchor=found.size - 1, set={"case": "r1", "seen": 1}
    )
    assert refused(found.put("oda", other), None)


def test_a_narrow_right_may_want_fields_and_stand_beside_another(monkeypatch: pytest.MonkeyPatch) -> None:
    wanting = Narrow(
        right("operator", root_in=("draft",)), frozenset({"case", "order"}), frozenset({"order"})
    )
    monkeypatch.setitem(builders.RULES, "call", replace(CALL, narrow=(*CALL.narrow, wanting)))
    assert put(with_operator(), "oda", "o1", order=1).verdict == APPLIED
    assert put(with_operator(), "oda", "o2", seen=1).verdict == APPLIED
    assert refused(put(with_operator(), "oda", "o3", seen=1, order=1), None)
    monkeypatch.setitem(builders.RULES, "call", replace(CALL, narrow=(wanting,)))
    assert refused(put(with_operator(), "oda", "o4"), None)


def test_a_type_without_a_narrow_right_gives_none() -> None:
    found = with_operator()
    item = change("o1", "create", "i1", None, type="item", set={"case": "r1"})
    assert refused(found.put("oda", item), None)


# -- where a root is made --------------------------------------------------------------------------------------


def placed(user: str) -> Ledger:
    """Return a ledger with a place, over which somebody has the supervisor's role by a grant over the place itself."""
    found = ledger()
    made = change("p", "create", "p1", None, type="place", set={"region": "110000"})
    assert found.put("machine", made).in_force
    found.grants.rows.append(Grant(user, "supervisor", "p1", "p1", 0))
    return found


def test_whoever_has_the_right_over_a_place_makes_a_root_in_it() -> None:
    found = placed("pia")
    made = change("x1", "create", "x", None, type="audit", set={"place": "p1"})
    assert found.put("desk:pia", made).verdict == APPLIED
    assert found.records["x"].region == "110000"


def test_whoever_has_none_over_the_place_makes_no_root_in_it() -> None:
    found = placed("pia")
    made = change("x1", "create", "x", None, type="audit", set={"place": "p1"})
    assert refused(found.put("desk:ann", made), None)


def test_a_right_over_a_place_is_none_over_the_roots_that_are_there() -> None:
    found = placed("pia")
    found.put("desk:pia", change("x1", "create", "x", None, type="audit", set={"place": "p1"}))
    edit = change("x2", "edit", "x", None, type="audit", set={"note": 1})
    assert refused(found.put("desk:pia", edit), "note")


def test_a_right_over_a_place_that_came_later_is_flagged() -> None:
    found = placed("pia")
    found.grants.rows[-1] = Grant("pia", "supervisor", "p1", "p1", found.size)
    anchor = found.size - 1
    found.put("ann", builders.edit("a1", None, amount=1))
    found.put("ann", builders.edit("a2", None, amount=2))
    made = change("x1", "create", "x", None, type="audit", anchor=anchor, set={"place": "p1"})
    outcome = found.put("desk:pia", made)
    assert (outcome.verdict, outcome.flags) == (APPLIED, ("granted_since",))


# -- a field that only a later stage lets anybody write -----------------------------------------------------


@pytest.mark.parametrize(
    ("name", "verdict"), [("served", REFUSED), ("drafted", APPLIED), ("sealed", APPLIED)]
)
def test_a_create_brings_what_its_first_stage_lets_it_and_nothing_of_a_later_one(
    monkeypatch: pytest.MonkeyPatch, name: str, verdict: str
) -> None:
    stages = {"served": ("drawn",), "drafted": ("planned",), "sealed": ()}
    fields = {
        key: FieldRule(REVIEW, builders.Right(TEAM.roles, own_in=frozenset(some)))
        for key, some in stages.items()
    }
    monkeypatch.setitem(builders.RULES, "call", replace(CALL, create=TEAM, fields={**CALL.fields, **fields}))
    outcome = put(ledger(), "ann", "a1", **{name: 1})
    assert outcome.verdict == verdict
    assert refused(outcome, "served") == (name == "served")


def test_a_create_that_steps_on_at_once_brings_what_that_stage_lets_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    late = FieldRule(REVIEW, builders.Right(TEAM.roles, own_in=frozenset({"drawn"})))
    monkeypatch.setitem(
        builders.RULES, "call", replace(CALL, create=TEAM, fields={**CALL.fields, "served": late})
    )
    step = {"from": "planned", "to": "drawn"}
    assert put(ledger(), "ann", "a1", served=1, stage=step).verdict == APPLIED
