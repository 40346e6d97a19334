"""The fuzzing itself: a planted fault is found, named so that it can be seen again, and made small."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

import pytest

from sync.errors import Malformed
from tests.fuzz import runs
from tests.fuzz.mutations import spoilt_bytes, spoilt_json, spoilt_lines
from tests.fuzz.reducing import reduced
from tests.fuzz.runs import Check, Target, TooDear, example, fuzz
from tests.fuzz.targets.every import EVERY, seconds_of

SEEDS = [{"name": "x", "list": [1, 2, {"deep": True}]}]


def target(check: Check) -> Target:
    @contextmanager
    def make(_: Path) -> Iterator[Check]:
        yield check

    return Target("planted", spoilt_json(SEEDS), make)


def without_null(raw: bytes) -> None:
    assert b"null" not in raw


def test_a_planted_fault_is_found_and_made_small(tmp_path):
    with pytest.raises(AssertionError) as found:
        fuzz(target(without_null), tmp_path, seconds=20, seed="7")
    notes = "\n".join(found.value.__notes__)
    assert "WARDLEDGER_FUZZ_SEED=7:" in notes
    assert "made small: b'null'" in notes


def test_the_example_that_a_failure_names_fails_alone_again(tmp_path):
    with pytest.raises(AssertionError) as found:
        fuzz(target(without_null), tmp_path, seconds=20, seed="7")
    number = int(found.value.__notes__[0].rpartition(":")[2])
    with pytest.raises(AssertionError):
        fuzz(target(without_null), tmp_path, seconds=0, seed="7", only=number)


def test_a_refusal_is_no_fault_and_is_counted(tmp_path):
    def refuse(_: bytes) -> None:
        raise Malformed

    ran = fuzz(target(refuse), tmp_path, seconds=0.05, seed="1")
    assert ran.examples == ran.refused > 0


def test_an_example_that_costs_too_much_is_a_fault(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "EXAMPLE_SECONDS_MAX", 0.01)

    def slow(_: bytes) -> None:
        until = time.process_time() + 0.05
        while time.process_time() < until:
            pass

    with pytest.raises(TooDear):
        fuzz(target(slow), tmp_path, seconds=1, seed="1")


def test_a_run_ends_when_its_time_is_over(tmp_path):
    ran = fuzz(target(lambda raw: None), tmp_path, seconds=0.2, seed="1")
    assert 0.2 <= ran.seconds < 2


def test_an_example_is_the_same_bytes_every_time_and_another_for_another_number():
    planted = target(lambda raw: None)
    made = [example(planted, "3", number) for number in range(50)]
    assert made == [example(planted, "3", number) for number in range(50)]
    assert len(set(made)) > 25
    assert made != [example(planted, "4", number) for number in range(50)]


@pytest.mark.parametrize(
    "spoil", [spoilt_bytes([b"valid", b"other"]), spoilt_json(SEEDS), spoilt_lines([(b"{}", b'{"a":1}')])]
)
def test_spoiling_keeps_some_valid_messages_and_changes_most(spoil):
    valid = {b"valid", b"other", b'{"list":[1,2,{"deep":true}],"name":"x"}', b'{}\n{"a":1}'}
    made = [spoil(Random(number)) for number in range(300)]
    kept = sum(raw in valid for raw in made)
    assert 0 < kept < 150
    assert len(set(made)) > 100


def test_a_tree_is_made_small_without_losing_what_fails():
    def check(raw: bytes) -> None:
        assert "bad" not in json.loads(raw)

    raw = json.dumps({"good": [1, 2, 3], "bad": {"x": [1]}, "more": "y" * 50}).encode()
    with pytest.raises(AssertionError) as found:
        check(raw)
    assert len(reduced(raw, check, found.value, seconds=5)) < 15


def test_what_fails_elsewhere_is_not_taken_for_the_same_fault():
    def check(raw: bytes) -> None:
        if len(raw) < 5:
            raise ValueError("another fault")
        assert b"!" not in raw

    with pytest.raises(AssertionError) as found:
        check(b"much ado!")
    assert len(reduced(b"much ado!", check, found.value, seconds=5)) == 5


def test_the_time_is_shared_out_wholly():
    assert sum(seconds_of(each, 60.0) for each in EVERY) == pytest.approx(60.0)
    assert len({each.name for each in EVERY}) == len(EVERY)
