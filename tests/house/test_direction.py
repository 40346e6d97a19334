"""Who may import whom: the contracts of setup.cfg hold, and they bite."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.house.rooms import ROOMS, ROOT, parsed, place, sources

# Calls that read the clock, the system's randomness or a file without importing much.
IMPURE_CALLS = {"now", "utcnow", "today", "open", "input", "uuid1", "uuid4", "print"}


def run_contracts(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def copied_house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the house's Python that a test may spoil."""
    folder = tmp_path_factory.mktemp("house")
    shutil.copy(ROOT / "setup.cfg", folder)
    for room in ROOMS:
        for path in (ROOT / room).rglob("*.py"):
            target = folder / path.relative_to(ROOT)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target)
    return folder


def test_every_import_goes_in_the_direction_of_the_house():
    contracts = run_contracts(ROOT)
    assert contracts.returncode == 0, contracts.stdout + contracts.stderr


@pytest.mark.slow
@pytest.mark.parametrize(
    ("room", "line", "complaint"),
    [
        ("sync", "import time", "sync -> time"),
        ("sync", "import schemas", "sync -> schemas"),
        ("schemas", "import flask", "schemas -> flask"),
        ("schemas", "import server", "schemas -> server"),
        ("mobile_stub", "import server", "mobile_stub -> server"),
        ("server", "import mobile_stub", "server -> mobile_stub"),
        ("server/reminders/ladder", "import time", "server.reminders.ladder -> time"),
    ],
)
def test_an_import_against_the_direction_is_refused(copied_house, room, line, complaint):
    path = copied_house / (f"{room}.py" if "/" in room else f"{room}/__init__.py")
    kept = path.read_text("utf-8")
    path.write_text(f"{kept}\n{line}\n", "utf-8")
    try:
        contracts = run_contracts(copied_house)
    finally:
        path.write_text(kept, "utf-8")
    assert contracts.returncode != 0
    assert complaint in contracts.stdout


def test_only_the_schedule_knows_apscheduler():
    knowing = {place(path) for path in sources(".py") if "apscheduler" in imported_packages(path)}
    assert knowing <= {"server/reminders/schedule.py"}


def test_the_core_calls_no_clock_no_randomness_and_no_file():
    impure = [
        f"{place(path, node.lineno)} {name}()"
        for path in sources(".py", rooms=("sync",))
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call) and (name := called_name(node)) in IMPURE_CALLS
    ]
    # `envelope.open` is the verb of the protocol; a file is opened by the bare name alone.
    assert not impure, "pass it in as an argument:\n" + "\n".join(impure)


def called_name(call: ast.Call) -> str:
    """Return the last name of what is called; `x.open()` is not the built-in and yields nothing."""
    if isinstance(call.func, ast.Name):
        return call.func.id
    if isinstance(call.func, ast.Attribute) and call.func.attr not in {"open", "input", "print"}:
        return call.func.attr
    return ""


def imported_packages(path: Path) -> set[str]:
    """Return the top-level names that a file imports, inside functions too."""
    names: set[str] = set()
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    return names
