"""Numbers of documents: one sequence for each bureau, kind of document and year, such as 六医保改〔2026〕12号."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import TypeVar

from sqlalchemy import Connection, func, select

from schemas import regions
from server.commit.numbers import NUMBERED, NumberTaken
from server.storage.record_store import TABLE
from server.wiring import Services

OFFICE_FILE = "office.json"
"""In the home: `{"document_prefixes": {"341502": "六金安医保"}}` says how a bureau begins its numbers."""
PREFIXES = "document_prefixes"
WORDS: Mapping[str, str] = {
    "rectification": "改", "correction_order": "责改", "interview": "约", "registered_hold": "存", "sealing": "封",
    "sanction_told": "告", "hearing": "听", "sanction_decided": "处", "extension_answer": "延", "closing": "销",
}  # fmt: skip
"""The word of each kind of document in its number."""
COUNTY_DIGITS = 6
TRIES_MAX = 20
"""So often a number is given again where others signed off at the same moment."""
_UNIT = re.compile("[省市区县旗]$")
_LAST = re.compile(r"〕([0-9]{1,9})号$")
T = TypeVar("T")


def prefix_of(services: Services, region: str, kind: str) -> str:
    """Return how the numbers of a bureau's documents of a kind begin, such as 六金安医保改."""
    county = region[:COUNTY_DIGITS]
    path = services.config.home / OFFICE_FILE
    own = json.loads(path.read_text("utf-8")).get(PREFIXES, {}) if path.exists() else {}
    return f"{own.get(county) or default_prefix(county)}{WORDS[kind]}"


def default_prefix(region: str) -> str:
    """Return what a bureau's numbers begin with unless it says otherwise: its city's first character, its name."""
    own = _UNIT.sub("", regions.name(region))
    above = regions.parent(region)
    if regions.level(region) != "county" or above is None:
        return f"{own[:1] if not own.isdigit() else own}医保"
    city = regions.name(above)
    return f"{'' if city.isdigit() else city[:1]}{own}医保"


def next_number(connection: Connection, ledger: int, prefix: str, year: int) -> str:
    """Return the number after the last one that was given in a year; numbers are never given again."""
    opening = f"{prefix}〔{year}〕"
    key = TABLE.c.natural_key
    where = (TABLE.c.ledger == ledger, TABLE.c.type.in_(NUMBERED), key.startswith(opening, autoescape=True))
    # The longest first, then the greatest: numbers are not padded.
    order = (func.length(key).desc(), key.desc())
    last = connection.execute(select(key).where(*where).order_by(*order).limit(1)).scalar()
    found = _LAST.search(str(last)) if last else None
    return f"{opening}{int(found[1]) + 1 if found else 1}号"


def numbered(services: Services, region: str, kind: str, do: Callable[[str], T]) -> T:
    """Do something with the next free number, again with the next where another took it; raises NumberTaken at last."""
    prefix = prefix_of(services, region, kind)
    for _ in range(TRIES_MAX):
        with services.database.reading() as connection:
            number = next_number(connection, services.ledger.id, prefix, services.today().year)
        try:
            return do(number)
        except NumberTaken:
            continue
    raise NumberTaken(field="number")
