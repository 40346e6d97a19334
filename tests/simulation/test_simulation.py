"""Worlds in which everything goes wrong keep every promise, and the auditor who says so can be surprised."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sync import merge
from tests.simulation import oracle, play
from tests.simulation.oracle import tree_root
from tests.simulation.play import ACTS, SERVER_FAULTS, quietly, step
from tests.simulation.world import LINE_FAULTS, World

pytestmark = pytest.mark.slow
KINDS_MIN = 25
STEPS = 150


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_world_keeps_every_promise(seed: int, tmp_path: Path):
    played = play.play(seed, STEPS, tmp_path)
    assert played.broken == []
    assert played.written > 10
    assert played.faults.total() > 20


def test_one_seed_is_one_world(tmp_path: Path):
    one, two = (play.play(11, 80, tmp_path) for _ in range(2))
    assert (one.faults, one.done, one.entries) == (two.faults, two.done, two.entries)


def test_there_are_many_ways_for_things_to_go_wrong():
    by_people_and_machines = 14
    assert len(LINE_FAULTS) + len(SERVER_FAULTS) + by_people_and_machines >= KINDS_MIN
    assert len(ACTS) > 15


# The auditor's own twins: what he must not overlook


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world that has come to rest and is in order."""
    with quietly():
        found = World(tmp_path, 5)
        for _ in range(STEPS):
            step(found)
        found.settle()
        assert found.check() == []
        yield found
        found.close()


def test_a_change_that_is_gone_is_missed(world: World):
    ledger = world.oracle.ledger()
    mine = next(
        n for n, (index, _, _) in enumerate(ledger.entries) if ledger.ids[index] in world.oracle.written
    )
    without = replace(ledger, entries=[*ledger.entries[:mine], *ledger.entries[mine + 1 :]])
    assert any(words.startswith("lost") for words in without.lost([]))
    assert without.wrong_root()


def test_a_line_that_was_altered_is_another_tree(world: World):
    ledger = world.oracle.ledger()
    index, entry, line = ledger.entries[-1]
    altered = replace(
        ledger, entries=[*ledger.entries[:-1], (index, entry, line.replace(b'"v":1', b'"v":2'))]
    )
    assert altered.wrong_root() == [f"the note of size {len(ledger.entries)} is over another tree"]


def test_a_change_that_counts_twice_is_seen(world: World):
    ledger = world.oracle.ledger()
    own = next(one for one in ledger.entries if ledger.ids[one[0]] and oracle.in_force(one[1]))
    again = (len(ledger.entries), own[1], own[2])
    doubled = replace(
        ledger, entries=[*ledger.entries, again], ids={**ledger.ids, again[0]: ledger.ids[own[0]]}
    )
    assert doubled.twice() == [f"twice in force: change {ledger.ids[own[0]]} at {again[0]}"]


def test_another_value_than_the_one_that_was_written_is_seen(world: World):
    ledger = world.oracle.ledger()
    shown, contested = world.records()
    assert ledger.wrong_values(shown, contested) == []
    key = next(key for key, values in shown.items() if "amount_fen" in values and not contested[key])
    altered = {**shown, key: {**shown[key], "amount_fen": -1}}
    assert len(ledger.wrong_values(altered, contested)) == 1
    assert len(ledger.wrong_values(shown, {**contested, key: ("amount_fen",)})) == 1


def test_a_judge_who_lets_the_last_write_win_is_found_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(
        merge, "dominates", lambda later, earlier, contested=frozenset(): later.index > earlier.index
    )
    monkeypatch.setattr(merge, "RACELESS_MAX", 0)
    broken = [words for seed in (1, 2, 3) for words in play.play(seed, STEPS, tmp_path).broken]
    assert any("silently another" in words or "conflict open: False" in words for words in broken), broken


def test_the_auditors_tree_is_that_of_the_rfc():
    assert tree_root([]).hex().startswith("e3b0c442")
    assert tree_root([b""]).hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
    three = tree_root([b"", b"\x00", b"\x10"]).hex()
    assert three == "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"
