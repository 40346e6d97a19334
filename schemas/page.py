"""docs/records.md: every record type, so that a stranger can write a client."""

from __future__ import annotations

from collections.abc import Iterable

from schemas.declare import RecordType


def markdown(types: Iterable[RecordType]) -> str:
    """Return the page that describes these record types."""
    return "# Record types\n" + "".join(f"\n## {kind.name}\n\n{kind.zh} {kind.en}\n" for kind in types)
