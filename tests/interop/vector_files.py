"""The golden vectors as pytest sees them: cases by file, and which files a test has read."""

from __future__ import annotations

import functools
import json
from typing import Any

from schemas.vectors.subjects import FOLDER
from sync.errors import Refusal

Case = dict[str, Any]


@functools.cache
def content(name: str) -> Case:
    """Return what a file holds."""
    found: Case = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))
    return found


def names() -> list[str]:
    """Return the names of all files, without their ending."""
    return sorted(path.relative_to(FOLDER).with_suffix("").as_posix() for path in FOLDER.rglob("*.json"))


def code_of(act: Any, *given: Any, **more: Any) -> str | None:
    """Return the code of the refusal with which an act ends, None where it succeeds."""
    try:
        act(*given, **more)
    except Refusal as refusal:
        return refusal.code
    return None
