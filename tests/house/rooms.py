"""Where the house's files are: the ground that the house tests walk over."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("sync", "schemas", "server", "mobile_stub")

# Written by a program or taken over from elsewhere: held by their own freshness tests.
GENERATED = ("generated", "migrations/versions", "vendor", "node_modules", "static/app")


@cache
def house_files() -> list[Path]:
    """Return every file of the project that git tracks or would track, sorted."""
    listing = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    paths = (ROOT / name for name in listing.split("\0") if name)
    return sorted(path for path in paths if path.is_file())


def sources(*suffixes: str, rooms: tuple[str, ...] = ROOMS) -> Iterator[Path]:
    """Yield the hand-written source files of `rooms` with one of `suffixes`, sorted."""
    for room in rooms:
        yield from (path for path in _files(room) if path.suffix in suffixes and not is_generated(path))


@cache
def _files(room: str) -> list[Path]:
    return sorted(path for path in (ROOT / room).rglob("*") if path.is_file())


@cache
def parsed(path: Path) -> ast.Module:
    """Return the tree of a Python file; nobody may alter it."""
    return ast.parse(path.read_text("utf-8"))


def is_generated(path: Path) -> bool:
    """Say whether the file was not written by hand."""
    place = f"/{path.relative_to(ROOT).as_posix()}"
    return any(f"/{folder}/" in place for folder in GENERATED) or ".min." in path.name


def place(path: Path, line: int | None = None) -> str:
    """Return the path as a person names it, from the repository's root, with its line if given."""
    named = path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.name
    return named if line is None else f"{named}:{line}"
