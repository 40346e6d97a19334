"""The page that says which test ends which pain of the field names tests that there are."""

from __future__ import annotations

import ast
import re

from tests.house.rooms import ROOT

PAINS_MIN = 15


def named() -> list[tuple[str, str]]:
    """Return (file, function) of every test that the table names."""
    text = (ROOT / "docs/reliability.md").read_text("utf-8")
    part = text.partition("## Known pains of the field")[2].partition("\n## ")[0]
    return re.findall(r"\| `(tests/[\w/]+\.py)::(\w+)` \|", part)


def test_every_pain_has_its_test():
    found = named()
    assert len(found) >= PAINS_MIN
    missing = []
    for file, function in found:
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        if function not in {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}:
            missing.append(f"{file}::{function}")
    assert missing == []
