"""The catalogues that the program brings along, as JSON files beside this module.

A file is never changed once it was released: inspections name its digest for years. A new version is a
new file, and the old one stays.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

from schemas.catalogues import content
from schemas.catalogues.choosing import Listed
from schemas.catalogues.content import Catalogue
from sync.errors import NotFound

DATA = Path(__file__).parent / "data"


@cache
def every() -> dict[str, Catalogue]:
    """Return all that is shipped, by the name of its file without `.json`."""
    return {path.stem: of_file(path.read_text("utf-8")) for path in sorted(DATA.glob("*.json"))}


def of_file(text: str) -> Catalogue:
    """Return the catalogue of a JSON file: the header's members and `rows`; raises Malformed, TooLarge."""
    body = json.loads(text)
    return content.write({name: value for name, value in body.items() if name != "rows"}, body["rows"])


@cache
def in_use() -> tuple[Listed, ...]:
    """Return what holds without an import: all but the demonstration excerpts, which claim no completeness."""
    return tuple(
        Listed(one.digest, one.header) for one in every().values() if not one.header.get("demonstration")
    )


def by_digest(digest: str) -> Catalogue | None:
    """Return a shipped catalogue by the digest of its content, None for any other."""
    return next((one for one in every().values() if one.digest == digest), None)


def named(name: str) -> Catalogue:
    """Return a shipped catalogue by the name of its file; raises NotFound."""
    if name not in every():
        raise NotFound(f"none of the shipped catalogues: {', '.join(every())}")
    return every()[name]
