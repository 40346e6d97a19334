"""The quick tier leaves out what makes an installation, however a test comes by it, and tries fewer examples."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import tiers
from tests.server.builders import install
from tests.tiers import EXAMPLES_MIN, examples, forbid_unmarked_installation, reaches_maker


@contextlib.contextmanager
def opened(folder: Path) -> Iterator[object]:
    yield install(folder, "")


def at_two_removes(folder: Path) -> list[object]:
    return [opened(folder) for _ in range(2)]


def builds_nothing(folder: Path) -> Path:
    return folder / "home"


@pytest.mark.parametrize("function", [opened.__wrapped__, at_two_removes])
def test_a_function_by_which_an_installation_is_made_is_found(function):
    assert reaches_maker(function)


def test_a_function_that_makes_none_is_not_found():
    assert not reaches_maker(builds_nothing)


def test_an_installation_that_slipped_into_the_quick_tier_fails_its_test(monkeypatch):
    monkeypatch.setattr(tiers, "is_quick", lambda: True)
    with pytest.raises(AssertionError, match="mark this test"):
        forbid_unmarked_installation()
    monkeypatch.setattr(tiers, "is_quick", lambda: False)
    forbid_unmarked_installation()


def test_the_quick_tier_tries_fewer_examples_and_never_none(monkeypatch):
    monkeypatch.setattr(tiers, "is_quick", lambda: True)
    assert [examples(n).max_examples for n in (800, 8)] == [100, EXAMPLES_MIN]
    monkeypatch.setattr(tiers, "is_quick", lambda: False)
    assert examples(800).max_examples == 800
