"""All targets, and how the time is shared out among them."""

from __future__ import annotations

from tests.fuzz.runs import Target
from tests.fuzz.targets import files, http, proofs, wire

ON_SQLITE = (*wire.TARGETS, *proofs.TARGETS, *files.TARGETS, *http.TARGETS)
EVERY = (*ON_SQLITE, *http.ON_POSTGRES)
OPEN_NOTHING = (*wire.TARGETS, *proofs.TARGETS)
"""Targets whose check is a plain function."""


def seconds_of(target: Target, together: float) -> float:
    """Return a target's part of the time of all."""
    return together * target.share / sum(each.share for each in EVERY)


def named(name: str) -> Target:
    """Return the target of a name."""
    return next(target for target in EVERY if target.name == name)
