"""Promises 1, 3 and 5 over random histories: no arrival order decides, nothing is lost, twice is once.

A history has days. On a day every phone works on bases from the evenings before (or on none), so any
interleaving that keeps each phone's own order is one that could have happened.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sync import merge
from sync.changes import Change
from sync.outcomes import NOT_IN_FORCE, REPEATED, SAME
from sync.replay import Replayed, replay
from sync.rules import APPEND, CONTESTED, UNION, Grants
from tests.sync.builders import (
    EPOCH,
    RULES,
    USERS,
    Ledger,
    add,
    change,
    edit,
    ledger,
    private,
    remove,
    resolve,
    restore,
    step,
    void,
)
from tests.tiers import examples

RECORDS = ("r1", "r2")
WRITERS = ("ann", "bob", "lea", "desk:sue")
STEPS = [
    ("draft", "proposed"),
    ("draft", "dropped"),
    ("proposed", "heard"),
    ("heard", "confirmed"),
    ("proposed", "draft"),
]


@dataclass(frozen=True)
class Planned:
    """A change before its base is known: `evening` 0.. names the end of a day, None a base of null."""

    change: Change
    evening: int | None


Day = dict[str, list[list[Planned]]]


@st.composite
def acts(draw: st.DrawFn, key: str, writer: str, day: int, contested: Sequence[str]) -> Planned:
    """Draw one change of a writer; contested: what a resolve may name.

    The desk always says what it saw: without a base its act stands on the head, wherever that is by then.
    """
    record = draw(st.sampled_from(RECORDS))
    nothing = st.just(day) if writer.startswith("desk:") else st.none()
    evening = draw(st.one_of(st.just(day), nothing, st.integers(0, day)))
    kind = draw(
        st.sampled_from(
            ["amount"] * 4
            + ["stage"] * 3
            + ["labels", "unlabel", "events", "facts", "void", "restore", "resolve"]
        )
    )
    value = draw(st.integers(0, 2))
    made: dict[str, Any] = {
        "amount": lambda: edit(key, None, record, amount=value),
        "stage": lambda: step(key, None, *draw(st.sampled_from(STEPS)), record),
        "labels": lambda: add(key, None, record, labels=(value,)),
        "unlabel": lambda: remove(key, None, record, labels=(value,)),
        "events": lambda: add(key, None, record, events=(value,)),
        "facts": lambda: change(key, "edit", record, None, private=(private({"facts": f"bed {value}"}),)),
        "void": lambda: void(key, None, record),
        "restore": lambda: restore(key, None, record),
        "resolve": lambda: resolve(key, None, contested or ["none"], record, amount=value),
    }
    return Planned(made[kind](), evening)


@st.composite
def histories(draw: st.DrawFn) -> list[Day]:
    """Draw two days of work: per writer a list of sets, a set being changes that may share a tx."""
    days: list[Day] = []
    earlier: list[str] = []
    for day in range(2):
        work: Day = {}
        for writer in WRITERS:
            sets: list[list[Planned]] = []
            for seq in range(draw(st.integers(0, 2))):
                group = [
                    draw(acts(f"{day}{writer}{seq}.{n}", writer, day, earlier))
                    for n in range(draw(st.integers(1, 2)))
                ]
                if len(group) > 1 and draw(st.booleans()):
                    group = [replace(p, change=replace(p.change, tx=f"{day}{writer}{seq}")) for p in group]
                sets.append(group)
            work[writer] = sets
        earlier += [p.change.id for sets in work.values() for group in sets for p in group]
        days.append(work)
    return days


def interleaved(day: Day, order: random.Random) -> list[tuple[str, list[Planned]]]:
    """Return the sets of a day in an order that keeps each writer's own."""
    waiting = {writer: list(sets) for writer, sets in day.items() if sets}
    found: list[tuple[str, list[Planned]]] = []
    while waiting:
        writer = order.choice(sorted(waiting))
        found.append((writer, waiting[writer].pop(0)))
        if not waiting[writer]:
            del waiting[writer]
    return found


def based(planned: Planned, evenings: Sequence[dict[str, int]]) -> Change:
    """Return the change with the version its phone had pulled; a digest stays the one of the plan."""
    if planned.evening is None:
        return planned.change
    return replace(planned.change, base=(EPOCH, evenings[planned.evening][planned.change.record]))


def resolvable(found: Ledger, one: Change) -> Change:
    """Let a resolve name what stands in conflict when it is made; nobody resolves what he cannot see."""
    return replace(one, over=found.open(one.record).get("amount", ())) if one.op == "resolve" else one


def run(days: Sequence[Day], seed: int) -> Ledger:
    """Return the ledger after all days, each in an order drawn from `seed`."""
    order = random.Random(seed)
    found = ledger(*RECORDS, amount=0)
    evenings = [{record: found.version(record) for record in RECORDS}]
    for day in days:
        morning = {p.change.id: resolvable(found, p.change) for sets in day.values() for g in sets for p in g}
        for writer, group in interleaved(day, order):
            todo = [based(replace(p, change=morning[p.change.id]), evenings) for p in group]
            found.put_set(writer, [c for c in todo if c.op != "resolve" or c.over])
        evenings.append({record: found.version(record) for record in RECORDS})
    return found


def shown(found: Ledger) -> dict[str, Any]:
    """Return what everybody sees, and what waits for a person."""
    return {r: (merge.visible(found.records[r]), found.open(r)) for r in RECORDS}


def does_not_depend_on_the_order(days: list[Day], seed: int) -> None:
    """Assert that two orders end in the same values, open conflicts and changes in force."""
    one, other = run(days, seed), run(days, seed + 1)
    assert shown(one) == shown(other)
    forces = [{key: o.in_force for key, o in found.outcomes.items()} for found in (one, other)]
    assert forces[0] == forces[1]


@given(histories(), st.integers(0, 10_000))
@examples(100)
def test_values_and_open_conflicts_do_not_depend_on_the_order_of_arrival(days: list[Day], seed: int) -> None:
    does_not_depend_on_the_order(days, seed)


@pytest.mark.nightly
@pytest.mark.timeout(3600)
@given(histories(), st.integers(0, 10_000))
@settings(max_examples=10_000, deadline=None)
def test_over_many_histories_the_order_of_arrival_decides_nothing(days: list[Day], seed: int) -> None:
    does_not_depend_on_the_order(days, seed)


@given(histories(), st.integers(0, 10_000))
@examples(40)
def test_replaying_the_entries_gives_the_records_and_grants_that_judging_gave(
    days: list[Day], seed: int
) -> None:
    found = run(days, seed)
    start = Replayed(grants=Grants([g for g in found.grants.rows if g.via in USERS]))
    replayed = replay(found.entries, RULES, start)
    assert replayed.records == found.records
    assert replayed.grants.rows == found.grants.rows


@given(histories(), st.integers(0, 10_000))
@examples(40)
def test_no_accepted_value_is_lost_unless_a_write_that_knew_it_replaced_it(
    days: list[Day], seed: int
) -> None:
    found = run(days, seed)
    for record in found.records.values():
        for name, writes in record.writes.items():
            rule = RULES[record.type].fields[name].merge
            candidates = merge.settle(writes, RULES[record.type], rule).candidates
            for w in writes:
                assert is_accounted_for(w, writes, record.values.get(name), candidates, rule), (name, w)


def is_accounted_for(
    w: merge.Write, writes: Sequence[merge.Write], value: Any, candidates: Sequence[merge.Write], rule: str
) -> bool:
    """Return whether a write is to be seen, or taken out by one that may."""
    if rule == APPEND:
        return w.value in value
    if rule == UNION and w.kind == "add":
        by = [
            r for r in writes if r.kind == "remove" and r.value == w.value and merge.dominates(r.act, w.act)
        ]
        return bool(by) or w.value in value
    if rule in CONTESTED:
        return w in candidates or any(v is not w and merge.dominates(v.act, w.act) for v in writes)
    return True


@given(histories(), st.integers(0, 10_000))
@examples(40)
def test_everything_sent_twice_has_the_effect_of_once(days: list[Day], seed: int) -> None:
    found = run(days, seed)
    before, grants = shown(found), list(found.grants.rows)
    versions = {r: found.version(r) for r in RECORDS}
    for _, entry, changes in list(found.entries):
        writer = entry.device or f"desk:{entry.by}"
        again = found.put(writer, changes[0])
        assert (again.verdict, again.flags) == (SAME, (REPEATED,))
    assert (shown(found), found.grants.rows) == (before, grants)
    assert versions == {r: found.version(r) for r in RECORDS}


@given(histories(), st.integers(0, 10_000))
@examples(40)
def test_the_members_of_a_group_stand_or_fall_together(days: list[Day], seed: int) -> None:
    found = run(days, seed)
    groups: dict[str, set[str]] = {}
    for _, _, changes in found.entries:
        if changes[0].tx:
            outcome = found.outcomes[changes[0].id]
            fell = outcome.verdict if outcome.verdict in NOT_IN_FORCE else "in force"
            groups.setdefault(changes[0].tx, set()).add(fell)
    assert all(len(verdicts) == 1 for verdicts in groups.values())


@pytest.mark.slow
def test_a_history_of_two_days_reaches_every_clause() -> None:
    """Guard the generator itself: over its examples every verdict that it can reach does occur."""
    reached: set[str] = set()

    @given(histories(), st.integers(0, 10_000))
    @settings(max_examples=60, deadline=None, database=None, derandomize=True)
    def collect(days: list[Day], seed: int) -> None:
        found = run(days, seed)
        for outcome in found.outcomes.values():
            reached.update([outcome.verdict, outcome.code or "", *outcome.flags])

    collect()
    assert {"applied", "merged", "conflict", "same", "refused", "record_voided", "bad_transition"} <= reached
    assert {"conflict_open", "tx_member", "void_disputed"} <= reached
