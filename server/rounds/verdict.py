"""What came of drawing again, whatever was drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Verdict:
    """What was found wrong, each with a word for programs; nothing where the draw is what it says it is.

    about: what was drawn for, as scripts are told it
    """

    about: Mapping[str, str]
    faults: list[tuple[str, str]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether nothing at all was found."""
        return not self.faults

    def json(self) -> dict[str, Any]:
        """Return the verdict for scripts."""
        told = [{"fault": fault, "detail": detail} for fault, detail in self.faults]
        return {"ok": self.ok, **self.about, "faults": told, **self.facts}
