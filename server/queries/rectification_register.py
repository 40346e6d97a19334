"""The rectification register (整改台账): every case with all that belongs to it, narrowed, sorted, to take along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext
from sqlalchemy import Select

from server.catalogues import naming
from server.console.pages import Chip, Paging
from server.console.pages.deadlines import ColumnChoice, RectificationRegisterPage
from server.console.pages.reports import Table, TableColumn
from server.queries import narrowing, people
from server.queries.case_board import clocked, pressing
from server.queries.cases import CLOSED, DEADLINES
from server.queries.days import asked_day
from server.queries.narrowing import Narrowed, Order, narrowed
from server.queries.reading import PAGE_SIZE, TABLE, Reading, moment
from server.queries.register_columns import BY_NAME, COLUMNS, Column, Facts
from server.storage import ledger_store
from server.storage.ledger_store import PAGE
from sync import entries
from sync.errors import BadValue
from sync.merge import Record

NAME = "rectification_register"
BATCH = 200
"""Cases that are read together with all that belongs to them."""
RELATED_MAX = 20_000
OPEN, OVERDUE, OVER = "open", "overdue", "closed_cases"
STATES = (OPEN, OVERDUE, OVER)
BEGINNING = ("rectification", "correction_order")
BELONGING = ("notice", "rectification_report", "extension", "interview", "recovery", "sanction")


@dataclass(frozen=True)
class Wanted:
    """What an address asks for. columns: as chosen, () for the usual ones; since, until: of the due date"""

    narrowed: Narrowed
    state: str
    since: date | None
    until: date | None
    columns: tuple[Column, ...]

    @property
    def query(self) -> dict[str, Any]:
        """What stands in the address besides state, page, region and order."""
        given: dict[str, Any] = {
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "column": [column.name for column in self.columns],
        }
        return {name: value for name, value in given.items() if value}


def orders() -> tuple[Order, ...]:
    """Return the orders of the register, the usual one first."""
    return (
        Order("urgency", pressing()),
        Order("-version", (TABLE.c.version.desc(), TABLE.c.id)),
        Order("-served_on", (DEADLINES.c.served_on.desc(), TABLE.c.id)),
    )


def asked(given: Mapping[str, str], columns: Sequence[str]) -> Wanted:
    """Return what an address asks for; raises BadValue or BadCode."""
    state = given.get("state", "")
    if state and state not in STATES:
        raise BadValue(f"the states are {', '.join(STATES)}", field="state")
    if unknown := set(columns) - BY_NAME.keys():
        raise BadValue(f"there is no column {min(unknown)[:40]}", field="column")
    return Wanted(
        narrowed=narrowed(given, orders()),
        state=state,
        since=asked_day(given.get("since"), "since"),
        until=asked_day(given.get("until"), "until"),
        columns=tuple(column for column in COLUMNS if column.name in set(columns)),
    )


def _chosen(reading: Reading, wanted: Wanted) -> dict[str, Select[Any]]:
    """Return a select for each state."""
    every = wanted.narrowed.within(clocked(reading))
    if wanted.since:
        every = every.where(DEADLINES.c.due_on >= wanted.since.isoformat())
    if wanted.until:
        every = every.where(DEADLINES.c.due_on <= wanted.until.isoformat())
    standing = every.where(TABLE.c.stage.not_in(sorted(CLOSED)))
    return {
        "": every,
        OPEN: standing,
        OVERDUE: standing.where(DEADLINES.c.due_on < reading.today.isoformat()),
        OVER: every.where(TABLE.c.stage.in_(sorted(CLOSED))),
    }


def register_page(reading: Reading, wanted: Wanted, page: int = 1) -> RectificationRegisterPage:
    """Return one page of the register."""
    chosen = _chosen(reading, wanted)
    counts = {name: reading.count(statement) for name, statement in chosen.items()}
    ordered = chosen[wanted.state].order_by(*wanted.narrowed.order.columns)
    cases = reading.records(ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    shown = wanted.columns or tuple(column for column in COLUMNS if column.usual)
    ways = orders()
    return RectificationRegisterPage(
        table=_table(reading, shown, rows(reading, cases, shown, reading.today), more=False),
        ids=tuple(case.id for case in cases),
        chips=tuple(
            Chip(value=name, count=counts[name], active=name == wanted.state) for name in ("", *STATES)
        ),
        paging=Paging(total=counts[wanted.state], page=page, size=PAGE_SIZE),
        narrowing=narrowing.shown(reading, wanted.narrowed, ways, wanted.state),
        columns=tuple(
            ColumnChoice(name=column.name, label=column.label(reading.locale), chosen=column in shown)
            for column in COLUMNS
        ),
        since=wanted.since,
        until=wanted.until,
        query=wanted.query,
    )


def register_table(reading: Reading, wanted: Wanted, *, rows_max: int, on: date | None = None) -> Table:
    """Return the register as a table, with the columns chosen or all of them, at most rows_max cases.

    on: the day by which what is overdue is counted, today unless told
    """
    shown = wanted.columns or COLUMNS
    ordered = _chosen(reading, wanted)[wanted.state].order_by(*wanted.narrowed.order.columns)
    found: list[tuple[Any, ...]] = []
    # One more than fits tells that there are more.
    for start in range(0, rows_max + 1, BATCH):
        cases = reading.records(ordered.limit(min(BATCH, rows_max + 1 - start)).offset(start))
        found += rows(reading, cases, shown, on or reading.today)
        if len(cases) < BATCH:
            break
    return _table(reading, shown, found[:rows_max], more=len(found) > rows_max)


def _table(
    reading: Reading, shown: Sequence[Column], found: Sequence[tuple[Any, ...]], *, more: bool
) -> Table:
    return Table(
        name=NAME,
        title=gettext("Rectification register"),
        columns=tuple(
            TableColumn(name=column.name, label=column.label(reading.locale), kind=column.kind)
            for column in shown
        ),
        rows=tuple(found),
        more=more,
    )


def rows(
    reading: Reading, cases: Sequence[Record], shown: Sequence[Column], on: date
) -> list[tuple[Any, ...]]:
    """Return what some columns say of some cases, in as many queries for many as for one."""
    return [tuple(column.read(facts) for column in shown) for facts in gathered(reading, cases, on)]


def gathered(reading: Reading, cases: Sequence[Record], on: date) -> list[Facts]:
    """Return cases with everything that belongs to them."""
    ids = {case.id for case in cases}
    institutions = reading.named(case.values["institution"] for case in cases)
    visits = reading.named(case.values["inspection"] for case in cases)
    findings = reading.named(name for case in cases for name in case.values.get("findings") or ())
    named = naming.named(reading.connection, reading.services.ledger.id, findings.values(), visits)
    parents = sorted(ids | {str(case.values["institution"]) for case in cases})
    belonging = {kind: _belonging(reading, kind, parents, ids) for kind in BELONGING}
    who = people.officers(
        reading, {case.values.get(name) for case in cases for name in ("owner", "rechecked_by")}
    )
    closed = _closed_on(reading, cases)
    return [
        Facts(
            case=case,
            institution=institutions.get(case.values["institution"]),
            inspection=visits.get(case.values["inspection"]),
            findings=[findings[name] for name in case.values.get("findings") or () if name in findings],
            named=named,
            notice=_serving(belonging["notice"].get(case.id, [])),
            reports=belonging["rectification_report"].get(case.id, []),
            extension=_last(belonging["extension"].get(case.id, [])),
            interviews=belonging["interview"].get(case.id, []),
            sanctions=belonging["sanction"].get(case.id, []),
            recoveries=belonging["recovery"].get(case.id, []),
            people={key: one.name for key, one in who.items()},
            held_on={
                one.id: _local(reading, one.values["scheduled_at"])
                for one in belonging["interview"].get(case.id, [])
            },
            acknowledged_on=_acknowledged(reading, _serving(belonging["notice"].get(case.id, []))),
            closed_on=closed.get(case.id),
            on=on,
            calendar=reading.calendar_of(case.region),
            locale=reading.locale,
        )
        for case in cases
    ]


def _belonging(reading: Reading, kind: str, parents: Sequence[str], ids: set[str]) -> dict[str, list[Record]]:
    """Return records of one type by the case that they name, oldest first; they lie in a case or its institution."""
    found: dict[str, list[Record]] = {}
    some = reading.visible(kind).where(TABLE.c.parent.in_(parents)).order_by(TABLE.c.id)
    for record in reading.records(some.limit(RELATED_MAX)):
        case = str(record.values.get("case"))
        if case in ids:
            found.setdefault(case, []).append(record)
    return found


def _last(records: Sequence[Record]) -> Record | None:
    return records[-1] if records else None


def _serving(notices: Sequence[Record]) -> Record | None:
    """Return the newest notice by which a term begins: a draft only where there is no other."""
    terms = [one for one in notices if one.values["type"] in BEGINNING]
    return _last([one for one in terms if one.stage != "draft"] or terms)


def _local(reading: Reading, unix_ms: int) -> date:
    return moment(unix_ms).astimezone(reading.services.config.zone).date()


def _acknowledged(reading: Reading, notice: Record | None) -> date | None:
    at = notice.values.get("acknowledged_at") if notice is not None else None
    return _local(reading, at) if at else None


def _closed_on(reading: Reading, cases: Sequence[Record]) -> dict[str, date]:
    """Return the day on which each closed case was last closed."""
    moved = {
        case.id: write.act.index
        for case in cases
        if case.stage in CLOSED
        for write in case.writes.get("stage", ())
        if write.value == "closed"
    }
    days = _days(reading, sorted(set(moved.values())))
    return {case: days[index] for case, index in moved.items()}


def _days(reading: Reading, indexes: Sequence[int]) -> dict[int, date]:
    found: dict[int, date] = {}
    for start in range(0, len(indexes), PAGE):
        some = indexes[start : start + PAGE]
        lines = ledger_store.lines_at(reading.connection, reading.services.ledger.id, some)
        found |= {index: _local(reading, entries.from_line(line).at) for index, line in lines.items()}
    return found
