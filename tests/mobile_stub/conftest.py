"""The bench that most tests of the phone begin with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mobile_stub.bench import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    """A ledger in memory with one inspection, and phones to enrol."""
    return Bench(tmp_path)
