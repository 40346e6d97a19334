"""Four phones at work without a network, in every order of arrival and with repetitions: the same values.

A history is written in the order in which things were done. A phone may work on what another one made
before (it was told the record's id, by a shared case or a scanned code), so sets arrive in any order that
keeps each phone's own and brings a record before what is written to it.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import merge
from sync.changes import Change
from sync.outcomes import REPEATED, SAME
from sync.replay import Replayed, replay
from sync.rules import SERVER_ORDER, Grants
from tests.sync.builders import REGION, RULES, USERS, Ledger, change, ledger, private
from tests.tiers import examples

PHONES = ("ann", "bob", "cid", "lea")
SHARED = ("r1", "r2")
CODES = ("H34150200001", "H34150200002")


@dataclass(frozen=True)
class Set:
    """One change-set of one phone; needs: records that others made and that must be there first."""

    phone: str
    seq: int
    changes: tuple[Change, ...]
    needs: frozenset[str]


@dataclass
class History:
    """What is being drawn: who made which record, of which type."""

    made: dict[str, str]
    key: int = 0

    def name(self) -> str:
        """Return a fresh change id."""
        self.key += 1
        return f"c{self.key:03d}"


@st.composite
def changes(draw: st.DrawFn, history: History, phone: str) -> Change:
    """Draw one change: a new record, or work on one that is there."""
    key = history.name()
    kind = draw(st.sampled_from(["new"] * 3 + ["value"] * 4 + ["set"] * 2 + ["event", "person", "void"]))
    if kind == "new":
        return draw(new_records(history, key))
    cases = sorted(record for record, type_ in history.made.items() if type_ == "case")
    record = draw(st.sampled_from(cases))
    value = draw(st.integers(0, 2))
    made: dict[str, Callable[[], Change]] = {
        "value": lambda: change(key, "edit", record, None, set={"amount": value}),
        "set": lambda: change(
            key, "edit", record, None, **{draw(st.sampled_from(["add", "remove"])): {"labels": (value,)}}
        ),
        "event": lambda: change(key, "edit", record, None, add={"events": (f"{phone}{value}",)}),
        "person": lambda: change(key, "edit", record, None, private=(private({"facts": f"bed {value}"}),)),
        "void": lambda: change(key, "void", record, None),
    }
    return made[kind]()


@st.composite
def new_records(draw: st.DrawFn, history: History, key: str) -> Change:
    """Draw the create of a case, of an item or a bed in a case, or of a site under a code others may use too."""
    cases = sorted(record for record, type_ in history.made.items() if type_ == "case")
    kind = draw(st.sampled_from(["case", "item", "bed", "site"]))
    record = f"{kind}-{key}"
    values: dict[str, Any] = {
        "case": {"region": REGION, "amount": 0},
        "item": {"case": draw(st.sampled_from(cases)), "photo": draw(st.sampled_from(sorted(history.made)))},
        "bed": {"case": draw(st.sampled_from(cases)), "number": draw(st.sampled_from(["3", "5"]))},
        "site": {"region": REGION, "code": draw(st.sampled_from(CODES))},
    }
    history.made[record] = kind
    return change(key, "create", record, None, type=kind, set=values[kind])


@st.composite
def histories(draw: st.DrawFn) -> list[Set]:
    """Draw what four phones did, in the order in which they did it."""
    history = History(dict.fromkeys(SHARED, "case"))
    found: list[Set] = []
    sequences: Counter[str] = Counter()
    for phone in draw(st.lists(st.sampled_from(PHONES), min_size=4, max_size=10)):
        group = tuple(draw(changes(history, phone)) for _ in range(draw(st.integers(1, 3))))
        if len(group) > 1 and draw(st.booleans()):
            group = tuple(replace(one, tx=group[0].id) for one in group)
        sequences[phone] += 1
        own = {one.record for one in group if one.op == "create"}
        named = {str(value) for one in group for value in one.set.values()} | {one.record for one in group}
        found.append(Set(phone, sequences[phone], group, frozenset(named & set(history.made)) - own))
    return found


def arrived(sets: list[Set], seed: int) -> Ledger:
    """Return the ledger after all sets came, in an order drawn from the seed and some of them twice."""
    order, found = random.Random(seed), ledger(*SHARED, amount=0)
    waiting = {phone: [each for each in sets if each.phone == phone] for phone in PHONES}
    came: list[Set] = []
    while any(waiting.values()):
        # A record whose making was refused never comes: what waits for it is held in every order.
        told = found.records.keys() | {one.record for past in came for one in past.changes}
        ready = [p for p, mine in waiting.items() if mine and mine[0].needs <= told]
        assert ready, "the order of doing is always possible"
        each = waiting[order.choice(ready)].pop(0)
        outcomes = found.put_set(each.phone, each.changes, seq=each.seq)
        assert all(REPEATED not in outcome.flags for outcome in outcomes)
        came.append(each)
        if order.random() < 0.4:
            again = order.choice(came)
            for outcome in found.put_set(again.phone, again.changes, seq=again.seq):
                assert (outcome.verdict, outcome.flags) == (SAME, (REPEATED,))
    return found


def seen(found: Ledger) -> dict[str, Any]:
    """Return what everybody sees of every record, and what waits for a person."""
    return {key: (merge.visible(record), found.open(key)) for key, record in found.records.items()}


def is_the_same_in_every_order(sets: list[Set], seed: int) -> None:
    one, other = arrived(sets, seed), arrived(sets, seed + 1)
    assert seen(one) == seen(other)
    forces = [{key: outcome.in_force for key, outcome in each.outcomes.items()} for each in (one, other)]
    assert forces[0] == forces[1]


@given(histories(), st.integers(0, 10_000))
@examples(150)
def test_any_order_and_repetition_of_four_phones_sets_ends_in_the_same_values(sets: list[Set], seed: int):
    is_the_same_in_every_order(sets, seed)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@given(histories(), st.integers(0, 10_000))
@settings(max_examples=10_000, deadline=None)
def test_over_many_histories_of_four_phones_no_order_decides_anything(sets: list[Set], seed: int):
    is_the_same_in_every_order(sets, seed)


@given(histories(), st.integers(0, 10_000))
@examples(60)
def test_replaying_what_four_phones_sent_gives_the_records_that_judging_gave(sets: list[Set], seed: int):
    found = arrived(sets, seed)
    start = Replayed(grants=Grants([g for g in found.grants.rows if g.via in USERS]))
    replayed = replay(found.entries, RULES, start)
    assert replayed.records == found.records
    assert replayed.grants.rows == found.grants.rows


@given(histories(), st.integers(0, 10_000))
@examples(60)
def test_every_value_that_was_accepted_is_in_the_ledger_and_every_value_shown_came_from_it(
    sets: list[Set], seed: int
):
    found = arrived(sets, seed)
    entered = {one.digest for _, _, some in found.entries for one in some}
    assert {one.digest for each in sets for one in each.changes} <= entered
    written = {one.id: one for _, _, some in found.entries for one in some}
    for record in found.records.values():
        rules = RULES[record.type]
        for name, writes in record.writes.items():
            for write in writes:
                assert name in _named(written[write.act.change])
            if rules.fields[name].merge != SERVER_ORDER:
                standing = merge.settle(writes, rules, rules.fields[name].merge)
                assert standing.value == record.values.get(name)


def _named(one: Change) -> set[str]:
    return {*one.sets(), *one.members("add"), *one.members("remove")}


@pytest.mark.slow
def test_the_histories_reach_conflicts_duplicates_disputes_and_fallen_groups():
    """Guard the generator itself."""
    reached: set[str] = set()

    @given(histories(), st.integers(0, 10_000))
    @settings(max_examples=120, deadline=None, database=None, derandomize=True)
    def collect(sets: list[Set], seed: int) -> None:
        for outcome in arrived(sets, seed).outcomes.values():
            reached.update([outcome.verdict, outcome.code or "", *outcome.flags])

    collect()
    assert {"applied", "merged", "conflict", "same", "duplicate", "void_disputed"} <= reached
