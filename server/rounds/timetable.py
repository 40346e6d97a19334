"""When the rounds of a schedule are called: pure, from what it says and, by surprise, from the week's seed.

The seed is that of the entry by which the server planned the week (sync.draw.seed_of over the root just
after it and the digest of its salted change line): nobody chose it, nobody outside can know it, and whoever
may read that entry can compute the times again. They are stored nowhere before they come.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from schemas.records.round_schedule import SURPRISE, WEEKDAYS
from sync import draw

PURPOSE = "wardledger/1 scheduled round"
DAYS = tuple(WEEKDAYS)


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One call of a schedule: the round's id, the institution, when (aware)."""

    ward_round: str
    institution: str
    at: datetime


def monday_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(days=day.weekday())


def occurrences(
    schedule: str, values: Mapping[str, Any], monday: date, seed: str, zone: tzinfo
) -> list[Occurrence]:
    """Return every call of a week, in order. schedule: its record; seed: the week's."""
    found = [
        Occurrence(_id(schedule, institution, day), institution, _instant(day, minute, zone))
        for institution in sorted(values.get("institutions") or ())
        for day, minute in _times(values, monday, f"{seed}\n{institution}")
    ]
    return sorted(found, key=lambda one: (one.at, one.ward_round))


def _times(values: Mapping[str, Any], monday: date, seed: str) -> list[tuple[date, int]]:
    """Return (day, minute) of a week's calls of one institution."""
    chosen = set(values.get("weekdays") or ())
    days = [monday + timedelta(days=n) for n, name in enumerate(DAYS) if name in chosen]
    first = int(values["from_minute"])
    if values["kind"] != SURPRISE:
        return [(day, first) for day in days]
    names = [day.isoformat() for day in days]
    if not names:
        return []
    drawn = draw.draw(seed, names, min(len(names), int(values["times_a_week"])))
    length = max(1, int(values["until_minute"]) - first)
    return [(date.fromisoformat(name), first + draw.below(seed, name, length)) for name in drawn]


def _instant(day: date, minute: int, zone: tzinfo) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), zone)


def _id(schedule: str, institution: str, day: date) -> str:
    """Return the id of a scheduled round: the same for every scheduler, so that only one of them makes it."""
    text = f"{PURPOSE}\n{schedule}\n{institution}\n{day.isoformat()}"
    raw = bytearray(hashlib.sha256(text.encode()).digest()[:16])
    raw[6] = raw[6] & 0x0F | 0x80
    raw[8] = raw[8] & 0x3F | 0x80
    return str(uuid.UUID(bytes=bytes(raw)))
