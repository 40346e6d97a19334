"""Days as an address or a form names them."""

from __future__ import annotations

from datetime import date

from schemas.times import read_day
from sync.errors import BadCode, BadValue


def asked_day(words: str | None, field: str) -> date | None:
    """Return the day that somebody wrote, None where he wrote none; raises BadValue for what is no day."""
    try:
        return read_day(words) if words else None
    except BadCode as refusal:
        raise BadValue("a day is written 2026-11-17", field=field) from refusal
