"""The arithmetic of reports, without a database."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from math import sqrt

Z_95 = 1.959964
"""The normal quantile of a 95 % interval."""


def wilson(part: int, whole: int, z: float = Z_95) -> tuple[float, float] | None:
    """Return the interval in which a share lies with 95 % confidence; None where nothing was counted.

    Wilson's score interval: it stays within 0 and 1 and is honest for few counts (E. B. Wilson, 1927).
    """
    if not 0 <= part <= whole:
        raise ValueError("a part lies between nothing and the whole")
    if not whole:
        return None
    share, squared = part / whole, z * z
    middle = (share + squared / (2 * whole)) / (1 + squared / whole)
    half = z * sqrt(share * (1 - share) / whole + squared / (4 * whole * whole)) / (1 + squared / whole)
    return max(0.0, middle - half), min(1.0, middle + half)


def median(values: Sequence[int]) -> int | None:
    """Return the lower median of whole numbers; None of nothing."""
    return sorted(values)[(len(values) - 1) // 2] if values else None


def standing_by_day(
    spans: Iterable[tuple[date, date | None]], since: date, until: date
) -> list[tuple[date, int, int, int]]:
    """Return (day, begun by then, ended by then, standing) for each day of a period.

    spans: the first day of each thing and the day on which it ended, None while it stands
    """
    begun, ended = [], []
    for first, last in spans:
        begun.append(first)
        if last is not None:
            ended.append(max(first, last))
    begun.sort()
    ended.sort()
    found, b, e, day = [], 0, 0, since
    while day <= until:
        while b < len(begun) and begun[b] <= day:
            b += 1
        while e < len(ended) and ended[e] <= day:
            e += 1
        found.append((day, b, e, b - e))
        day += timedelta(days=1)
    return found


def months_back(until: date, count: int) -> list[str]:
    """Return the last months up to a day's own, the oldest first, written 2026-11."""
    number = until.year * 12 + until.month - 1
    return [f"{n // 12:04d}-{n % 12 + 1:02d}" for n in range(number - count + 1, number + 1)]
