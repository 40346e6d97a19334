"""The phone app's parts keep their own promises: what needs no browser is tested by Node.js."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.interop.node import run

HERE = Path(__file__).with_name("javascript")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(path.name for path in HERE.glob("*.test.mjs")))
def test_the_parts_keep_their_promises(name: str):
    done = run(["--test", "--test-reporter=tap", HERE / name])
    failed = re.findall(r"^\s*not ok.*$", done.stdout, re.MULTILINE)
    assert done.returncode == 0, "\n".join(failed) + done.stdout[-3_000:] + done.stderr
    assert re.search(r"^# pass [1-9]", done.stdout, re.MULTILINE), "no test ran"
