"""Which table of working days counts where: the nearest region's newest one, else the one brought along.

Pure: the tables arrive as values, the day as an argument.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from schemas import regions
from server.reminders.calendar import Calendar
from sync.rules import region_prefix


@dataclass(frozen=True, slots=True)
class YearTable:
    """The days off and the make-up days of one region and year. version: of its record, to break ties of the day."""

    record: str
    region: str
    year: int
    valid_from: date
    version: int
    published: bool
    off: frozenset[date]
    working: frozenset[date]


def counting(tables: Iterable[YearTable], region: str, today: date) -> dict[int, YearTable]:
    """Return by year the table that counts in a region: of the nearest region's those in effect, the newest."""
    found: dict[int, YearTable] = {}
    for table in tables:
        if table.valid_from > today or not regions.reaches(table.region, region):
            continue
        known = found.get(table.year)
        if known is None or _rank(table) > _rank(known):
            found[table.year] = table
    return found


def _rank(table: YearTable) -> tuple[int, date, int]:
    return len(region_prefix(table.region)), table.valid_from, table.version


def assemble(shipped: Calendar, tables: Sequence[YearTable], region: str, today: date) -> Calendar:
    """Return the working days of a region: imported tables year by year, the shipped ones for all other years.

    A day of the December before belongs to the table that names it, as New Year's holiday may begin there.
    """
    chosen = counting(tables, region, today)
    off = {day for day in shipped.off if day.year not in chosen}
    working = {day for day in shipped.working if day.year not in chosen}
    years = set(shipped.years) - chosen.keys()
    for year in sorted(chosen):
        table = chosen[year]
        off = (off - table.working) | table.off
        working = (working - table.off) | table.working
        if table.published:
            years.add(year)
    return Calendar(region=region, off=frozenset(off), working=frozenset(working), years=frozenset(years))


def differing(old: Calendar, new: Calendar) -> frozenset[date]:
    """Return the days that one of two calendars works and the other does not."""
    named = old.off ^ new.off | old.working ^ new.working
    return frozenset(day for day in named if old.is_working_day(day) != new.is_working_day(day))
