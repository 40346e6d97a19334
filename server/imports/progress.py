"""Telling a terminal how far an import has come."""

from __future__ import annotations

from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Told (step, done, of): "check" as rows are checked, "commit" once before and once after."""
PROGRESS_ROWS = 200


def unnoticed(_step: str, _done: int, _of: int) -> None:
    """Let the work go on without telling anybody."""
