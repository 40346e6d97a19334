"""Which catalogue holds: at a place, on a day, and for a checklist at which kind of visit. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from schemas import regions
from schemas.catalogues.content import holds_on

SHIPPED = -1
"""The position of what the program brings along: anything imported comes after it."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A catalogue as far as choosing goes: its header, the digest of its content, where the ledger names it."""

    digest: str
    header: Mapping[str, Any]
    index: int = SHIPPED

    @property
    def code(self) -> str:
        """The catalogue's own code."""
        return str(self.header["code"])

    @property
    def region(self) -> str | None:
        """Where it holds; None for everywhere."""
        return self.header.get("region")

    @property
    def rank(self) -> tuple[int, str, int]:
        """The nearer, the later valid, the later imported, the higher."""
        near = len(regions.significant(self.region)) if self.region else 0
        return near, str(self.header["valid_from"]), self.index


def holding(listed: Iterable[Listed], kind: str, *, region: str, day: str) -> list[Listed]:
    """Return the catalogues of a kind that hold at a place on a day, the nearest first.

    Of several versions of one catalogue (code and region) only the one that became valid last stays.
    """
    here = [
        one
        for one in listed
        if one.header["kind"] == kind and holds_on(one.header, day) and regions.reaches(one.region, region)
    ]
    newest: dict[tuple[str, str | None], Listed] = {}
    for one in sorted(here, key=lambda each: each.rank):
        newest[one.code, one.region] = one
    return sorted(newest.values(), key=lambda one: one.rank, reverse=True)


def violations(listed: Iterable[Listed], *, region: str, day: str) -> Listed | None:
    """Return the violation catalogue that holds at a place on a day: the nearest one, as a whole."""
    return next(iter(holding(listed, "violation", region=region, day=day)), None)


def checklist(
    listed: Iterable[Listed],
    *,
    region: str,
    day: str,
    inspection_kind: str,
    institution_kind: str,
    wanted: str | None = None,
) -> Listed | None:
    """Return the checklist for a visit: the nearest one for these kinds, or the one that is named.

    wanted: the code of a checklist that the inspection names; it must fit the kinds too
    """
    for one in holding(listed, "checklist", region=region, day=day):
        chosen = one.code == wanted if wanted else not one.header.get("on_request")
        if chosen and _fits(one, inspection_kind, institution_kind):
            return one
    return None


def _fits(one: Listed, inspection_kind: str, institution_kind: str) -> bool:
    kinds: Sequence[str] = one.header.get("inspection_kinds", [inspection_kind])
    places: Sequence[str] = one.header.get("institution_kinds", [institution_kind])
    return inspection_kind in kinds and institution_kind in places
