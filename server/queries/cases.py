"""Rectification cases: the list by urgency, and one case with its deadline and everything that happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, or_, select

from server.casework.all_courses import COURSES, OF_A_CASE
from server.console.pages import CalendarDay, CasePage, CaseRow, CasesPage, Chip, Paging
from server.console.pages.casework import FailedForm
from server.queries import courses, narrowing, people
from server.queries.casework import work_of
from server.queries.findings import finding_rows
from server.queries.narrowing import Order, narrowed
from server.queries.reading import PAGE_SIZE, TABLE, Reading
from server.queries.taking import bundle_offer
from server.queries.timeline import planned, timeline
from server.reminders.calendar import Calendar, add_working_days, working_days_left
from server.storage.database import table_of
from server.storage.models import DeadlineRow
from sync.merge import VOIDED, Record

DEADLINES = table_of(DeadlineRow)
DUE_THIS_WEEK, OVERDUE, OPEN = "due_this_week", "overdue", "open"
EXTENSION_ASKED = "extension_asked"
STAGES = (
    "assigned",
    "notified",
    "rectifying",
    "report_submitted",
    "verifying",
    "returned",
    "reopened",
    "closed",
    "satisfied",
)
WEEK_WORKING_DAYS = 5
CALENDAR_DAYS_MAX = 400
NO_LAST_DAY = "9999-12-31"
"""Where a case without a last day stands among the others."""
CLOSED = frozenset({"closed", "satisfied"})


def with_deadlines(reading: Reading) -> Select[Any]:
    """Return a select over the cases that a reader may see and whose notice was served, joined to their clocks."""
    return reading.visible("rectification_case").join(DEADLINES, _ITS_CLOCK)


def with_any_deadline(reading: Reading) -> Select[Any]:
    """Return a select over the cases that a reader may see, joined to their clocks, where they have one yet."""
    return reading.visible("rectification_case").outerjoin(DEADLINES, _ITS_CLOCK)


_ITS_CLOCK = and_(DEADLINES.c.ledger == TABLE.c.ledger, DEADLINES.c.case == TABLE.c.id)


def is_open() -> ColumnElement[bool]:
    """Return what holds of a case of `with_any_deadline` that is not closed; one without a clock never is."""
    return or_(DEADLINES.c.closed.is_(False), DEADLINES.c.closed.is_(None))


def due_this_week(reading: Reading) -> Select[Any]:
    """Return a select over open cases that fall due within five working days or are overdue."""
    limit = add_working_days(reading.today, WEEK_WORKING_DAYS, reading.own_calendar)
    return with_deadlines(reading).where(
        DEADLINES.c.closed.is_(False), DEADLINES.c.due_on <= limit.isoformat()
    )


def orders() -> tuple[Order, ...]:
    """Return the orders of the list, the usual one first."""
    return (
        Order("urgency", by_urgency()),
        Order("-version", (TABLE.c.version.desc(), TABLE.c.id)),
        Order("-served_on", (func.coalesce(DEADLINES.c.served_on, "").desc(), TABLE.c.id)),
    )


def cases_page(
    reading: Reading, *, state: str = "", page: int = 1, given: Mapping[str, str] | None = None
) -> CasesPage:
    """Return cases in one stage, or by `due_this_week`, `overdue`, `open`, `extension_asked`, '' for all of them.

    given: `region` and `sort` of the address; raises BadValue or BadCode
    """
    ways = orders()
    wanted = narrowed(given or {}, ways)
    every = wanted.within(with_any_deadline(reading))
    standing = every.where(is_open())
    chosen = {
        "": every,
        OPEN: standing,
        DUE_THIS_WEEK: wanted.within(due_this_week(reading)),
        OVERDUE: standing.where(DEADLINES.c.due_on < reading.today.isoformat()),
        EXTENSION_ASKED: every.where(TABLE.c.id.in_(_asking(reading))),
    }
    counts = reading.by_stage(every)
    counts |= {name: reading.count(statement) for name, statement in chosen.items()}
    shown = chosen.get(state, every.where(TABLE.c.stage == state))
    ordered = shown.order_by(*wanted.order.columns)
    records = reading.records(ordered.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    named = [
        name
        for name in ("", OPEN, DUE_THIS_WEEK, OVERDUE, EXTENSION_ASKED, *STAGES)
        if counts.get(name) or name == ""
    ]
    return CasesPage(
        chips=tuple(Chip(value=name, count=counts.get(name, 0), active=name == state) for name in named),
        rows=case_rows(reading, records),
        paging=Paging(total=counts.get(state, 0), page=page, size=PAGE_SIZE),
        narrowing=narrowing.shown(reading, wanted, ways, state),
    )


def _asking(reading: Reading) -> Select[Any]:
    """Return a select of the cases for which more time was asked; an extension is found by its case."""
    asked = TABLE.alias()
    return select(asked.c.natural_key).where(
        asked.c.ledger == reading.services.ledger.id,
        asked.c.type == "extension",
        asked.c.stage == "asked",
        asked.c.life != VOIDED,
    )


def by_urgency() -> tuple[Any, ...]:
    """Return the order in which cases press: open before closed, by their last day, those without one at the end."""
    return (
        func.coalesce(DEADLINES.c.closed, false()),
        func.coalesce(DEADLINES.c.due_on, NO_LAST_DAY),
        TABLE.c.id,
    )


def case_rows(reading: Reading, cases: Sequence[Record]) -> tuple[CaseRow, ...]:
    """Return cases as rows, however many in the same few queries."""
    institutions = reading.named(each.values["institution"] for each in cases)
    findings = reading.named(name for each in cases for name in each.values.get("findings") or ())
    return tuple(_row(reading, each, institutions, findings) for each in cases)


def _row(
    reading: Reading, case: Record, institutions: Mapping[str, Record], findings: Mapping[str, Record]
) -> CaseRow:
    values = case.values
    mine = [findings[name] for name in values.get("findings") or () if name in findings]
    due_on = day_of(case, "due_on")
    return CaseRow(
        id=case.id,
        number=values.get("number") or "",
        institution=people.institution(institutions.get(values["institution"])),
        violation_codes=tuple(sorted({each.values["violation_code"] for each in mine})),
        stage=str(case.stage),
        due_on=due_on,
        days_left=None
        if case.stage in CLOSED or due_on is None
        else days_left(due_on, reading.today, reading.calendar_of(case.region)),
        amount_fen=sum(each.values.get("amount_fen") or 0 for each in mine),
    )


def day_of(case: Record, name: str) -> date | None:
    """Return a day that stands in a case, or None: before service there is neither a first nor a last one."""
    return date.fromisoformat(on) if (on := case.values.get(name)) else None


def days_left(due_on: date, today: date, calendar: Calendar) -> int:
    """Return the working days that are left: 0 on the last day, -1 at least once it has passed."""
    left = working_days_left(due_on, today, calendar)
    return min(left, -1) if today > due_on else left


def case_page(reading: Reading, record: str, failed: FailedForm | None = None) -> CasePage:
    """Return one case with its deadline, timeline and what is next; raises NotFound. failed: a refused form"""
    case = reading.one("rectification_case", record)
    values = case.values
    names = values.get("findings") or []
    findings = reading.records(reading.visible("finding").where(TABLE.c.id.in_(names)).order_by(TABLE.c.id))
    institution = reading.named([values["institution"]]).get(values["institution"])
    owner = values.get("owner")
    row = case_rows(reading, [case])[0]
    served_on = day_of(case, "served_on")
    calendar = reading.calendar_of(case.region)
    contact = institution.values if institution else {}
    return CasePage(
        row=row,
        served_on=served_on,
        working_days=values["working_days"],
        findings=finding_rows(reading, findings),
        timeline=timeline(reading, case),
        planned=planned(reading, case) if row.days_left is not None else (),
        calendar=_days(served_on, max(row.due_on, reading.today), calendar)
        if served_on and row.due_on
        else (),
        provisional=bool(served_on and row.due_on and calendar.provisional_years(served_on, row.due_on)),
        contact=" ".join(str(contact[f]) for f in ("contact_name", "contact_phone") if contact.get(f)),
        level=values.get("level") or "",
        owner=people.officers(reading, [owner])[owner] if owner else None,
        bundle=bundle_offer(reading, "case", case),
        panels=tuple(courses.panel(reading, COURSES[noun], case) for noun in OF_A_CASE),
        work=work_of(reading, case, failed),
    )


def _days(first: date, last: date, calendar: Calendar) -> tuple[CalendarDay, ...]:
    """Return every day from service to the last one shown, working days counted."""
    found, number = [CalendarDay(on=first, working=calendar.is_working_day(first))], 0
    for n in range(1, min((last - first).days, CALENDAR_DAYS_MAX) + 1):
        day = first + timedelta(days=n)
        working = calendar.is_working_day(day)
        number += working
        found.append(CalendarDay(on=day, working=working, number=number if working else None))
    return tuple(found)
