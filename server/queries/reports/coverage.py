"""Which regions were not inspected yet?"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date

from flask_babel import gettext
from sqlalchemy import or_

from schemas import regions
from server.console.pages.reports import SHARE, TEXT, WHOLE, Report, Table, TableColumn
from server.queries.reading import TABLE, Reading
from server.queries.reports.figures import months_back

NAME = "coverage"
MONTHS = 6
INSTITUTIONS_MAX = 50_000
INSPECTIONS_MAX = 50_000
VISITED = ("on_site", "record_signed", "submitted", "accepted", "returned", "archived")
"""Stages of an inspection that took place; what was only planned covers nothing."""


def report(reading: Reading, until: date) -> Report:
    """Return by county which share of its institutions was visited in each of the last months, and at all."""
    months = months_back(until, MONTHS)
    places, more = _institutions(reading)
    visited = _visited(reading, months)
    counties: dict[str, set[str]] = defaultdict(set)
    for key, region in places.items():
        counties[region[:6]].add(key)
    rows = []
    for county in sorted(counties):
        mine = counties[county]
        by_month = [len(mine & visited[month]) / len(mine) for month in months]
        ever = len(mine & set().union(*visited.values()))
        name = regions.name(county, reading.locale)
        rows.append((name, len(mine), ever, len(mine) - ever, ever / len(mine), *by_month))
    return Report(
        table=Table(
            name=NAME,
            title=gettext("Which regions were not inspected yet?"),
            columns=(
                TableColumn(name="region", label=gettext("Region"), kind=TEXT),
                TableColumn(name="institutions", label=gettext("Institutions"), kind=WHOLE),
                TableColumn(name="visited", label=gettext("Visited"), kind=WHOLE),
                TableColumn(name="missing", label=gettext("Not visited"), kind=WHOLE),
                TableColumn(name="share", label=gettext("Coverage"), kind=SHARE),
                *(TableColumn(name=month, label=month, kind=SHARE) for month in months),
            ),
            rows=tuple(rows),
            more=more,
        ),
        chart="heat",
        note=gettext(
            "Institutions with at least one inspection that took place, by the month for which it was planned; "
            "the last six months."
        ),
        links=tuple({"region": county} for county in sorted(counties)),
    )


def share(reading: Reading, until: date) -> tuple[int, int]:
    """Return how many of the institutions in scope were visited in the last months, and how many there are."""
    places, _ = _institutions(reading)
    ever: set[str] = set().union(*_visited(reading, months_back(until, MONTHS)).values())
    return len(ever & set(places)), len(places)


def _institutions(reading: Reading) -> tuple[dict[str, str], bool]:
    """Return {institution: region} of all that a reader may see, and whether some were left out."""
    statement = reading.visible("institution").with_only_columns(TABLE.c.id, TABLE.c.region)
    rows = reading.connection.execute(statement.limit(INSTITUTIONS_MAX + 1)).all()
    return {row.id: row.region for row in rows[:INSTITUTIONS_MAX]}, len(rows) > INSTITUTIONS_MAX


def _visited(reading: Reading, months: list[str]) -> dict[str, set[str]]:
    """Return {month: institutions that were visited}; the month narrows the rows before any is read."""
    planned = or_(*(TABLE.c.state.contains(f'"planned_on":"{month}-') for month in months))
    statement = (
        reading.visible("inspection")
        .where(TABLE.c.stage.in_(VISITED), planned)
        .with_only_columns(TABLE.c.state, maintain_column_froms=True)
    )
    found: dict[str, set[str]] = {month: set() for month in months}
    for (state,) in reading.connection.execute(statement.limit(INSPECTIONS_MAX)):
        values = json.loads(state)["values"]
        if (month := str(values["planned_on"])[:7]) in found:
            found[month].add(str(values["institution"]))
    return found
