"""The long run: it goes on where it stopped, keeps what crashed, and writes figures that it has seen."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.fuzz import __main__ as command
from tests.fuzz.mutations import spoilt_bytes
from tests.fuzz.runs import Check, Target

tried: list[str] = []


def target(name: str, *, faulty: bool = False) -> Target:
    def check(raw: bytes) -> None:
        assert not faulty, "a planted fault"

    @contextmanager
    def make(_: Path) -> Iterator[Check]:
        tried.append(name)
        yield check

    return Target(name, spoilt_bytes([b"x"]), make)


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A document with its marks, and three targets of which none is faulty."""
    document = tmp_path / "reliability.md"
    document.write_text("# Before\n<!-- fuzzing --><!-- fuzzing: end -->\n")
    monkeypatch.setattr(command, "DOCUMENT", document)
    monkeypatch.setattr(command, "KEPT", tmp_path / "kept")
    monkeypatch.setattr(command, "STATE", tmp_path / "kept" / "state.json")
    monkeypatch.setattr(command, "EVERY", (target("one"), target("two"), target("three")))
    monkeypatch.setattr("sys.argv", ["fuzz", "--minutes", "0.001"])
    monkeypatch.setattr(command, "_commit", lambda: "c0ffee")
    monkeypatch.setattr(command.structlog, "configure", lambda **_: None)  # it would hold for all later tests
    tried.clear()
    return document


def test_a_night_tries_every_target_and_writes_what_it_saw(night: Path):
    assert command.main() == 0
    assert tried == ["one", "two", "three"]
    rows = [row for row in night.read_text().splitlines() if row.endswith("| none |")]
    assert [row.split(" | ")[0] for row in rows] == ["| one", "| two", "| three"]
    assert "--minutes 0.001" in night.read_text()


def test_a_night_that_was_cut_short_goes_on_with_what_is_left(night: Path, tmp_path: Path):
    done = {"seed": "1", "examples": 5, "refused": 1, "seconds": 1, "on": "2026-11-22"}
    command.STATE.parent.mkdir()
    command.STATE.write_text(json.dumps({"commit": "c0ffee", "minutes": 0.001, "ran": {"one": done}}))
    assert command.main() == 0
    assert tried == ["two", "three"]
    assert "| one | 5 | 1 | 1 | 1 | none |" in night.read_text()


@pytest.mark.parametrize("other", [{"commit": "decaf"}, {"minutes": 10}])
def test_a_night_over_other_code_or_of_another_length_begins_anew(night: Path, other: dict[str, object]):
    command.STATE.parent.mkdir()
    kept = {"commit": "c0ffee", "minutes": 0.001, "ran": {"one": {}}} | other
    command.STATE.write_text(json.dumps(kept))
    assert command.main() == 0
    assert tried == ["one", "two", "three"]


def test_a_crash_is_kept_and_told_and_the_others_still_have_their_turn(night: Path, monkeypatch):
    monkeypatch.setattr(command, "EVERY", (target("one"), target("two", faulty=True), target("three")))
    assert command.main() == 1
    assert tried == ["one", "two", "three"]
    assert "AssertionError: a planted fault" in night.read_text()
    (kept,) = command.KEPT.glob("crash-two-*.txt")
    assert "WARDLEDGER_FUZZ_SEED=" in kept.read_text()


def test_one_target_alone_writes_no_figures(night: Path, monkeypatch):
    before = night.read_text()
    monkeypatch.setattr("sys.argv", ["fuzz", "--minutes", "0.001", "--only", "two"])
    assert command.main() == 0
    assert tried == ["two"]
    assert night.read_text() == before
