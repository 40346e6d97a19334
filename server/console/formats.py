"""Times, amounts, places and names as people read them. Pure: zone, locale and now are arguments.

`locale` is `zh_CN` or `en`. Chinese dates read 2026年11月21日 14:05, amounts 12,345.67 元.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_timedelta, get_day_names

from server.console.pages import CalendarDay

METRES_PER_DEGREE = 111_195  # of latitude, on a sphere of 6,371 km
WINDS = ("n", "ne", "e", "se", "s", "sw", "w", "nw")


def day(on: date, locale: str) -> str:
    """Return 2026年11月21日, or 21 Nov 2026."""
    return format_date(on, "y年M月d日" if locale == "zh_CN" else "d MMM y", locale=locale)


def month(on: date, locale: str) -> str:
    """Return 2026年11月, or November 2026."""
    return format_date(on, "y年M月" if locale == "zh_CN" else "MMMM y", locale=locale)


def weekday(on: date, locale: str) -> str:
    """Return 星期六, or Saturday."""
    return format_date(on, "EEEE", locale=locale)


def weekday_letters(locale: str) -> list[str]:
    """Return the heads of a calendar's seven columns from Monday: 一 to 日, or Mo to Su."""
    names = get_day_names("narrow" if locale == "zh_CN" else "short", "stand-alone", locale)
    return [names[index] for index in range(7)]


def short_day(on: date, locale: str) -> str:
    """Return 11月21日, or 21 Nov: for places where the year is plain."""
    return format_date(on, "M月d日" if locale == "zh_CN" else "d MMM", locale=locale)


def moment(at: datetime, zone: str, locale: str, *, seconds: bool = False) -> str:
    """Return an aware time in the zone: 2026年11月21日 14:05, or 21 Nov 2026, 14:05."""
    local = at.astimezone(ZoneInfo(zone))
    clock = local.strftime("%H:%M:%S" if seconds else "%H:%M")
    separator = " " if locale == "zh_CN" else ", "
    return day(local.date(), locale) + separator + clock


def clock(at: datetime, zone: str) -> str:
    """Return the time of day in the zone: 14:05."""
    return at.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def relative(at: datetime, now: datetime, locale: str) -> str:
    """Return 3小时前, in 2 days, and so on; a difference under a minute reads 刚刚, just now."""
    delta = at - now
    if abs(delta) < timedelta(minutes=1):
        return "刚刚" if locale == "zh_CN" else "just now"
    words = format_timedelta(delta, granularity="minute", add_direction=True, threshold=1.2, locale=locale)
    return words.replace(" ", "") if locale == "zh_CN" else words


def interval(earliest: datetime, latest: datetime, zone: str, locale: str) -> str:
    """Return both ends of a capture interval, the day once if they share it.

    Ends within one second read as one time; seconds are shown otherwise, because a
    deadline may lie between the two.
    """
    if latest - earliest < timedelta(seconds=1):
        return moment(earliest, zone, locale, seconds=True)
    start = moment(earliest, zone, locale, seconds=True)
    local_start, local_end = earliest.astimezone(ZoneInfo(zone)), latest.astimezone(ZoneInfo(zone))
    if local_start.date() == local_end.date():
        return f"{start} – {local_end:%H:%M:%S}"
    return f"{start} – {moment(latest, zone, locale, seconds=True)}"


def width_of(earliest: datetime, latest: datetime, locale: str) -> str:
    """Return how far apart the ends of an interval are: 42秒, 2 minutes."""
    words = format_timedelta(latest - earliest, threshold=1.5, format="short", locale=locale)
    return words.replace(" ", "") if locale == "zh_CN" else words


def money(fen: int, locale: str) -> str:
    """Return 12,345.67 元, or ¥12,345.67; exact, without floating point."""
    sign, whole = ("-" if fen < 0 else ""), abs(fen)
    amount = f"{sign}{whole // 100:,}.{whole % 100:02d}"
    return f"{amount} 元" if locale == "zh_CN" else f"¥{amount}"


def file_size(size_bytes: int) -> str:
    """Return 812 B, 345 KB or 4.2 MB (of 1,024)."""
    if size_bytes < 1024:
        return f"{size_bytes} B"
    if size_bytes < 1024 * 1024:
        return f"{size_bytes / 1024:.0f} KB"
    return f"{size_bytes / (1024 * 1024):.1f} MB"


def distance(metres: int, locale: str) -> str:
    """Return 35 米, 1.2 公里, or 35 m, 1.2 km."""
    if metres < 1000:
        return f"{metres} 米" if locale == "zh_CN" else f"{metres} m"
    kilometres = f"{metres / 1000:,.1f}"
    return f"{kilometres} 公里" if locale == "zh_CN" else f"{kilometres} km"


def distance_and_bearing(origin: tuple[int, int], point: tuple[int, int]) -> tuple[int, int]:
    """Return metres and degrees from north (0-359) from origin to point, each (lat, lon) in 1e-7 degrees.

    A flat approximation: below 50 km from the institution it is off by less than
    the phone's own accuracy.
    """
    lat, lon = origin[0] / 1e7, origin[1] / 1e7
    north = (point[0] / 1e7 - lat) * METRES_PER_DEGREE
    east = (point[1] / 1e7 - lon) * METRES_PER_DEGREE * math.cos(math.radians(lat))
    return round(math.hypot(north, east)), round(math.degrees(math.atan2(east, north))) % 360


def wind(bearing_deg: int) -> str:
    """Return the code of the nearest of eight winds, `n` for north (`marks` has its word)."""
    return WINDS[round(bearing_deg / 45) % 8]


def masked_name(name: str) -> str:
    """Return 张*三 for 张小三, 张* for 张三: the first and the last character at most stay."""
    if len(name) <= 2:
        return name[:1] + "*" * (len(name) - 1)
    return name[0] + "*" * (len(name) - 2) + name[-1]


def masked_number(number: str) -> str:
    """Return 3415**********1234: the first and last four stay, and nothing of a short number."""
    if len(number) <= 8:
        return "*" * len(number)
    return number[:4] + "*" * (len(number) - 8) + number[-4:]


def short_digest(digest: str) -> str:
    """Return the first and last eight hex digits of a digest, for lists."""
    return digest if len(digest) <= 20 else f"{digest[:8]}…{digest[-8:]}"


def grouped(digest: str, width: int = 8) -> str:
    """Return a digest in groups, so that two people can compare it aloud."""
    return " ".join(digest[i : i + width] for i in range(0, len(digest), width))


def weeks(days: Sequence[CalendarDay]) -> list[list[CalendarDay | None]]:
    """Return the days in rows of seven from Monday, None where a row has no day."""
    if not days:
        return []
    cells: list[CalendarDay | None] = [None] * days[0].on.weekday()
    cells.extend(days)
    cells.extend([None] * (-len(cells) % 7))
    return [cells[i : i + 7] for i in range(0, len(cells), 7)]
