"""The bundle that a page offers to take away."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class BundleOffer:
    """What a bundle would be about. kind: `case`, `inspection` or `institution`; private: also with private lines."""

    kind: str
    id: str
    private: bool = False
