"""What stands against what in an open conflict, told to the phone of somebody who may see the record.

A conflict refers to change ids and never copies values; a phone holds its own changes alone. Whoever is to settle one
in a basement must see the other side's value, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from sync import lines
from sync.changes import Erased
from sync.merge import Record, Write

SIDES_MAX = 20
"""How many values of one field a phone is told of, the last ones: nobody compares more by thumb."""


def indexes(records: Iterable[Record]) -> set[int]:
    """Return where the writes that stand against each other are in the ledger."""
    found = (sides(record, name) for record in records for name in open_fields(record))
    return {write.act.index for each in found for write in each}


def open_fields(record: Record) -> list[str]:
    """Return the fields over which a conflict is open."""
    return sorted(name for name, contest in record.contests.items() if contest.open)


def sides(record: Record, name: str) -> list[Write]:
    """Return the writes that stand against each other, in the order of the ledger, without what was erased."""
    standing = record.contests[name].candidates
    found = [
        write
        for write in record.writes.get(name, ())
        if write.act.change in standing and type(write.value) is not Erased
    ]
    return sorted(found, key=lambda write: (write.act.index, write.act.n))[-SIDES_MAX:]


def contested(record: Record, entries: Mapping[int, bytes]) -> dict[str, list[dict[str, Any]]]:
    """Return {field: [{change, index, by, at, value}]} of every open conflict. entries: lines of `indexes`"""
    return {name: [_side(write, entries) for write in sides(record, name)] for name in open_fields(record)}


def _side(write: Write, entries: Mapping[int, bytes]) -> dict[str, Any]:
    entry = lines.decode(entries[write.act.index])
    return {
        "change": write.act.change,
        "index": write.act.index,
        "by": entry["by"],
        "at": entry["at"],
        "value": write.value,
    }
