"""What a record is found by: public numbers as they are, names and numbers of persons only to be hashed. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

from schemas.declare import NUMBER
from schemas.records import TYPES
from sync.merge import VOIDED, Record

NUMBERS = {
    "institution": ("fixmedins_code", "uscc", "agreement_number"),
    "user": ("certificate",),
    "rectification_case": ("number",),
    "notice": ("number",),
    "petition": ("number",),
    "bulletin": ("number",),
    "appeal": ("number",),
}
"""Public numbers that are found by any part of them."""
WHOLE = {
    "finding": ("violation_code",),
    "evidence": ("digest", "cipher_digest"),
    "encounter": ("mdtrt_id",),
}
"""Public codes and digests that are found by how they begin."""
NAMES = {"institution": "name", "user": "display_name"}
"""Names of bodies and officers; they stand encrypted, so they are found by hashes of their pairs of characters."""
PERSON_NUMBERS = {
    kind.name: tuple(field.name for field in kind.fields if field.masked == NUMBER and not field.parts)
    for kind in TYPES.values()
}
FACETS = {"institution": ("kind", "level", "credit_grade")}
"""Public choices by which lists are narrowed."""
FACET = "\x01"
PART_CHARS_MIN = 2
WORD_CHARS_MAX = 64
DEVICE_TAIL = 12
"""Of a device people read the end of its id."""


@dataclass(frozen=True)
class Found:
    """What one record is found by. pairs, persons: private, never stored but as keyed hashes."""

    words: frozenset[str] = frozenset()
    pairs: frozenset[str] = frozenset()
    persons: frozenset[str] = frozenset()


NOTHING = Found()


def plain(text: Any) -> str:
    """Return a text as it is compared: one width, lower case, no blanks."""
    kept = (each for each in unicodedata.normalize("NFKC", str(text)).casefold() if each.isprintable())
    return "".join("".join(kept).split())


def facet(field: str, value: Any) -> str:
    """Return the word by which records with a value are listed; nothing that is typed is such a word."""
    return f"{FACET}{field}:{value}"


def pairs(name: str) -> frozenset[str]:
    """Return every two neighbouring characters of a plain text."""
    return frozenset(name[at : at + 2] for at in range(len(name) - 1))


def found_by(record: Record | None) -> Found:
    """Return what a record is found by; of one that is voided, or that nobody searches, nothing."""
    if record is None or record.life == VOIDED:
        return NOTHING
    kind, values = record.type, record.values
    words = {plain(values[name])[:WORD_CHARS_MAX] for name in WHOLE.get(kind, ()) if values.get(name)}
    for name in NUMBERS.get(kind, ()):
        if values.get(name):
            words |= _endings(plain(values[name]))
    for name in FACETS.get(kind, ()):
        value = values.get(name, TYPES[kind].by_name[name].default)
        if value is not None:
            words.add(facet(name, value))
    if kind == "device":
        words.add(record.id[-DEVICE_TAIL:])
    named = values.get(NAMES.get(kind, ""))
    persons = {plain(values[each]) for each in PERSON_NUMBERS.get(kind, ()) if values.get(each)}
    return Found(frozenset(words), pairs(plain(named)) if named else frozenset(), frozenset(persons))


def _endings(word: str) -> set[str]:
    last = max(1, len(word) - PART_CHARS_MIN + 1)
    return {word[at : at + WORD_CHARS_MAX] for at in range(last)}
