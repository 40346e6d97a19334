"""The copy of the project that mutmut works in: it writes next to what it mutates, and goes on where it stopped."""

from __future__ import annotations

import json
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / "var" / "mutation"
COPIED = (
    "sync",
    "schemas",
    "tests/sync",
    "tests/services",
    "tests/conftest.py",
    "tests/tiers.py",
    "setup.cfg",
)
KILLED = {
    1: "killed", 3: "killed", -6: "killed", -11: "killed",
    36: "timeout", 24: "timeout", -24: "timeout", 152: "timeout", 255: "timeout", -9: "timeout",
}  # fmt: skip
"""mutmut's exit codes by which a mutant was noticed: a test failed, or it never came to an end."""
UNCHECKED = None
MEMORY_BYTES_MAX = 2 * 1024**3
DIFFS = """
import json, sys
from mutmut.mutation.diff_apply import get_diff_for_mutant
json.dump([get_diff_for_mutant(name, path=path) for name, path in json.load(sys.stdin)], sys.stdout)
"""


@dataclass(frozen=True)
class Mutant:
    """One change of the code: its name at mutmut, its module, and what became of it."""

    name: str
    module: str
    fate: str

    @property
    def function(self) -> str:
        """The function that was changed, as mutmut writes it without its marks."""
        marked = self.name.rpartition("__mutmut_")[0].rpartition(".")[2]
        return marked.removeprefix("xǁ").removeprefix("x_").replace("ǁ", ".")


def refresh(place: Path = PLACE) -> None:
    """Copy what changed into the workspace; what is as it was keeps its date, so its mutants are not made anew.

    Where anything changed, it is found anew which tests meet which function, and what survived before is to be tried
    again: mutmut itself asks only new tests, and would never try a moved function with the tests that were there.
    """
    wanted = {path.relative_to(ROOT): path for name in COPIED for path in _files(ROOT / name)}
    kept = {path.relative_to(place): path for name in COPIED for path in _files(place / name)}
    gone = kept.keys() - wanted.keys()
    changed = {
        name
        for name, path in wanted.items()
        if name not in kept or path.read_bytes() != kept[name].read_bytes()
    }
    for name in changed:
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(wanted[name], place / name)
    for name in gone:
        kept[name].unlink()
    if changed | gone:
        (place / "mutants" / "mutmut-stats.json").unlink(missing_ok=True)
        forget_survivors(place)


def _files(path: Path) -> list[Path]:
    if path.is_file():
        return [path]
    return [each for each in path.rglob("*") if each.is_file() and "__pycache__" not in each.parts]


def forget_survivors(place: Path = PLACE) -> None:
    """Let every mutant that was not noticed be tried once more."""
    for path in (place / "mutants" / "sync").glob("*.py.meta"):
        told = json.loads(path.read_text("utf-8"))
        codes = told["exit_code_by_key"]
        told["exit_code_by_key"] = {
            name: code if code in KILLED else UNCHECKED for name, code in codes.items()
        }
        path.write_text(json.dumps(told, indent=4), "utf-8")


def run(place: Path = PLACE, modules: Sequence[str] = ()) -> int:
    """Let mutmut make and try every mutant that was not tried yet, one at a time; returns its exit status.

    modules: only the mutants of these modules
    """
    with (place / "log").open("ab") as log:
        command = [str(Path(sys.executable).with_name("mutmut")), "run", "--max-children", "1"]
        command += [f"sync.{module}.*" for module in modules]
        return subprocess.run(
            command,
            cwd=place,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            preexec_fn=_bound_memory,
            check=False,
        ).returncode


def _bound_memory() -> None:
    """Let a mutant whose loop never ends run out of its own memory, and not out of the machine's."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))


def mutants(place: Path = PLACE) -> Iterator[Mutant]:
    """Yield every mutant and its fate, by module."""
    for path in sorted((place / "mutants" / "sync").glob("*.py.meta")):
        module = path.name.removesuffix(".py.meta")
        for name, code in json.loads(path.read_text("utf-8"))["exit_code_by_key"].items():
            fate = "unchecked" if code is UNCHECKED else KILLED.get(code, "survived")
            yield Mutant(name, module, fate)


def changes(found: Sequence[Mutant], place: Path = PLACE) -> list[tuple[str, str]]:
    """Return for each mutant the line of the code that it changes, and what it makes of it.

    One process tells of them all: mutmut takes seconds to start.
    """
    asked = json.dumps([(mutant.name, f"sync/{mutant.module}.py") for mutant in found])
    command = [sys.executable, "-c", DIFFS]
    told = subprocess.run(command, cwd=place, input=asked, capture_output=True, text=True, check=True).stdout
    return [_sides(diff.splitlines()) for diff in json.loads(told)]


def _sides(shown: list[str]) -> tuple[str, str]:
    old = [row[1:].strip() for row in shown if row.startswith("-") and not row.startswith("---")]
    new = [row[1:].strip() for row in shown if row.startswith("+") and not row.startswith("+++")]
    return " ".join(old), " ".join(new)
