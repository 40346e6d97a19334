"""Days and points in time: milliseconds in UTC inside, days and hours of the region's zone outside.

The zone is handed in: a day of Lu'an begins at 16:00 UTC of the day before, and summers from 1986 to
1991 had an hour that came twice.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, tzinfo

from schemas.code_faults import plain, wrong

YEAR_MIN, YEAR_MAX = 1900, 2100
INSTANT_MS_MAX = 4_102_444_800_000
"""The year 2100."""

_DAYS = (
    re.compile(r"(?P<y>[0-9]{4})(?P<s>[-/.])(?P<m>[0-9]{1,2})(?P=s)(?P<d>[0-9]{1,2})"),
    re.compile(r"(?P<y>[0-9]{4})年(?P<m>[0-9]{1,2})月(?P<d>[0-9]{1,2})日"),
    re.compile(r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"),
)
_CLOCK = re.compile(
    r"(?P<h>[0-9]{1,2}):(?P<i>[0-9]{2})(:(?P<s>[0-9]{2})(\.(?P<f>[0-9]{1,6}))?)?"
    r"(?P<z>Z|[+-][0-9]{2}:?[0-9]{2})?"
)
_MIDNIGHT = re.compile(r"0?0:00(:00(\.0+)?)?")


def read_day(text: str) -> date:
    """Return a day as files write it: 2026-11-17, 2026/11/17, 2026.11.17, 20261117 or 2026年11月17日.

    A midnight behind it, which spreadsheets add, is left out; any other time is refused, since nobody
    knows whether it was meant. Raises BadCode.
    """
    written = plain(text, "day")
    day, rest = _split(written, "day")
    if rest and not _MIDNIGHT.fullmatch(rest):
        raise wrong("day", "has_time")
    return day


def read_instant(text: str, zone: tzinfo) -> int:
    """Return the Unix ms of a point in time as files write it: a day as for read_day, then 08:30, 08:30:15.250.

    zone: that of the region, for a time that names no offset (Z, +08:00)
    Raises BadCode, also for a local time that the zone skipped or had twice.
    """
    kind = "instant"
    day, rest = _split(plain(text, kind), kind)
    found = _CLOCK.fullmatch(rest)
    if found is None:
        raise wrong(kind, "form", expected="2026-11-17 08:30")
    try:
        local = datetime(
            day.year, day.month, day.day, int(found["h"]), int(found["i"]), int(found["s"] or 0),
            int((found["f"] or "0").ljust(6, "0")), tzinfo=_offset(found["z"], zone),
        )  # fmt: skip
    except ValueError as error:
        raise wrong(kind, "no_such_time") from error
    if not _happened_once(local):
        raise wrong(kind, "no_such_time")
    ms = round(local.timestamp() * 1000)
    if not 0 <= ms <= INSTANT_MS_MAX:
        raise wrong(kind, "range", expected=INSTANT_MS_MAX)
    return ms


def local_day(ms: int, zone: tzinfo) -> date:
    """Return the day of the region on which a point in time lies."""
    return datetime.fromtimestamp(ms / 1000, UTC).astimezone(zone).date()


def day_bounds(day: date, zone: tzinfo) -> tuple[int, int]:
    """Return the Unix ms at which a day of the region begins and the next one does; 23 or 25 hours happen."""
    following = day + timedelta(days=1)
    begins, ends = (datetime(d.year, d.month, d.day, tzinfo=zone).timestamp() for d in (day, following))
    return round(begins * 1000), round(ends * 1000)


def _split(written: str, kind: str) -> tuple[date, str]:
    """Return the day that a text begins with, and what follows behind a blank or a T."""
    for pattern in _DAYS:
        found = pattern.match(written)
        if found is None:
            continue
        rest = written[found.end() :]
        if rest and rest[0] not in " T":
            continue
        try:
            day = date(int(found["y"]), int(found["m"]), int(found["d"]))
        except ValueError as error:
            raise wrong(kind, "no_such_day") from error
        if not YEAR_MIN <= day.year <= YEAR_MAX:
            raise wrong(kind, "no_such_day")
        return day, rest[1:].strip()
    raise wrong(kind, "form", expected="2026-11-17" if kind == "day" else "2026-11-17 08:30")


def _offset(written: str | None, zone: tzinfo) -> tzinfo:
    if written is None:
        return zone
    return UTC if written == "Z" else datetime.strptime(written.replace(":", ""), "%z").tzinfo or UTC


def _happened_once(local: datetime) -> bool:
    """Return whether a local time came once: not skipped in spring, not repeated in autumn."""
    return local.replace(fold=0).utcoffset() == local.replace(fold=1).utcoffset()
