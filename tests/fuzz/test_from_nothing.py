"""What was never valid: hypothesis makes bytes, texts and trees from nothing, and makes small what fails."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sync.errors import Refusal
from tests.fuzz.runs import Target
from tests.fuzz.targets.every import OPEN_NOTHING
from tests.tiers import examples

LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
)


def written(tree: Any) -> bytes:
    """Return a tree as JSON, its numbers that are none included."""
    return json.dumps(tree, ensure_ascii=False).encode("utf-8", "surrogatepass")


ANYTHING = (
    st.binary(max_size=300) | st.text(max_size=200).map(lambda text: text.encode()) | TREES.map(written)
)


@pytest.mark.parametrize("target", OPEN_NOTHING, ids=lambda target: target.name)
@given(raw=ANYTHING)
@settings(examples(25), suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_what_was_made_from_nothing_is_taken_or_refused(target: Target, raw: bytes):
    with target.make(Path()) as check, suppress(Refusal):
        check(raw)
