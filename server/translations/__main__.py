"""Join the Chinese words of all rooms into the one file that the server reads: `python -m server.translations`."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import mofile, pofile
from babel.messages.catalog import Catalog

HERE = Path(__file__).parent
LOCALE = "zh"
"""Babel reads zh_CN as zh_Hans_CN, and gettext looks for that or for zh."""
COMPILED = HERE / LOCALE / "LC_MESSAGES" / "messages.mo"


class SaidTwice(Exception):
    """Two rooms translate the same words, and not alike."""


def joined() -> Catalog:
    """Return the words of every room; raises SaidTwice."""
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    # A file that is made twice is the same twice.
    whole = Catalog(locale=LOCALE, fuzzy=False, creation_date=long_ago, revision_date=long_ago)
    for path in sorted((HERE / LOCALE).glob("*.po")):
        with path.open("rb") as file:
            for message in pofile.read_po(file, locale=LOCALE):
                if not message.id:
                    continue
                known = whole.get(message.id)
                if known is not None and known.string != message.string:
                    raise SaidTwice(f"{message.id!r} in {path.name}: {known.string!r}, {message.string!r}")
                whole[message.id] = message
    return whole


def compiled() -> bytes:
    """Return the file that the server reads."""
    buffer = io.BytesIO()
    mofile.write_mo(buffer, joined())
    return buffer.getvalue()


if __name__ == "__main__":
    COMPILED.parent.mkdir(exist_ok=True)
    COMPILED.write_bytes(compiled())
