"""Making a failing example small: leave out parts of it as long as it fails in the same place."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

from tests.fuzz.mutations import at_path, paths, spelt

ROOT = Path(__file__).resolve().parents[2]
Place = tuple[type[BaseException], str, int]


def place_of(error: BaseException) -> Place:
    """Return what an error is and the deepest place in the project where it passed."""
    at, name, line = error.__traceback__, "", 0
    while at is not None:
        file = Path(at.tb_frame.f_code.co_filename)
        if file.is_relative_to(ROOT) and "site-packages" not in file.parts:
            name, line = file.name, at.tb_lineno
        at = at.tb_next
    return type(error), name, line


def reduced(raw: bytes, check: Callable[[bytes], None], error: Exception, *, seconds: float) -> bytes:
    """Return the smallest example found in some seconds that fails as `error` did; `raw` itself if none is smaller."""
    wanted, until = place_of(error), time.monotonic() + seconds

    def fails(candidate: bytes) -> bool:
        try:
            check(candidate)
        except Exception as found:  # noqa: BLE001  every other way to fail is another fault
            return place_of(found) == wanted
        return False

    smaller = True
    while smaller and time.monotonic() < until:
        smaller = False
        for candidate in candidates(raw):
            if time.monotonic() >= until:
                break
            if len(candidate) < len(raw) and fails(candidate):
                raw, smaller = candidate, True
                break
    return raw


def candidates(raw: bytes) -> Iterator[bytes]:
    """Yield smaller examples: with a part of the tree left out or emptied, or with a stretch of bytes left out."""
    try:
        tree = json.loads(raw)
    except (ValueError, RecursionError):
        tree = None
    if isinstance(tree, dict | list):
        yield from _smaller_trees(tree)
    size = len(raw) // 2
    while size:
        for at in range(0, len(raw), size):
            yield raw[:at] + raw[at + size :]
        size //= 2


def _smaller_trees(tree: Any) -> Iterator[bytes]:
    for path in paths(tree):
        smaller = deepcopy(tree)
        del at_path(smaller, path[:-1])[path[-1]]
        yield spelt(smaller)
    for path in paths(tree):
        for plain in (0, ""):
            smaller = deepcopy(tree)
            at_path(smaller, path[:-1])[path[-1]] = plain
            yield spelt(smaller)
