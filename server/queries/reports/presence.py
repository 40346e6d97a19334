"""Which institutions have the fewest listed patients in bed?"""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from typing import Any

from flask_babel import gettext

from server.console.pages.reports import SHARE, TEXT, WHOLE, Report, Table, TableColumn
from server.queries.beds import DISPUTED, presence_of
from server.queries.people import institution
from server.queries.reading import TABLE, Reading, moment
from server.queries.reports.figures import wilson
from server.queries.rounds import public_checks

NAME = "presence"
ROUNDS_MAX = 5_000
MANY = 500
UNKNOWN = frozenset({DISPUTED, "unverifiable"})
"""Beds of which nobody can say where the patient was; they say nothing about the share."""


def report(reading: Reading, since: date, until: date) -> Report:
    """Return the share of patients found in bed by institution, the lowest first, with its 95 % interval."""
    rounds, more = _rounds(reading, since, until)
    counted: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    ids = list(rounds)
    for start in range(0, len(ids), MANY):
        for ward_round, checks in public_checks(reading, ids[start : start + MANY]).items():
            tally = counted[rounds[ward_round]]
            tally[0] += 1
            for presence in _beds(checks):
                tally[1] += 1
                tally[2] += presence not in UNKNOWN
                tally[3] += presence == "in_bed"
    places = reading.named(counted)
    rows = []
    for key, (number, checked, known, in_bed) in counted.items():
        place = institution(places.get(key))
        low, high = wilson(in_bed, known) or (None, None)
        share = in_bed / known if known else None
        rows.append((place.name, place.code, number, checked, known, in_bed, share, low, high, key))
    rows.sort(key=lambda row: (row[6] is None, row[6], -row[4], row[1]))
    return Report(
        table=Table(
            name=NAME,
            title=gettext("Which institutions have the fewest patients in bed?"),
            columns=_columns(),
            rows=tuple(row[:-1] for row in rows),
            more=more,
        ),
        chart="intervals",
        note=gettext(
            "Beds checked in ward rounds of these days. The bar is the share found in bed, the line its 95 % interval: "
            "few beds, long line. Beds that could not be verified or are disputed are not counted."
        ),
        links=tuple({"kind": "institution", "id": row[-1]} for row in rows),
    )


def _columns() -> tuple[TableColumn, ...]:
    return (
        TableColumn(name="institution", label=gettext("Institution"), kind=TEXT),
        TableColumn(name="code", label=gettext("Code"), kind=TEXT),
        TableColumn(name="rounds", label=gettext("Rounds"), kind=WHOLE),
        TableColumn(name="checked", label=gettext("Beds checked"), kind=WHOLE),
        TableColumn(name="known", label=gettext("Of these known"), kind=WHOLE),
        TableColumn(name="in_bed", label=gettext("In bed"), kind=WHOLE),
        TableColumn(name="share", label=gettext("Share in bed"), kind=SHARE),
        TableColumn(name="low", label=gettext("At least (95 %)"), kind=SHARE),
        TableColumn(name="high", label=gettext("At most (95 %)"), kind=SHARE),
    )


def _rounds(reading: Reading, since: date, until: date) -> tuple[dict[str, str], bool]:
    """Return {round: institution} of the rounds that began in a period, by public values alone."""
    statement = reading.visible("ward_round").order_by(TABLE.c.version.desc()).limit(ROUNDS_MAX + 1)
    rows = reading.connection.execute(statement).all()
    homes: dict[str, str] = {}
    begun: dict[str, str] = {}
    for row in rows[:ROUNDS_MAX]:
        values = json.loads(row.state)["values"]
        if (at := _at(values)) is None:
            continue
        if since <= moment(at).astimezone(reading.services.config.zone).date() <= until:
            begun[row.id] = row.root
            if "institution" in values:
                homes[row.root] = str(values["institution"])
    lacking = sorted(set(begun.values()) - set(homes))
    for start in range(0, len(lacking), MANY):
        homes |= _institutions(reading, lacking[start : start + MANY])
    return {key: homes[root] for key, root in begun.items() if root in homes}, len(rows) > ROUNDS_MAX


def _at(values: dict[str, Any]) -> int | None:
    at = values.get("started_at") or values.get("called_at")
    return int(at) if at is not None else None


def _institutions(reading: Reading, inspections: list[str]) -> dict[str, str]:
    statement = reading.visible("inspection").where(TABLE.c.id.in_(inspections))
    rows = reading.connection.execute(statement)
    return {row.id: str(json.loads(row.state)["values"]["institution"]) for row in rows}


def _beds(checks: Any) -> list[str]:
    """Return what the checks of each bed say together."""
    said: dict[str, list[str]] = {}
    for check in checks:
        said.setdefault(check.get("encounter") or check["bed_listed"], []).append(check["presence"])
    return [str(presence_of(each)) for each in said.values()]
