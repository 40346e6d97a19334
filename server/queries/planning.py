"""What a plan is made from: institutions, officers who could go, checklists; and who has had no inspection."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, func, or_, select

from schemas import regions
from server.casework import officers, plans
from server.casework.planning import PLANNED, PLANS_MAX
from server.casework.plans import PLANNER
from server.console.pages import Institution
from server.console.pages.inspections import Available, CoveragePage, CoverageRow, PlanForm, PlanPage
from server.queries import people
from server.queries.inspection import absent
from server.queries.inspections import may_plan, regions_of
from server.queries.planned_on import between, planned_on
from server.queries.reading import TABLE, Reading
from server.storage import record_store
from sync.errors import BadValue, NotAllowed
from sync.merge import Record
from sync.rules import region_prefix

FOUND_MAX = 20
LOOKED_AT_MAX = 5_000
ROWS_MAX = 100
PHARMACIES, MEDICAL = "pharmacies", "medical"
GROUPS = {PHARMACIES: ("pharmacy",), MEDICAL: ("hospital", "clinic", "village_clinic")}
MONTHS = {PHARMACIES: 3, MEDICAL: 6}
"""Drugstores every quarter, medical institutions every half-year, all of them by the end of the year (Ankang 2021)."""


def plan_page(reading: Reading, form: PlanForm, asked: str = "") -> PlanPage:
    """Return the form with who could go on its day; raises NotAllowed for whoever plans nothing.

    asked: a word by which institutions are looked for, of their name or code
    """
    if not may_plan(reading):
        raise NotAllowed(f"a {PLANNER} plans inspections")
    chosen = reading.records(
        reading.visible("institution").where(TABLE.c.id.in_(form.institutions)).order_by(TABLE.c.natural_key)
    )
    on = date.fromisoformat(form.planned_on) if form.planned_on else reading.today + timedelta(days=1)
    return PlanPage(
        form=form,
        places=tuple((one.id, people.institution(one)) for one in chosen),
        officers=available(reading, [one.id for one in chosen], on, form),
        checklists=_checklists(reading),
        found=_found(reading, asked) if asked else (),
        asked=asked,
    )


def available(
    reading: Reading, institutions: Sequence[str], on: date, form: PlanForm | None = None
) -> tuple[Available, ...]:
    """Return the inspectors of the reader's region with what keeps each from going on a day; who may go first."""
    given = form or PlanForm()
    recused = plans.recusals(reading.connection, reading.vault, *institutions)
    inspectors = TABLE.c.state.contains('inspector"', autoescape=True)
    users = reading.records(reading.visible("user").where(inspectors).order_by(TABLE.c.id))
    away, busy = absent(reading, on), _busy(reading, on)
    found = []
    for one in users:
        fault = officers.fault_of(one, on, recused)
        if fault == officers.NOT_INSPECTOR:
            continue
        found.append(
            Available(
                id=one.id,
                officer=people.officer(one, reading.locale),
                may_lead=officers.may_lead(one),
                fault=fault or "",
                busy=busy[one.id],
                away=one.id in away,
                chosen=one.id in given.members,
                leads=one.id == given.lead,
            )
        )
    return tuple(sorted(found, key=lambda one: (bool(one.fault), not one.may_lead, one.busy, one.id)))


def _busy(reading: Reading, on: date) -> Counter[str]:
    """Return how many visits each officer has on a day."""
    there = reading.visible("inspection").where(
        between(reading.connection, on, on), TABLE.c.stage.in_(PLANNED)
    )
    found: Counter[str] = Counter()
    for row in reading.connection.execute(there):
        values = record_store.glimpse(row, ("lead", "members")).values
        found.update({str(values.get("lead")), *values.get("members", ())})
    return found


def _checklists(reading: Reading) -> tuple[tuple[str, str], ...]:
    """Return the names of checklists that the ledger holds."""
    rows = reading.connection.execute(
        record_store.selected(reading.services.ledger.id, "catalogue").where(
            TABLE.c.state.contains('"kind":"checklist"', autoescape=True)
        )
    )
    names = {str(record_store.glimpse(row, ("code",)).values.get("code", "")) for row in rows}
    return tuple((name, name) for name in sorted(names - {""}))


def _found(reading: Reading, asked: str) -> tuple[tuple[str, Institution], ...]:
    """Return visible institutions by the beginning of their code, or whose name holds a word.

    Names lie in private lines, so they are read and compared here: of the first LOOKED_AT_MAX by code.
    """
    word = asked.strip()
    every = reading.visible("institution").order_by(TABLE.c.natural_key)
    by_code = TABLE.c.natural_key.startswith(word.upper(), autoescape=True)
    found = reading.records(every.where(by_code).limit(FOUND_MAX))
    if not found:
        some = reading.records(every.limit(LOOKED_AT_MAX))
        found = [one for one in some if word in str(one.values.get("name", ""))][:FOUND_MAX]
    return tuple((one.id, people.institution(one)) for one in found)


# -- coverage ----------------------------------------------------------------------------------------


def period_of(on: date, months: int) -> tuple[date, date]:
    """Return the first and last day of the quarter (3) or half-year (6) in which a day lies."""
    first = date(on.year, (on.month - 1) // months * months + 1, 1)
    after = date(first.year + (first.month + months > 12), (first.month + months - 1) % 12 + 1, 1)
    return first, after - timedelta(days=1)


def coverage_page(reading: Reading, given: Mapping[str, str]) -> CoveragePage:
    """Return which institutions have had no inspection in the period of their kind; raises BadValue.

    One that is planned is not covered: it is when somebody has been there.
    """
    group = given.get("group") or MEDICAL
    if group not in GROUPS:
        raise BadValue("there is no such group of institutions", field="group")
    since, until = period_of(reading.today, MONTHS[group])
    kinds = or_(*(TABLE.c.state.contains(f'"kind":"{kind}"', autoescape=True) for kind in GROUPS[group]))
    every = reading.visible("institution").where(kinds)
    if region := given.get("region", ""):
        every = every.where(TABLE.c.region.startswith(region_prefix(region), autoescape=True))
    within = between(reading.connection, since, until)
    been = _places(reading, within & TABLE.c.stage.not_in(PLANNED))
    to_come = _places(reading, within & TABLE.c.stage.in_(PLANNED))
    missing = every.where(TABLE.c.id.not_in(been))
    waiting = missing.where(TABLE.c.id.in_(to_come))
    unplanned = missing.where(TABLE.c.id.not_in(to_come)) if given.get("unplanned") else missing
    shown = reading.records(unplanned.order_by(TABLE.c.region, TABLE.c.natural_key).limit(ROWS_MAX))
    total, left = reading.count(every), reading.count(missing)
    return CoveragePage(
        group=group,
        since=since,
        until=until,
        covered=total - left,
        planned=reading.count(waiting),
        total=total,
        rows=_rows(reading, shown, since),
        left_out=max(0, reading.count(unplanned) - ROWS_MAX),
        query={name: given[name] for name in ("group", "region", "unplanned") if given.get(name)},
        regions=regions_of(reading, "institution"),
        may_plan=may_plan(reading),
    )


def _places(reading: Reading, where: ColumnElement[bool]) -> Select[Any]:
    """Return a select of the institutions that have such an inspection, also one that the reader may not see."""
    ledger = reading.services.ledger.id
    return select(TABLE.c.parent).where(
        TABLE.c.ledger == ledger, TABLE.c.type == "inspection", TABLE.c.parent.is_not(None), where
    )


def _rows(reading: Reading, places: Sequence[Record], since: date) -> tuple[CoverageRow, ...]:
    ids = [one.id for one in places]
    last = _days(reading, ids, TABLE.c.stage.not_in(PLANNED), func.max)
    coming = _days(
        reading, ids, TABLE.c.stage.in_(PLANNED) & between(reading.connection, since, None), func.min
    )
    return tuple(
        CoverageRow(
            id=one.id,
            institution=people.institution(one),
            region=regions.name(one.region, reading.locale),
            kind=str(one.values.get("kind", "")),
            last_on=last.get(one.id),
            planned_on=coming.get(one.id),
        )
        for one in places
    )


def _days(reading: Reading, ids: Iterable[str], where: ColumnElement[bool], pick: Any) -> dict[str, date]:
    """Return {institution: the first or last planned day} of the reader's inspections there."""
    day = planned_on(reading.connection)
    statement = reading.visible("inspection").where(TABLE.c.parent.in_(list(ids)), where)
    grouped = statement.with_only_columns(TABLE.c.parent, pick(day)).group_by(TABLE.c.parent)
    return {str(place): date.fromisoformat(on) for place, on in reading.connection.execute(grouped)}


__all__ = ["PLANS_MAX", "available", "coverage_page", "period_of", "plan_page"]
