"""Pure folds from a record to the rows that queries need; commit and replay call the same ones."""

from __future__ import annotations

from typing import Any

from sync.lines import unb64u
from sync.merge import VOIDED, Record
from sync.replay import chain_of

Row = dict[str, Any]


def device(record: Record) -> Row:
    """Return the row of a device record; chain, place: the writer that its changes count for."""
    values = record.values
    writer, place = chain_of(record.id, values)
    return {
        "id": record.id,
        "user": values["user"],
        "sign_key": unb64u(values["sign_key"]),
        "seal_key": unb64u(values["seal_key"]),
        "kem": values["kem"],
        "stage": record.stage,
        "chain": writer.removeprefix("device:"),
        "place": place,
    }


CLOSED_STAGES = frozenset({"closed", "satisfied"})


def has_clock(record: Record) -> bool:
    """Return whether a record is a case whose clock runs: it has a last day, which service gave it."""
    return record.type == "rectification_case" and "due_on" in record.values


def deadline(record: Record) -> Row:
    """Return the row of the clock of a case that has a last day."""
    values = record.values
    return {
        "case": record.id,
        "region": record.region,
        "institution": values["institution"],
        "served_on": values["served_on"],
        "due_on": values["due_on"],
        "due_version": values["due_version"],
        "closed": record.stage in CLOSED_STAGES or record.life == VOIDED,
    }


def original(record: Record) -> Row:
    """Return the row of an evidence item's original."""
    return {
        "evidence": record.id,
        "digest": record.values["digest"],
        "root": record.root,
        "made": record.acts[0].index,
    }


FOLDS = {"device": device, "rectification_case": deadline, "evidence": original}
"""Record types that have a projection besides their record."""
