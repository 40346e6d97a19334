"""Who is on a hospital's census: the in-patients from whom a sample can be drawn. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from schemas.records.encounter import LISTED

Roll = list[tuple[str, str]]
"""(ward, id) of each in-patient, in order."""
READ = ("ward", "admitted_on", "discharged_on", "stage")
"""What of an in-patient decides whether and where he is on the roll; all of it is public."""


def is_on(values: Mapping[str, Any], day: str) -> bool:
    """Return whether the newest list names an in-patient and he lies there on a day (YYYY-MM-DD)."""
    until = values.get("discharged_on")
    lies = str(values["admitted_on"]) <= day and (until is None or str(until) >= day)
    return lies and values.get("stage", LISTED) == LISTED


def roll_of(patients: Iterable[tuple[str, Mapping[str, Any]]], day: str) -> Roll:
    """Return the roll of a day. patients: (id, values) of live records."""
    return sorted((str(values["ward"]), one) for one, values in patients if is_on(values, day))


def in_wards(roll: Roll, wards: Iterable[str]) -> dict[str, list[str]]:
    """Return the ids of a roll by ward: of some wards, or of all where none is named."""
    wanted = set(wards)
    found: dict[str, list[str]] = {}
    for ward, one in roll:
        if not wanted or ward in wanted:
            found.setdefault(ward, []).append(one)
    return found
