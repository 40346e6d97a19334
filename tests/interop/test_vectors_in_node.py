"""The golden vectors, read by the second implementation; what it does not read, or reads otherwise, is found."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from schemas.vectors.subjects import FOLDER
from tests.interop.node import run
from tests.interop.vector_files import content, names

ALL = Path(__file__).with_name("javascript") / "all.test.mjs"


def passed(output: str) -> int:
    """Return how many tests Node.js says have passed."""
    found = re.search(r"^# pass (\d+)$", output, re.MULTILINE)
    return int(found[1]) if found else -1


@pytest.mark.slow
def test_every_vector_is_read_alike_in_javascript() -> None:
    done = run(["--test", "--test-reporter=tap", ALL])
    assert done.returncode == 0, (
        "\n".join(re.findall(r"^\s*not ok.*$", done.stdout, re.MULTILINE)) + done.stderr
    )
    assert passed(done.stdout) == sum(len(content(name)["cases"]) for name in names()) + 1


@pytest.fixture
def spoilt(tmp_path: Path) -> Path:
    """A copy of the vectors that a test may spoil."""
    folder = tmp_path / "vectors"
    shutil.copytree(FOLDER, folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return folder


def run_on(folder: Path, pattern: str) -> str:
    """Run the tests whose name begins as told over a folder of vectors; return the names of those that failed."""
    done = run(
        ["--test", "--test-reporter=tap", f"--test-name-pattern=^{pattern}", ALL],
        env={"VECTORS": str(folder)},
    )
    return "\n".join(re.findall(r"^\s*not ok \d+ - (.*)$", done.stdout, re.MULTILINE))


@pytest.mark.slow
def test_a_vector_that_nobody_reads_is_found(spoilt: Path) -> None:
    (spoilt / "new_subject.json").write_text('{"about": "New.", "cases": [{"name": "one"}]}')
    assert "no vector is left that nobody reads" in run_on(spoilt, "no vector")


@pytest.mark.slow
def test_a_case_that_says_otherwise_and_a_member_that_nobody_reads_are_found(spoilt: Path) -> None:
    path = spoilt / "conflict_ids.json"
    body = json.loads(path.read_text("utf-8"))
    body["cases"][0]["id"] = body["cases"][1]["id"]
    body["cases"][1]["more"] = 1
    path.write_text(json.dumps(body))
    failed = run_on(spoilt, "conflict_ids")
    assert [f"conflict_ids: {case['name']}" in failed for case in body["cases"]] == [True, True, False, False]
