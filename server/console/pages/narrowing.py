"""What a list is narrowed by, kept in its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.console.pages.registers import Choice


@dataclass(frozen=True, kw_only=True, slots=True)
class Narrowing:
    """A list's region and order. query: both in words of the address, as far as they are not the usual ones."""

    state: str = ""
    regions: tuple[Choice, ...] = ()
    sorts: tuple[Choice, ...] = ()
    query: Mapping[str, str] = field(default_factory=dict)
