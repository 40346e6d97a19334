"""Looking codes up by day: which row of which catalogue holds, or in clear words why none does.

A local catalogue overrides a larger one code by code: the nearest that knows the code decides, also by
saying that the code holds no longer. Read in pages, whatever the size of the catalogues.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from schemas.catalogues import choosing, shipped
from schemas.catalogues.choosing import Listed
from schemas.catalogues.content import Values, holds_on
from schemas.catalogues.kinds import KINDS
from server.storage import catalogue_store

HOLDS, ELSEWHEN, UNKNOWN = "holds", "not_on_this_day", "not_in_catalogue"


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a code on a day; row and catalogue are absent where no catalogue knows it.

    state: holds, not_on_this_day, not_in_catalogue
    """

    code: str
    day: str
    kind: str
    state: str
    row: Values | None = None
    catalogue: Listed | None = None

    def words(self, language: str = "en") -> str:
        """Return why the code does not hold, or its name where it does."""
        chinese = language.startswith("zh")
        if self.state == HOLDS and self.row is not None:
            return str(self.row["zh"] if chinese else self.row.get("en", self.row["zh"]))
        kind = KINDS[self.kind]
        if self.state == UNKNOWN:
            return (
                f"不在 {self.day} 有效的{kind.zh}中"
                if chinese
                else f"not in the catalogue valid on {self.day}"
            )
        row = self.row or {}
        begins, ends = row.get("valid_from", "…"), row.get("valid_until", "…")
        if chinese:
            return f"{self.day} 不在有效期内（{begins} 至 {ends}）"
        return f"not valid on {self.day}: the catalogue has it from {begins} to {ends}"


def layers(candidates: Iterable[Listed], kind: str, *, region: str, day: str) -> list[Listed]:
    """Return the catalogues that are asked for a code, the nearest first; empty where none holds there then."""
    return choosing.holding(candidates, kind, region=region, day=day)


def look_up(
    connection: Connection,
    ledger: int,
    holding: Sequence[Listed],
    codes: Iterable[str],
    *,
    kind: str,
    day: str,
) -> Mapping[str, Found]:
    """Return what is known of each code on a day; holding: the layers of that day, the nearest first."""
    left = set(codes)
    found: dict[str, Found] = {}
    for one in holding:
        for code, rows in _rows(connection, ledger, one, left).items():
            row = next((row for row in rows if holds_on(row, day)), None)
            state = HOLDS if row is not None else ELSEWHEN
            found[code] = Found(code, day, kind, state, row or rows[-1], one)
        left -= set(found)
    return found | {code: Found(code, day, kind, UNKNOWN) for code in left}


def _rows(
    connection: Connection, ledger: int, one: Listed, codes: set[str]
) -> Mapping[str, Sequence[Values]]:
    """Return {code: its rows} of a catalogue, stored or shipped."""
    content = shipped.by_digest(one.digest) if one.index == choosing.SHIPPED else None
    if content is None:
        return catalogue_store.rows_of(connection, ledger, one.digest, codes)
    found: dict[str, list[Values]] = {}
    for row in content.rows:
        if row["code"] in codes:
            found.setdefault(str(row["code"]), []).append(row)
    return found
