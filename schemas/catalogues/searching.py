"""Finding rows by words, without a network and without an index: what a phone carries is small."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any

from schemas.catalogues.content import Values


def search(rows: Iterable[Values], text: str) -> list[Values]:
    """Return the rows in which every word of `text` stands somewhere, in their order; all for no words.

    Small and capital letters, full and half width are one; codes, both languages and articles are looked at.
    """
    words = fold(text).split()
    return [row for row in rows if _holds(row, words)]


def fold(text: str) -> str:
    """Return a text as search compares it."""
    return unicodedata.normalize("NFKC", text).casefold()


def _holds(row: Values, words: list[str]) -> bool:
    there = fold("\n".join(_texts(row)))
    return all(word in there for word in words)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for member in value:
            yield from _texts(member)
    elif isinstance(value, dict):
        for member in value.values():
            yield from _texts(member)
