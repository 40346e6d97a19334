"""Files that parties handed in with writings of their own, as pages list them."""

from __future__ import annotations

from collections.abc import Iterable

from server.console.pages.frame import HandedFile
from sync.merge import Record


def files_of(records: Iterable[Record]) -> tuple[HandedFile, ...]:
    """Return the files of statements, appeals or reports, numbered through."""
    every = [(record, one) for record in records for one in record.values.get("files") or ()]
    return tuple(
        HandedFile(
            record=record.id,
            kind=record.type,
            digest=one["digest"],
            number=number,
            media_type=one["media_type"],
            size=int(one["size"]),
        )
        for number, (record, one) in enumerate(every, start=1)
    )
