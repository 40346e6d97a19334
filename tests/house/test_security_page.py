"""docs/security.md names tests that are there, for every requirement that it says is met."""

from __future__ import annotations

import ast
import re

import pytest

from tests.house.rooms import ROOT, parsed
from tests.house.test_docs import document

NAMED = re.compile(r"`(tests/[\w/]+\.py)(?:::(\w+))?`")
NUMBER = re.compile(r"\d+\.\d+\.\d+")
MET = ("yes", "partly", "no")


def rows() -> list[tuple[str, ...]]:
    """Return the rows of the ASVS table: number, what it asks for, whether met, how, shown by."""
    part = document("docs/security.md").partition("## OWASP ASVS")[2].partition("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("| ")][1:]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines]


def missing(text: str) -> list[str]:
    """Return the tests that a text names and that are not there."""
    found = []
    for path, function in NAMED.findall(text):
        place = ROOT / path
        if not place.is_file():
            found.append(path)
        elif function and function not in functions(path):
            found.append(f"{path}::{function}")
    return found


def functions(path: str) -> set[str]:
    """Return the names of a test file's functions."""
    return {node.name for node in ast.walk(parsed(ROOT / path)) if isinstance(node, ast.FunctionDef)}


def test_every_test_that_the_page_names_is_there():
    assert missing(document("docs/security.md")) == []


def test_a_test_that_is_gone_is_found():
    text = "`tests/house/test_security_page.py::test_that_nobody_wrote` and `tests/house/test_gone.py`"
    assert len(missing(text)) == 2


@pytest.mark.parametrize("row", rows(), ids=lambda row: row[0])
def test_a_requirement_is_numbered_judged_and_shown(row: tuple[str, ...]):
    number, asks, met, how, shown = row
    assert NUMBER.fullmatch(number)
    assert asks
    assert how
    assert met in MET
    assert met != "yes" or NAMED.search(shown), "what is met is shown by a test"


def test_no_requirement_stands_twice_and_they_are_in_order():
    numbers = [tuple(map(int, row[0].split("."))) for row in rows()]
    assert numbers == sorted(set(numbers))
    assert len(numbers) > 60


def test_the_page_says_what_is_not_met_and_what_is_not_defended():
    assert {row[2] for row in rows()} == set(MET)
    assert document("docs/security.md").partition("### What is not defended")[2].count("\n- ") >= 5
