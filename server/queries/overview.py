"""How things stand in the reader's region: open cases by county, coverage, ageing, and whether phones get through."""

from __future__ import annotations

from sqlalchemy import and_, case, func

from schemas import regions
from server.console.county_spots import SPOTS
from server.console.pages.home import CountyTile, Coverage, Overview, PhoneHealth, StageCount
from server.queries.cases import DEADLINES, is_open, with_any_deadline
from server.queries.narrowing import named_regions
from server.queries.reading import TABLE, Reading
from server.queries.reports import cases as case_report
from server.queries.reports import coverage
from server.storage.device_store import ENROLLED
from server.storage.device_store import TABLE as DEVICES

COUNTY_DIGITS = 6
TILES_MAX = 120
SHADES = 4
DAY_MS = 24 * 60 * 60 * 1000
SILENT_DAYS = 3
"""A phone that was silent for so long is asked after: a backlog in the mountains lasts one to five days."""


def overview(reading: Reading) -> Overview:
    """Return how things stand, in a handful of grouped queries."""
    visited, institutions = coverage.share(reading, reading.today)
    return Overview(
        tiles=tiles(reading),
        coverage=Coverage(visited=visited, institutions=institutions, months=coverage.MONTHS),
        stages=_stages(reading),
        phones=phones(reading),
    )


def tiles(reading: Reading) -> tuple[CountyTile, ...]:
    """Return every county of the reader's regions with its open cases and how many of them are overdue."""
    county = func.substr(TABLE.c.region, 1, COUNTY_DIGITS)
    overdue = func.sum(case((DEADLINES.c.due_on < reading.today.isoformat(), 1), else_=0))
    statement = with_any_deadline(reading).where(is_open())
    grouped = statement.with_only_columns(county, func.count(), overdue, maintain_column_froms=True)
    found = {code: (n, late) for code, n, late in reading.connection.execute(grouped.group_by(county))}
    codes = sorted(found.keys() | set(_counties(reading)))[:TILES_MAX]
    most = max((n for n, _ in found.values()), default=0)
    return tuple(
        CountyTile(
            region=code,
            name=regions.name(code, reading.locale),
            open=found.get(code, (0, 0))[0],
            overdue=found.get(code, (0, 0))[1],
            shade=_shade(found.get(code, (0, 0))[0], most),
            spot=SPOTS.get(code),
        )
        for code in codes
    )


def _shade(number: int, most: int) -> int:
    """Return how dark a tile is, 0 for none and SHADES for the most."""
    return -(-number * SHADES // most) if number else 0


def _counties(reading: Reading) -> list[str]:
    """Return the counties with a name where this reader reads by his office."""
    return [code for code in named_regions(reading) if regions.level(code) == "county"]


def _stages(reading: Reading) -> tuple[StageCount, ...]:
    """Return how many open cases stand in each stage, and how many of them are overdue."""
    overdue = func.sum(case((DEADLINES.c.due_on < reading.today.isoformat(), 1), else_=0))
    statement = with_any_deadline(reading).where(is_open())
    grouped = statement.with_only_columns(TABLE.c.stage, func.count(), overdue, maintain_column_froms=True)
    rows = {
        stage: (n, late) for stage, n, late in reading.connection.execute(grouped.group_by(TABLE.c.stage))
    }
    return tuple(
        StageCount(stage=stage, open=rows[stage][0], overdue=rows[stage][1])
        for stage in case_report.OPEN_STAGES
        if stage in rows
    )


def phones(reading: Reading) -> PhoneHealth:
    """Return how many enrolled phones of the reader's people were heard of within a day, and how many are silent."""
    now = reading.services.now_ms()
    owner = and_(DEVICES.c.ledger == TABLE.c.ledger, DEVICES.c.user == TABLE.c.id)
    statement = reading.visible("user").join(DEVICES, owner).where(DEVICES.c.stage == ENROLLED)
    fresh = DEVICES.c.contact_at > now - DAY_MS
    silent = and_(DEVICES.c.contact_at > 0, DEVICES.c.contact_at <= now - SILENT_DAYS * DAY_MS)
    row = reading.connection.execute(
        statement.with_only_columns(
            func.count(),
            *(
                func.coalesce(func.sum(case((part, 1), else_=0)), 0)
                for part in (fresh, silent, DEVICES.c.contact_at == 0)
            ),
            maintain_column_froms=True,
        )
    ).one()
    return PhoneHealth(enrolled=row[0], fresh=int(row[1]), silent=int(row[2]), never=int(row[3]))
