"""The region tree, computed from the codes alone, and the names of regions that the project knows.

A code is 6 digits down to the county (GB/T 2260), 9 to the township and 12 to
the village. Ancestry is a prefix, so "in my region" is one comparison and one
index range in the database, without a table of regions; which regions exist on
which day is a dated catalogue of kind `region` (schemas/catalogues).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from schemas.codes import region_code
from sync.rules import NATION

LEVELS = ("province", "city", "county", "township", "village")


def _names() -> dict[str, tuple[str, str]]:
    known = json.loads((Path(__file__).parent / "data" / "regions.json").read_text("utf-8"))["regions"]
    return {code: (zh, en) for code, (zh, en) in known.items()}


NAMES: Mapping[str, tuple[str, str]] = _names()
"""The provinces, the cities of Anhui and the counties of the demo city, as (zh, en)."""
CITY = "341500"
"""The demo city: Lu'an in Anhui."""
COUNTIES = tuple(code for code in NAMES if code.startswith("3415") and code != CITY)


def level(code: str) -> str:
    """Return which of LEVELS a region is on."""
    return LEVELS[(2, 4, 6, 9, 12).index(len(significant(code)))]


def significant(code: str) -> str:
    """Return the digits that everything inside the region begins with: 341500 gives 3415.

    A county, township or village gives its whole code. Raises BadCode.
    """
    normal = region_code(code)
    if len(normal) > 6:
        return normal
    if normal.endswith("0000"):
        return normal[:2]
    return normal[:4] if normal.endswith("00") else normal


def parent(code: str) -> str | None:
    """Return the region one level up, None above a province.

    A township of a city without counties (441900003) has the city as its parent.
    """
    own = significant(code)
    if len(own) == 2:
        return None
    shorter = {4: 2, 6: 4, 9: 6, 12: 9}[len(own)]
    return own[:shorter].ljust(6, "0")


def lineage(code: str) -> tuple[str, ...]:
    """Return the region with all that it lies in, from the province down to itself; raises BadCode."""
    above = parent(code)
    own = (region_code(code),)
    return own if above is None else (*lineage(above), *own)


def contains(outer: str, inner: str) -> bool:
    """Say whether inner lies in outer or is outer itself."""
    return significant(inner).startswith(significant(outer))


def reaches(region: str | None, code: str) -> bool:
    """Say whether what holds in a region holds at a place: everywhere for None and for the nation."""
    return region in (None, NATION) or contains(str(region), code)


def name(code: str, language: str = "zh") -> str:
    """Return a region's name in zh or en, the code itself where no name is known."""
    names = NAMES.get(region_code(code))
    if names is None:
        return code
    return names[0] if language.startswith("zh") else names[1]
