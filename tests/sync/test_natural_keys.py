"""Two records for one natural key: both kept, one question, and an alias that passes on what is written."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync import merge
from sync.changes import Change
from sync.errors import BadProof
from sync.natural_keys import names_of
from sync.outcomes import CONFLICT, DUPLICATE
from sync.replay import Replayed, replay
from sync.rules import Grants
from tests.sync.builders import REGION, RULES, USERS, Ledger, change, ledger
from tests.tiers import examples

CODE, OTHER = "H34150200001", "H34150200002"


def site(key: str, record: str, code: str = CODE, **values: Any) -> Change:
    """Return the create of a site."""
    return change(key, "create", record, None, type="site", set={"region": REGION, "code": code, **values})


def write(key: str, record: str, base: int | None, **values: Any) -> Change:
    """Return an edit of a site."""
    return change(key, "edit", record, base, type="site", set=values)


def label(key: str, base: int | None = None, **members: tuple[str, ...]) -> Change:
    """Return what adds labels to the second site or removes some; members: add=..., remove=..."""
    shown = {kind: {"labels": values} for kind, values in members.items()}
    return change(key, "edit", "s2", base, type="site", **shown)


def same(key: str, record: str, target: str, over: Sequence[str], base: int | None = None) -> Change:
    """Return the answer whose alias a site is."""
    return change(key, "resolve", record, base, type="site", set={"alias": target}, over=tuple(over))


def doubled() -> Ledger:
    """Return a ledger with two sites for one code."""
    found = ledger()
    found.put("ann", site("a1", "s1", title="one"))
    found.put("bob", site("b1", "s2", title="two"))
    return found


def joined() -> Ledger:
    """Return it with the second made an alias of the first."""
    found = doubled()
    assert found.put("desk:sue", same("x1", "s2", "s1", found.open("s2")["alias"])).in_force
    return found


def test_both_records_are_kept_and_the_later_id_asks_a_question():
    found = ledger()
    assert found.put("ann", site("a1", "s1", title="one")).verdict == "applied"
    outcome = found.put("bob", site("b1", "s2", title="two"))
    assert (outcome.verdict, outcome.fields["code"], outcome.flags) == (CONFLICT, CONFLICT, (DUPLICATE,))
    assert (found.value("title", "s1"), found.value("title", "s2")) == ("one", "two")
    assert found.open("s1") == {}
    assert found.open("s2") == {"alias": ("a1", "b1")}


def test_different_codes_ask_nothing():
    found = ledger()
    found.put("ann", site("a1", "s1"))
    assert found.put("bob", site("b1", "s2", OTHER)).verdict == "applied"
    assert found.open("s2") == {}


def test_without_a_code_there_is_nothing_that_two_could_share():
    found = ledger()
    for key, record in (("a1", "s1"), ("b1", "s2")):
        made = change(key, "create", record, None, type="site", set={"region": REGION})
        assert found.put("ann", made).verdict == "applied"
    assert found.open("s2") == {}


def test_a_record_of_a_type_that_is_not_known_here_bears_no_name():
    bearers = names_of(doubled().records.values(), {})
    assert bearers.settle(None, doubled().records["s1"], doubled().records, RULES["site"]) == []


def test_the_question_lies_on_the_larger_id_whoever_came_first():
    found = ledger()
    found.put("bob", site("b1", "s2"))
    assert found.put("ann", site("a1", "s1")).flags == (DUPLICATE,)
    assert found.open("s1") == {}
    assert found.open("s2") == {"alias": ("a1", "b1")}


@pytest.mark.parametrize("order", list(itertools.permutations(["s1", "s2", "s3"])))
def test_of_three_the_smallest_is_asked_about_in_whatever_order_they_came(order: tuple[str, ...]):
    found = ledger()
    for record in order:
        found.put("ann", site(f"{record}.made", record))
    shown = {record: found.open(record) for record in ("s1", "s2", "s3")}
    assert shown == {
        "s1": {},
        "s2": {"alias": ("s1.made", "s2.made")},
        "s3": {"alias": ("s1.made", "s3.made")},
    }


def test_a_smallest_id_that_comes_last_asks_about_both_others_and_is_flagged_once():
    found = ledger()
    for record in ("s2", "s3", "s4"):
        found.put("ann", site(f"{record}.made", record))
    outcome = found.put("bob", site("s1.made", "s1"))
    assert (outcome.flags, outcome.fields["code"]) == ((DUPLICATE,), CONFLICT)


def test_a_group_knows_who_bears_a_code():
    found = doubled()
    made = [replace(site("c1", "s3"), tx="g"), replace(site("c2", "s4", OTHER), tx="g")]
    assert [outcome.flags for outcome in found.put_set("cid", made)] == [(DUPLICATE,), ()]
    assert found.open("s3") == {"alias": ("a1", "c1")}


def test_correcting_the_code_answers_the_question():
    found = doubled()
    outcome = found.put("bob", write("b2", "s2", found.version("s2"), code=OTHER))
    assert outcome.verdict == "applied"
    assert found.open("s2") == {}
    assert not found.records["s2"].contests["alias"].open


def test_a_question_says_at_which_version_it_was_opened_and_at_which_closed():
    found = doubled()
    asked = found.records["s2"].contests["alias"]
    assert (asked.open, asked.version) == (True, found.version("s2"))
    found.put("ann", label("a2", add=("north",)))
    assert found.records["s2"].contests["alias"] == asked
    found.put("bob", write("b2", "s2", found.version("s2"), code=OTHER))
    assert found.records["s2"].contests["alias"] == replace(asked, open=False, version=found.version("s2"))


def test_an_edit_to_a_code_that_another_bears_asks_the_question():
    found = ledger()
    found.put("ann", site("a1", "s1"))
    found.put("bob", site("b1", "s2", OTHER))
    outcome = found.put("bob", write("b2", "s2", found.version("s2"), code=CODE))
    assert (outcome.verdict, outcome.flags) == (CONFLICT, (DUPLICATE,))
    assert found.open("s2") == {"alias": ("a1", "b1")}


def test_a_void_answers_the_question_and_a_restore_asks_it_again():
    found = doubled()
    found.put("bob", change("b2", "void", "s2", found.version("s2"), type="site"))
    assert found.open("s2") == {}
    found.put("bob", change("b3", "restore", "s2", found.version("s2"), type="site"))
    assert found.open("s2") == {"alias": ("a1", "b1")}


def test_within_another_record_a_key_is_unique_there_alone():
    found = ledger("r1", "r2")

    def bed(key: str, record: str, case: str) -> Change:
        return change(key, "create", record, None, type="bed", set={"case": case, "number": "3"})

    assert found.put("ann", bed("a1", "b1", "r1")).verdict == "applied"
    assert found.put("ann", bed("a2", "b2", "r2")).verdict == "applied"
    assert found.put("ann", bed("a3", "b3", "r2")).flags == (DUPLICATE,)
    assert found.open("b3") == {"alias": ("a2", "a3")}


# The answer


def test_an_alias_settles_the_conflict():
    found = joined()
    assert found.value("alias", "s2") == "s1"
    assert found.open("s2") == {}
    assert not found.records["s2"].contests["alias"].open


def test_the_own_id_says_that_they_are_two():
    found = doubled()
    assert found.put("desk:sue", same("x1", "s2", "s2", ("a1", "b1"))).verdict == "applied"
    assert found.open("s2") == {}
    found.put("ann", write("a2", "s2", found.version("s2"), title="still two"))
    assert found.value("title", "s2") == "still two"


def test_an_alias_never_points_to_a_larger_id():
    found = doubled()
    outcome = found.put("desk:sue", same("x1", "s1", "s2", ("a1", "b1")))
    assert (outcome.verdict, outcome.code, outcome.field) == ("refused", "bad_value", "alias")


def test_an_alias_that_was_asked_for_points_to_a_smaller_id_too():
    found = doubled()
    found.put("cid", site("c1", "s3"))
    outcome = found.put("desk:sue", same("x1", "s2", "s3", ("a1", "b1")))
    assert (outcome.verdict, outcome.code, outcome.field) == ("refused", "bad_value", "alias")


def test_where_nobody_asked_there_is_nothing_to_answer():
    found = ledger()
    found.put("ann", site("a1", "s1"))
    found.put("bob", site("b1", "s2", OTHER))
    outcome = found.put("desk:sue", same("x1", "s2", "s1", ("a1",)))
    assert (outcome.verdict, outcome.code, outcome.field) == ("refused", "bad_value", "alias")


@pytest.mark.parametrize("op", ["create", "edit"])
def test_an_alias_is_an_answer_and_nothing_else(op: str):
    found = doubled()
    record = "s9" if op == "create" else "s2"
    made = change("x1", op, record, None, type="site", set={"alias": "s1", "region": REGION})
    outcome = found.put("ann", made)
    assert (outcome.verdict, outcome.code, outcome.field) == ("refused", "not_allowed", "alias")


def test_who_may_not_decide_conflicts_makes_no_alias():
    found = doubled()
    assert found.put("ann", same("x1", "s2", "s1", ("a1", "b1"))).code == "not_allowed"
    assert found.put("lea", same("x2", "s2", "s1", ("a1", "b1"))).in_force


def test_an_alias_of_another_type_is_refused():
    found = doubled()
    assert found.put("desk:sue", same("x1", "s2", "r1", ("a1", "b1"))).code == "bad_value"


def test_an_alias_across_scope_roots_is_refused():
    found = ledger("r1", "r2")
    for key, record, case in (("a1", "b1", "r1"), ("a2", "b2", "r2"), ("a3", "b3", "r2")):
        found.put("ann", change(key, "create", record, None, type="bed", set={"case": case, "number": "3"}))
    made = change("x1", "resolve", "b3", None, type="bed", set={"alias": "b1"}, over=("a2", "a3"))
    assert found.put("desk:sue", made).code == "bad_value"
    assert found.put("desk:sue", replace(made, id="x2", digest="2", set={"alias": "b2"})).in_force


def test_two_answers_that_disagree_are_a_conflict_like_any_other():
    found = doubled()
    over = found.open("s2")["alias"]
    base = found.version("s2")
    found.put("lea", same("l1", "s2", "s1", over, base))
    outcome = found.put("desk:sue", same("x1", "s2", "s2", over, base))
    assert outcome.verdict == CONFLICT
    assert found.value("alias", "s2") is None
    assert found.open("s2") == {"alias": ("l1", "x1")}


# What is written afterwards


def test_what_is_written_to_the_alias_lands_on_the_other_and_keeps_where_it_was_sent():
    found = joined()
    outcome = found.put("bob", label("b2", add=("new",)))
    assert outcome.in_force
    assert found.value("labels", "s1") == ["new"]
    assert found.value("labels", "s2") is None
    assert found.records["s1"].acts[-1].addressed == "s2"
    assert (found.entries[-1][1].record, found.entries[-1][1].addressed) == ("s1", "s2")


def test_its_base_covers_nothing_that_was_written_to_the_other():
    found = joined()
    outcome = found.put("bob", write("b2", "s2", found.version("s2"), title="three"))
    assert outcome.verdict == CONFLICT
    assert found.open("s1") == {"title": ("a1", "b2")}
    assert found.value("title", "s1") == "one"


def test_its_base_covers_what_was_sent_the_same_way():
    found = joined()
    found.put("bob", label("b2", add=("x",)))
    sent_on = found.size - 1
    found.put("cid", label("c1", None, remove=("x",)))
    assert found.value("labels", "s1") == ["x"], "it knew nothing of it"
    found.put("cid", label("c2", sent_on, remove=("x",)))
    assert found.value("labels", "s1") is None


def test_whoever_saw_the_other_covers_what_was_sent_on_to_it():
    found = joined()
    found.put("bob", label("b2", add=("x",)))
    found.put("ann", change("a2", "edit", "s1", found.version("s1"), type="site", remove={"labels": ("x",)}))
    assert found.value("labels", "s1") is None


def test_a_base_that_is_no_version_of_the_alias_is_refused():
    found = joined()
    outcome = found.put("bob", write("b2", "s2", found.version("s1"), title="three"))
    assert (outcome.verdict, outcome.code) == ("refused", "base_unknown")


def test_a_chain_of_aliases_ends_at_the_smallest():
    found = ledger()
    for writer, record in (("ann", "s2"), ("bob", "s3")):
        found.put(writer, site(f"{record}.made", record))
    found.put("desk:sue", same("x1", "s3", "s2", ("s2.made", "s3.made")))
    found.put("cid", site("s1.made", "s1"))
    found.put("desk:sue", same("x2", "s2", "s1", ("s1.made", "s2.made")))
    found.put("bob", change("b2", "edit", "s3", None, type="site", add={"labels": ("far",)}))
    assert found.value("labels", "s1") == ["far"]


def test_a_step_is_taken_from_the_stage_that_its_writer_saw():
    found = joined()
    stage = {"from": "open", "to": "shut"}
    found.put("ann", write("a2", "s1", found.version("s1"), stage=stage))
    assert found.put("bob", write("b2", "s2", found.version("s2"), stage=stage)).in_force
    assert found.value("stage", "s1") == "shut"
    back = {"from": "shut", "to": "open"}
    assert found.put("cid", write("c1", "s2", found.version("s2"), stage=back)).code == "bad_transition"
    assert found.put("bob", write("b3", "s2", found.version("s2"), stage=back)).in_force


def test_voiding_the_alias_leaves_the_other_alive():
    found = joined()
    found.put("bob", change("b2", "void", "s2", found.version("s2"), type="site"))
    assert (found.records["s1"].life, found.records["s2"].life) == (merge.LIVE, merge.VOIDED)


def test_taking_an_answer_back_parts_them_again():
    found = joined()
    found.put("desk:sue", same("x2", "s2", "s2", ("x1",), found.version("s2")))
    found.put("bob", write("b2", "s2", found.version("s2"), title="mine"))
    assert (found.value("title", "s1"), found.value("title", "s2")) == ("one", "mine")


# Replay and order


def replayed(found: Ledger) -> Replayed:
    """Return what replaying the entries gives."""
    start = Replayed(grants=Grants([g for g in found.grants.rows if g.via in USERS]))
    return replay(found.entries, RULES, start)


def test_replay_follows_the_alias():
    found = joined()
    found.put("bob", write("b2", "s2", None, title="three"))
    assert replayed(found).records == found.records


def test_replay_refuses_an_entry_that_names_another_record_than_the_alias_leads_to():
    found = joined()
    found.put("bob", write("b2", "s2", None, title="three"))
    index, entry, changes = found.entries[-1]
    found.entries[-1] = (index, replace(entry, record="s2", after=None), changes)
    with pytest.raises(BadProof):
        replayed(found)


@st.composite
def works(draw: st.DrawFn) -> list[list[Change]]:
    """Draw, for each of four phones, sites made for one of two codes and edits of its own sites."""
    found: list[list[Change]] = []
    for phone in range(4):
        mine: list[Change] = []
        for n in range(draw(st.integers(1, 3))):
            record = f"s{draw(st.integers(0, 9))}{phone}{n}"
            mine.append(site(f"{phone}.{n}", record, draw(st.sampled_from([CODE, OTHER])), title=f"t{n}"))
            if draw(st.booleans()):
                mine.append(write(f"{phone}.{n}e", record, None, code=draw(st.sampled_from([CODE, OTHER]))))
        found.append(mine)
    return found


def run(work: list[list[Change]], seed: int) -> Ledger:
    """Return the ledger after all phones arrived, in an order drawn from the seed."""
    order, found = random.Random(seed), ledger()
    waiting = {writer: list(mine) for writer, mine in zip(("ann", "bob", "cid", "lea"), work, strict=True)}
    while waiting:
        writer = order.choice(sorted(waiting))
        found.put(writer, waiting[writer].pop(0))
        if not waiting[writer]:
            del waiting[writer]
    return found


@given(works(), st.integers(0, 10_000))
@examples(150)
def test_who_is_asked_about_whom_does_not_depend_on_the_order_of_arrival(work: list[list[Change]], seed: int):
    one, other = run(work, seed), run(work, seed + 1)
    shown = [
        {r.id: (merge.visible(r), found.open(r.id)) for r in found.records.values()} for found in (one, other)
    ]
    assert shown[0] == shown[1]
    assert replayed(one).records == one.records
