"""Days as an address or a form names them, and as records hold them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from schemas.times import read_day
from sync.errors import BadCode, BadValue


def asked_day(words: str | None, field: str) -> date | None:
    """Return the day that somebody wrote, None where he wrote none; raises BadValue for what is no day."""
    try:
        return read_day(words) if words else None
    except BadCode as refusal:
        raise BadValue("a day is written 2026-11-17", field=field) from refusal


def day_of(values: Mapping[str, Any], name: str) -> date | None:
    """Return a day that a record may have, or None."""
    return date.fromisoformat(values[name]) if values.get(name) else None
