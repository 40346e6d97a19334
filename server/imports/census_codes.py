"""Diagnosis codes of a census, looked up in the catalogues that hold where the hospital lies, on the list's day.

A code that no catalogue has is a warning and no fault: the hospital billed it, and that is what inspectors
must see. Where no catalogue holds nothing is judged, and the report says how many codes that were.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from server.catalogues import holding, lookup
from server.imports.table import RowFault
from sync.merge import Record

if TYPE_CHECKING:
    from server.imports.cells import Wanted
    from server.wiring import Services

COLUMN = "diag_code"
KIND = "diagnosis"


@dataclass
class Looked:
    """What looking up came to: what is doubtful, and how many codes nobody could look up."""

    doubtful: list[RowFault] = field(default_factory=list)
    unchecked: int = 0


def look_up(services: Services, rows: Sequence[Wanted], institutions: Iterable[Record], day: str) -> Looked:
    """Return what is doubtful about the rows' diagnosis codes; day: of the list, YYYY-MM-DD.

    Never repeats a code: it stands beside a person's name.
    """
    regions = {one.id: one.region for one in institutions}
    asked: dict[str, dict[str, list[Wanted]]] = {}
    for row in rows:
        if COLUMN in row.values:
            here = asked.setdefault(regions.get(str(row.parent), ""), {})
            here.setdefault(str(row.values[COLUMN]), []).append(row)
    found = Looked()
    if not asked:
        return found
    with services.database.reading() as connection:
        ledger = services.ledger.id
        candidates = holding.listed(connection, services.vault.session(connection, ledger))
        for region, codes in sorted(asked.items()):
            layers = lookup.layers(candidates, KIND, region=region, day=day)
            if not layers:
                found.unchecked += sum(map(len, codes.values()))
                continue
            known = lookup.look_up(connection, ledger, layers, codes, kind=KIND, day=day)
            for code, some in codes.items():
                one = known[code]
                if one.state != lookup.HOLDS:
                    words = (one.state, one.words("en"), one.words("zh"))
                    found.doubtful += [RowFault(row.line, COLUMN, *words) for row in some]
    found.doubtful.sort(key=lambda fault: fault.line)
    return found
