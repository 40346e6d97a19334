"""The board of cases by stage: as many queries for a thousand cases as for one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, case, func, select

from server.console.pages import Officer
from server.console.pages.deadlines import BoardCard, BoardColumn, CaseBoardPage
from server.queries import people
from server.queries.cases import CLOSED, DEADLINES, days_left
from server.queries.days import day_of
from server.queries.narrowing import in_region, region_choices, region_of
from server.queries.reading import TABLE, Reading
from server.storage import record_store
from sync.merge import Record

COLUMNS = (
    "assigned",
    "notified",
    "rectifying",
    "report_submitted",
    "verifying",
    "returned",
    "closed",
    "satisfied",
    "reopened",
)
CARDS_MAX = 20
"""So many cards stand in one column; the filtered list has the rest."""
ADDED_UP_MAX = 5_000
"""Amounts stand within the findings: beyond so many open or closed cases the board shows counts alone."""
FINDINGS_MAX = 4 * ADDED_UP_MAX
NEVER = "9999-12-31"


@dataclass(frozen=True)
class Known:
    """What cards name: records by id, people by user."""

    institutions: Mapping[str, Record]
    findings: Mapping[str, Record]
    people: Mapping[str, Officer]


def clocked(reading: Reading) -> Select[Any]:
    """Return a select over the cases that a reader may see, beside their clocks where they have one already."""
    joined = and_(DEADLINES.c.ledger == TABLE.c.ledger, DEADLINES.c.case == TABLE.c.id)
    return reading.visible("rectification_case").outerjoin(DEADLINES, joined)


def board_page(reading: Reading, given: Mapping[str, str]) -> CaseBoardPage:
    """Return the board, narrowed to the `region` of an address; raises BadCode."""
    region = region_of(given)
    every = in_region(clocked(reading), region)
    counts = _counts(reading, every)
    shown = _shown(reading, every)
    sums = amounts(reading, every)
    known = _known(reading, shown)
    return CaseBoardPage(
        columns=tuple(
            BoardColumn(
                stage=stage,
                count=counts.get(stage, (0, 0))[0],
                overdue=0 if stage in CLOSED else counts.get(stage, (0, 0))[1],
                amount_fen=sums[stage],
                cards=tuple(_card(reading, each, known) for each in shown if each.stage == stage),
                more=max(0, counts.get(stage, (0, 0))[0] - CARDS_MAX),
            )
            for stage in COLUMNS
        ),
        regions=region_choices(reading, region),
        query={"region": region} if region else {},
    )


def _counts(reading: Reading, every: Select[Any]) -> dict[str, tuple[int, int]]:
    """Return how many cases stand in each stage, and how many of them are past their day."""
    late = func.sum(case((DEADLINES.c.due_on < reading.today.isoformat(), 1), else_=0))
    grouped = every.with_only_columns(TABLE.c.stage, func.count(), late, maintain_column_froms=True)
    rows = reading.connection.execute(grouped.group_by(TABLE.c.stage))
    return {str(stage): (n, int(overdue)) for stage, n, overdue in rows}


def pressing() -> tuple[Any, ...]:
    """Return the order in which cases press: by their last day, those without one last; what is closed, the newest."""
    closed = TABLE.c.stage.in_(sorted(CLOSED))
    return (
        case((closed, 1), else_=0),
        case((closed, -TABLE.c.version), else_=0),
        func.coalesce(DEADLINES.c.due_on, NEVER),
        TABLE.c.id,
    )


def _shown(reading: Reading, every: Select[Any]) -> list[Record]:
    """Return the first cards of every column, numbered by the database."""
    place = func.row_number().over(partition_by=TABLE.c.stage, order_by=pressing()).label("place")
    ranked = every.with_only_columns(TABLE.c.id, place, maintain_column_froms=True).subquery()
    first = select(ranked.c.id).where(ranked.c.place <= CARDS_MAX)
    return reading.records(every.where(TABLE.c.id.in_(first)).order_by(*pressing()))


def amounts(reading: Reading, every: Select[Any]) -> dict[str, int | None]:
    """Return the sum of the findings' amounts by stage of their case, in fen; None where there are too many to add up.

    What is open and what is closed are added up apart: what was closed grows for ever.
    """
    found: dict[str, int | None] = {}
    for closed in (False, True):
        stages = [stage for stage in COLUMNS if (stage in CLOSED) is closed]
        sums = _sums(reading, every.where(TABLE.c.stage.in_(stages)))
        found |= {stage: None if sums is None else sums.get(stage, 0) for stage in stages}
    return found


def _sums(reading: Reading, cases: Select[Any]) -> dict[str, int] | None:
    columns = cases.with_only_columns(*TABLE.c, maintain_column_froms=True)
    rows = reading.connection.execute(columns.limit(ADDED_UP_MAX + 1)).all()
    if len(rows) > ADDED_UP_MAX:
        return None
    visits = cases.with_only_columns(TABLE.c.root, maintain_column_froms=True).subquery()
    findings = reading.visible("finding").where(
        TABLE.c.stage == "in_case", TABLE.c.root.in_(select(visits.c.root))
    )
    told = reading.connection.execute(findings.limit(FINDINGS_MAX + 1)).all()
    if len(told) > FINDINGS_MAX:
        return None
    fen = {row.id: record_store.glimpse(row, ("amount_fen",)).values.get("amount_fen") or 0 for row in told}
    found: dict[str, int] = {}
    for row in rows:
        named = record_store.glimpse(row, ("findings",)).values.get("findings") or ()
        found[row.stage] = found.get(row.stage, 0) + sum(fen.get(name, 0) for name in named)
    return found


def _known(reading: Reading, cases: Sequence[Record]) -> Known:
    return Known(
        institutions=reading.named(each.values["institution"] for each in cases),
        findings=reading.named(name for each in cases for name in each.values.get("findings") or ()),
        people=people.officers(reading, [each.values.get("owner") for each in cases]),
    )


def _card(reading: Reading, one: Record, known: Known) -> BoardCard:
    values = one.values
    mine = [known.findings[name] for name in values.get("findings") or () if name in known.findings]
    due_on = day_of(values, "due_on")
    over = one.stage in CLOSED or due_on is None
    owner = known.people.get(str(values.get("owner")))
    return BoardCard(
        id=one.id,
        institution=people.institution(known.institutions.get(values["institution"])),
        number=str(values.get("number") or ""),
        violation_codes=tuple(sorted({each.values["violation_code"] for each in mine})),
        amount_fen=sum(each.values.get("amount_fen") or 0 for each in mine),
        owner=owner.name if owner else "",
        stage=str(one.stage),
        due_on=due_on,
        days_left=None
        if over or due_on is None
        else days_left(due_on, reading.today, reading.calendar_of(one.region)),
        returns=int(values.get("returns") or 0),
    )
