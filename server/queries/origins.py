"""Where ledger entries come from: who made them, when they arrived, when the phone says it was."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from server.console.pages import CaptureInterval
from server.evidence.captured import anchor_of, derive
from server.queries.reading import Reading, moment
from server.storage import ledger_store
from sync import entries
from sync.entries import Entry

PAGE = 400


@dataclass(frozen=True)
class Origin:
    """One entry's origin. captured: the interval that the server derives from the phone's clocks.

    anchor: the newest ledger entry that the phone had heard of; None for what no phone made, or before it heard
    """

    index: int
    by: str
    device: str
    received: datetime
    captured: CaptureInterval
    anchor: int | None = None


def origins(reading: Reading, indexes: Iterable[int]) -> dict[int, Origin]:
    """Return the origin of each entry, in two queries for every PAGE of them; of an adopted change, its first."""
    wanted = sorted(set(indexes))
    found: dict[int, Origin] = {}
    adopted: dict[int, int] = {}
    for start in range(0, len(wanted), PAGE):
        some = wanted[start : start + PAGE]
        lines = ledger_store.lines_at(reading.connection, reading.services.ledger.id, some)
        bodies = ledger_store.bodies_at(reading.connection, reading.services.ledger.id, some)
        for index, line in lines.items():
            entry = entries.from_line(line)
            if entry.kind == entries.ADOPT and entry.late is not None:
                adopted[index] = entry.late
            body = bodies.get(index, b"") if entry.device is not None else b""
            found[index] = Origin(
                index,
                entry.by,
                entry.device or "",
                moment(entry.at),
                _captured(entry, body),
                anchor_of(body) if body else None,
            )
    if adopted:
        first = origins(reading, adopted.values())
        found.update({index: replace(first[late], index=index) for index, late in adopted.items()})
    return found


def _captured(entry: Entry, body: bytes) -> CaptureInterval:
    if not body:
        # What the desk or the server writes happens when it is written.
        return CaptureInterval(earliest=moment(entry.at), latest=moment(entry.at))
    derived = derive(body, entry.at)
    return CaptureInterval(
        earliest=moment(derived.earliest_ms), latest=moment(derived.latest_ms), flags=derived.flags
    )
