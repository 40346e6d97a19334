"""What a violation's row says for a finding: its articles with their standing, and the facts to be filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from schemas.catalogues.content import Values, holds_on

BLANK = "____"
UNVERIFIED = {
    "zh": "（条文未核实，引用前须核对原文）",
    "en": "(not verified: check the text before citing it)",
}
NO_BASIS = {"zh": "（目录未列条文，由承办人填写）", "en": "(the catalogue names no article)"}
PLACE = re.compile(r"\{([a-z_]+)\}")


def basis(row: Values, day: str) -> Mapping[str, Any] | None:
    """Return the article that a finding of a day cites: the first one in force by then, verified ones before others."""
    known = [one for one in row.get("basis", ()) if holds_on({"valid_from": one["in_force_from"]}, day)]
    return min(known, key=lambda one: not one["verified"], default=None)


def basis_words(row: Values, language: str = "zh") -> str:
    """Return the articles of a violation as a person reads them; one that was not verified says so."""
    parts = [_article(one, language) for one in row.get("basis", ())]
    return ("；" if language == "zh" else "; ").join(parts) or NO_BASIS[language]


def _article(one: Mapping[str, Any], language: str) -> str:
    words = str(one.get(language) or one["zh"])
    return words if one["verified"] else words + ("" if language == "zh" else " ") + UNVERIFIED[language]


def facts(row: Values, known: Mapping[str, str], language: str = "zh") -> str:
    """Return the row's wording with what is known filled in; a place nobody knows becomes a blank to write on."""
    template = str(row.get(f"facts_{language}") or row["facts_zh"])
    return PLACE.sub(lambda place: known.get(place[1], BLANK) or BLANK, template)
