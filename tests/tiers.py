"""Which tests `make check` runs: the quick ones, and those that try examples with fewer of them."""

from __future__ import annotations

import inspect
import os
from collections.abc import Iterator
from functools import cache
from types import CodeType, FunctionType

import pytest
from hypothesis import settings

QUICK = "quick"
"""The hypothesis profile of `make check`, named on pytest's command line."""
FEWER = 8
"""How many times fewer examples the quick profile tries."""
EXAMPLES_MIN = 5

SMOKE = (
    "tests/server/test_straight_way.py",
    "tests/commit/test_door.py",
    "tests/security/test_access_quick.py",
)
"""Of the tests that make an installation, those that `make check` runs all the same."""
MAKERS = frozenset({"install", "initialise", "command_line"})
"""Names of the functions that make an installation."""
PLACES = ("tests/mobile_stub/",)
"""Folders in which every test has a phone of its own."""

UNTIMED = "untimed"
"""The usual profile: no example has a deadline, as the machine may be busy with others."""

settings.register_profile(UNTIMED, deadline=None)
settings.register_profile(
    QUICK, max_examples=max(EXAMPLES_MIN, settings().max_examples // FEWER), deadline=None
)
settings.load_profile(UNTIMED)


def is_quick() -> bool:
    """Return whether this is the run of `make check`."""
    return settings.get_current_profile_name() == QUICK


def examples(number: int) -> settings:
    """Return settings that try so many examples, without a deadline; `make check` tries fewer."""
    return settings(max_examples=max(EXAMPLES_MIN, number // FEWER) if is_quick() else number, deadline=None)


def makes_installation(item: pytest.Item) -> bool:
    """Return whether a test, or a fixture that it asks for, makes an installation or a phone."""
    place = item.nodeid
    if place.startswith(SMOKE):
        return False
    return place.startswith(PLACES) or any(reaches_maker(function) for function in _functions(item))


def forbid_unmarked_installation() -> None:
    """Fail a test of `make check` that makes an installation: hundreds of those would take minutes."""
    test = os.environ.get("PYTEST_CURRENT_TEST", "")
    assert not is_quick() or not test or test.startswith(SMOKE), (
        "mark this test `installed`: it makes an installation"
    )


def _functions(item: pytest.Item) -> Iterator[FunctionType]:
    """Yield a test's function and those of its fixtures."""
    info = getattr(item, "_fixtureinfo", None)
    fixtures = [each.func for some in info.name2fixturedefs.values() for each in some] if info else []
    for function in (getattr(item, "obj", None), *fixtures):
        inner = getattr(getattr(function, "hypothesis", None), "inner_test", function)
        if isinstance(inner, FunctionType):
            yield inner


@cache
def reaches_maker(function: FunctionType) -> bool:
    """Return whether a function of the tests, or one that it names, names a maker."""
    if function.__name__ in MAKERS:
        return True
    waiting, seen = [function], {function}
    while waiting:
        known = waiting.pop()
        for name in _names(known.__code__):
            if name in MAKERS:
                return True
            other = inspect.unwrap(known.__globals__.get(name, None))
            if isinstance(other, type):
                other = other.__init__  # type: ignore[misc]
            if (
                isinstance(other, FunctionType)
                and other.__module__.startswith("tests.")
                and other not in seen
            ):
                seen.add(other)
                waiting.append(other)
    return False


def _names(code: CodeType) -> Iterator[str]:
    """Yield the names that a function uses, with those of the functions inside it."""
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _names(inner)
