"""What the lock files pin."""

from __future__ import annotations

import re
from typing import NamedTuple

PINNED = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


class Package(NamedTuple):
    """A package by its normal name, and the version that is pinned."""

    name: str
    version: str


def locked(text: str) -> list[Package]:
    """Return the packages that a lock file pins."""
    return [Package(re.sub(r"[-_.]+", "-", name).lower(), version) for name, version in PINNED.findall(text)]
