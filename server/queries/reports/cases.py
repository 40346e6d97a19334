"""Where do cases wait, and how far is zeroing?"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext

from schemas.records import TYPES
from server.console.pages.reports import DAY, DAYS, TEXT, WHOLE, Report, Table, TableColumn
from server.queries.cases import CLOSED, DEADLINES, with_any_deadline
from server.queries.reading import TABLE, Reading, moment
from server.queries.reports.figures import median, standing_by_day
from server.storage import ledger_store, record_store
from sync import entries

AGEING, ZEROING = "ageing", "zeroing"
CASES_MAX = 20_000
MANY = 400
OPEN_STAGES = ("assigned", "notified", "rectifying", "report_submitted", "verifying", "returned", "reopened")


@dataclass(frozen=True)
class Standing:
    """One case as a report counts it. since: the day on which it came to its stage; due_on: None until service."""

    stage: str
    opened: date
    since: date
    due_on: date | None


def standing(reading: Reading) -> tuple[list[Standing], bool]:
    """Return every case that the reader may see, and whether some were left out, by public values alone."""
    statement = with_any_deadline(reading).add_columns(DEADLINES.c.due_on)
    rows = reading.connection.execute(statement.order_by(TABLE.c.version.desc()).limit(CASES_MAX + 1)).all()
    seen = [(record_store.glimpse(row, ("stage",)), row) for row in rows[:CASES_MAX]]
    # What was never moved stands where it was opened.
    moved = {
        record.id: (stages[-1].act if (stages := record.writes.get("stage")) else record.acts[0]).index
        for record, _ in seen
    }
    opened = {record.id: record.acts[0].index for record, _ in seen}
    days = _days(reading, {*moved.values(), *opened.values()})
    found = [
        Standing(
            stage=str(row.stage),
            opened=days[opened[record.id]],
            since=days[moved[record.id]],
            due_on=date.fromisoformat(row.due_on) if row.due_on else None,
        )
        for record, row in seen
    ]
    return found, len(rows) > CASES_MAX


def _days(reading: Reading, indexes: Iterable[int]) -> dict[int, date]:
    """Return on which day each entry was made."""
    zone, wanted = reading.services.config.zone, sorted(set(indexes))
    found = {}
    for start in range(0, len(wanted), MANY):
        lines = ledger_store.lines_at(
            reading.connection, reading.services.ledger.id, wanted[start : start + MANY]
        )
        for index, line in lines.items():
            found[index] = moment(entries.from_line(line).at).astimezone(zone).date()
    return found


def ageing(reading: Reading) -> Report:
    """Return how many open cases wait in each stage, and for how long; the period does not matter."""
    every, more = standing(reading)
    by_stage: dict[str, list[Standing]] = defaultdict(list)
    for each in every:
        by_stage[each.stage].append(each)
    rows = tuple(_stage_row(reading, stage, by_stage[stage]) for stage in OPEN_STAGES)
    return Report(
        table=Table(
            name=AGEING,
            title=gettext("Where do cases wait?"),
            columns=(
                TableColumn(name="stage", label=gettext("Stage"), kind=TEXT),
                TableColumn(name="open", label=gettext("Open cases"), kind=WHOLE),
                TableColumn(name="overdue", label=gettext("Overdue"), kind=WHOLE),
                TableColumn(name="median", label=gettext("Days in this stage, median"), kind=DAYS),
                TableColumn(name="longest", label=gettext("Longest"), kind=DAYS),
            ),
            rows=rows,
            more=more,
        ),
        chart="stages",
        note=gettext("Open cases today, by stage; calendar days since a case came to its stage."),
        links=tuple({"state": stage} for stage in OPEN_STAGES),
    )


def _stage_row(reading: Reading, stage: str, some: list[Standing]) -> tuple[object, ...]:
    declared = next(each for each in TYPES["rectification_case"].stages if each.name == stage)
    ages = [(reading.today - each.since).days for each in some]
    overdue = sum(each.due_on is not None and each.due_on < reading.today for each in some)
    name = declared.zh if reading.locale == "zh_CN" else declared.en
    return (name, len(some), overdue, median(ages), max(ages, default=None))


def zeroing(reading: Reading, since: date, until: date) -> Report:
    """Return day by day how many cases were opened, closed, and stand; reported is not closed."""
    every, more = standing(reading)
    spans = [(each.opened, each.since if each.stage in CLOSED else None) for each in every]
    return Report(
        table=Table(
            name=ZEROING,
            title=gettext("How far is zeroing?"),
            columns=(
                TableColumn(name="day", label=gettext("Day"), kind=DAY),
                TableColumn(name="opened", label=gettext("Opened so far"), kind=WHOLE),
                TableColumn(name="closed", label=gettext("Closed so far"), kind=WHOLE),
                TableColumn(name="standing", label=gettext("Still open"), kind=WHOLE),
            ),
            rows=tuple(standing_by_day(spans, since, until)),
            more=more,
        ),
        chart="lines",
        note=gettext(
            "A case counts from the day on which it was opened until it is closed. A report that was handed in closes "
            "nothing; a case that was reopened counts as open all along."
        ),
    )
