"""docs/operating.md names every limit with the value that the code has, and the test that shows what happens at it."""

from __future__ import annotations

import importlib
import re

import pytest

from server.config import SETTINGS, load
from tests.house.rooms import ROOT
from tests.house.test_docs import document

HEADING = "## Limits and what happens at them"
CODE = re.compile(r"`([^`]+)`")


def rows() -> list[tuple[str, str, str, str, str]]:
    """Return the rows of the table: limit, where, value, what happens, shown by."""
    part = document("docs/operating.md").partition(f"{HEADING}\n")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    found = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]
    assert all(len(row) == 5 for row in found)
    return found  # type: ignore[return-value]


def value_of(where: str) -> object:
    """Return what a setting is by default, or what a constant is."""
    if where in SETTINGS:
        return getattr(load({"WARDLEDGER_HOME": "/nowhere"}), SETTINGS[where])
    module, _, name = where.rpartition(".")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_limit_has_the_value_that_the_page_names(row: tuple[str, str, str, str, str]):
    _, where, value, happens, _ = row
    assert happens
    if where:
        found = value_of(CODE.fullmatch(where)[1])  # type: ignore[index]
        assert isinstance(found, int | float)
        assert found == float(value)
    else:
        assert not value


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_what_happens_at_a_limit_is_shown_by_a_test_that_is_there(row: tuple[str, str, str, str, str]):
    shown = CODE.findall(row[4])
    assert shown
    assert all((ROOT / name).exists() for name in shown)


def test_every_limit_of_the_requests_stands_on_the_page():
    named = {CODE.findall(row[1])[0] for row in rows() if row[1]}
    for module in ("server.limits.bodies", "server.limits.buckets"):
        constants = [name for name in vars(importlib.import_module(module)) if name.isupper()]
        for name in constants:
            if name.endswith(("_MAX", "_AT_ONCE", "SEAT_SECONDS")):
                assert f"{module}.{name}" in named, f"{module}.{name} wants a row"
