"""When an item was captured, as the server keeps it: derived once, from the line that the phone signed."""

from __future__ import annotations

import json

from sqlalchemy import Connection

from server.storage import ledger_store
from sync import entries
from sync.capture_time import Interval, interval
from sync.changes import Anchor, At
from sync.merge import Record


def captured(connection: Connection, ledger: int, record: Record) -> Interval:
    """Return the interval in which a record was made; what the desk or the server makes, made as it arrives."""
    index = record.acts[0].index
    entry = entries.from_line(ledger_store.lines_at(connection, ledger, [index])[index])
    if entry.kind == entries.ADOPT and entry.late is not None:
        # Adopted by a supervisor; when it was captured, the line that the phone signed says.
        index = entry.late
        entry = entries.from_line(ledger_store.lines_at(connection, ledger, [index])[index])
    body = ledger_store.bodies_at(connection, ledger, [index]).get(index, b"")
    if entry.device is None or not body:
        return Interval(entry.at, entry.at, entry.at)
    return derive(body, entry.at)


def derive(body: bytes, received_ms: int) -> Interval:
    """Return the capture interval of a change line that arrived at `received_ms`."""
    at = dict(json.loads(body)["at"])
    anchor = at.pop("anchor", None)
    return interval(At(**at, anchor=Anchor(**anchor) if anchor else None), received_ms)


def anchor_of(body: bytes) -> int | None:
    """Return the newest ledger entry that the phone had heard of when it made a change; None before the first."""
    anchor = json.loads(body)["at"].get("anchor")
    return None if anchor is None else int(anchor["index"])
