"""What a commit brings that must outlive the database: who was shut out stays out, and no key is forgotten."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from sync import lines
from sync.merge import Record

KINDS = {"device": "device", "user": "user"}
"""Record types whose stage shuts somebody out; the name by which a note calls the record."""

KEY, VALUES = "key", "values"


def notes(changed: Iterable[Record], before: Mapping[str, Record]) -> list[dict[str, str]]:
    """Return a note for each phone and user whose stage this commit moves: `{"state": stage, "device": id}`.

    And for each public key that comes, ends or is to end: `{"state": stage, "key": id, "values": its fields, JSON}`.
    """
    found: list[dict[str, str]] = []
    for record in changed:
        known = before.get(record.id)
        if record.type in KINDS and known is not None and known.stage != record.stage and record.stage:
            found.append({"state": record.stage, KINDS[record.type]: record.id})
        if record.type == KEY and record.stage:
            values = {name: value for name, value in record.values.items() if value is not None}
            values.pop("stage", None)
            found.append(
                {"state": record.stage, KEY: record.id, VALUES: lines.encode(values).decode("utf-8")}
            )
    return found
