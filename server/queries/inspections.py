"""Inspections: the list by filter, and the calendar by planned day."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select

from schemas import regions
from schemas.codes import fixmedins_code
from schemas.records.inspection import KINDS, MODES, TYPE
from server.access import scope
from server.access.duties import team_of
from server.casework.planning import PLANNED, waits_for_draw
from server.casework.plans import PLANNER
from server.console.pages import Chip, Officer, Paging
from server.console.pages.inspections import AgendaDay, AgendaPage, InspectionRow, InspectionsPage
from server.queries import people
from server.queries.days import asked_day
from server.queries.planned_on import between, planned_on
from server.queries.reading import PAGE_SIZE, TABLE, Reading
from server.storage import record_store
from sync.errors import BadCode, BadValue
from sync.merge import Record
from sync.rules import region_prefix

STAGES = tuple(stage.name for stage in TYPE.stages)
FILTERS = ("state", "kind", "mode", "region", "institution", "officer", "since", "until", "sort")
"""The words by which the list is narrowed, kept in its address."""
SOONEST, LATEST = "soonest", "latest"
LISTED_MAX = 500
A_DAY_MAX = 8
"""So many visits a day stand in the calendar; the others are counted and stand in the list of the day."""
READ = ("institution", "kind", "mode", "stage", "planned_on", "lead", "members", "draw_size", "draw_seed")


def inspections_page(
    reading: Reading, given: Mapping[str, str], page: int = 1, *, failed: str = ""
) -> InspectionsPage:
    """Return inspections by the words of an address, the latest planned day first; raises BadValue."""
    query = {name: given[name] for name in FILTERS if given.get(name)}
    every = narrowed(reading, {name: value for name, value in query.items() if name != "state"})
    counts = reading.by_stage(every)
    state = query.get("state", "")
    if state and state not in STAGES:
        raise BadValue("there is no such stage", field="state")
    shown = every.where(TABLE.c.stage == state) if state else every
    day = planned_on(reading.connection)
    order = (day, TABLE.c.id) if query.get("sort") == SOONEST else (day.desc(), TABLE.c.id.desc())
    records = reading.records(shown.order_by(*order).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    chips = [Chip(value="", count=sum(counts.values()), active=not state)]
    chips += [Chip(value=s, count=counts[s], active=s == state) for s in STAGES if counts.get(s)]
    officers = known_officers(reading)
    return InspectionsPage(
        chips=tuple(chips),
        rows=inspection_rows(reading, records),
        paging=Paging(
            total=counts.get(state, 0) if state else sum(counts.values()), page=page, size=PAGE_SIZE
        ),
        query=query,
        regions=regions_of(reading, "inspection"),
        leads=officers,
        officers=officers if may_plan(reading) else (),
        may_plan=may_plan(reading),
        failed=failed,
    )


def narrowed(reading: Reading, query: Mapping[str, str]) -> Select[Any]:
    """Return a select over the inspections that fit some filters; raises BadValue."""
    parts: list[ColumnElement[bool]] = []
    for name, known in (("kind", KINDS), ("mode", MODES)):
        if name in query:
            if query[name] not in known:
                raise BadValue(f"there is no such {name}", field=name)
            parts.append(_says(name, query[name]))
    if "region" in query:
        parts.append(TABLE.c.region.startswith(region_prefix(query["region"]), autoescape=True))
    if "institution" in query:
        parts.append(TABLE.c.parent == _institution(reading, query["institution"]))
    if "officer" in query:
        named = json.dumps(query["officer"])
        parts.append(TABLE.c.state.contains(f'"lead":{named}', autoescape=True) | _of_team(named))
    since, until = (asked_day(query.get(name), name) for name in ("since", "until"))
    if since or until:
        parts.append(between(reading.connection, since, until))
    return reading.visible("inspection").where(*parts)


def _says(name: str, value: str) -> ColumnElement[bool]:
    return TABLE.c.state.contains(f'"{name}":"{value}"', autoescape=True)


def _of_team(named: str) -> ColumnElement[bool]:
    """Return whether somebody is or was a member: what the row tells without being read whole."""
    return TABLE.c.state.contains(named, autoescape=True)


def _institution(reading: Reading, code: str) -> str:
    try:
        wanted = fixmedins_code(code.strip())
    except BadCode as refusal:
        raise BadValue("an institution is named by its code", field="institution") from refusal
    found = record_store.by_natural_key(reading.connection, reading.vault, "institution", [wanted])
    return found[wanted].id if wanted in found else ""


def may_plan(reading: Reading) -> bool:
    """Return whether the reader plans inspections."""
    return PLANNER in scope.roles(reading.connection, reading.services.ledger.id, reading.user)


def regions_of(reading: Reading, kind: str) -> tuple[tuple[str, str], ...]:
    """Return (code, name) of the regions in which visible records of a type lie."""
    every = reading.visible(kind).with_only_columns(TABLE.c.region).distinct()
    codes = sorted(reading.connection.execute(every).scalars())[:LISTED_MAX]
    return tuple((code, regions.name(code, reading.locale)) for code in codes)


def known_officers(reading: Reading) -> tuple[tuple[str, str], ...]:
    """Return (id, name) of the inspectors of the reader's region and below."""
    inspectors = TABLE.c.state.contains('inspector"', autoescape=True)
    found = reading.records(reading.visible("user").where(inspectors).order_by(TABLE.c.id).limit(LISTED_MAX))
    return tuple((one.id, people.officer(one, reading.locale).name) for one in found)


def inspection_rows(reading: Reading, inspections: Sequence[Record]) -> tuple[InspectionRow, ...]:
    """Return inspections as rows, however many in the same few queries."""
    institutions = reading.named(one.values["institution"] for one in inspections)
    names = people.officers(reading, {user for one in inspections for user in team_of(one)})
    return tuple(_row(one, institutions, names, reading.locale) for one in inspections)


def _row(
    one: Record, institutions: Mapping[str, Record], names: Mapping[str, Officer], locale: str
) -> InspectionRow:
    values = one.values
    return InspectionRow(
        id=one.id,
        version=one.version,
        institution=people.institution(institutions.get(values["institution"])),
        region=regions.name(one.region, locale),
        kind=values["kind"],
        mode=values["mode"],
        stage=str(one.stage),
        planned_on=date.fromisoformat(values["planned_on"]),
        lead=names.get(str(values.get("lead")), people.NOBODY),
        officers=people.team(one, names),
        draw_waits=waits_for_draw(one),
    )


# -- the calendar ------------------------------------------------------------------------------------


def agenda_page(reading: Reading, on: date, view: str = "month") -> AgendaPage:
    """Return the inspections of the month or the week in which a day lies, by their planned day."""
    week = view == "week"
    first = on - timedelta(days=on.weekday()) if week else on.replace(day=1)
    start = first - timedelta(days=first.weekday())
    after = start + timedelta(days=7) if week else (first + timedelta(days=31)).replace(day=1)
    last = after + timedelta(days=-after.weekday() % 7) - timedelta(days=1)
    statement = reading.visible("inspection").where(between(reading.connection, start, last))
    rows = reading.connection.execute(statement.order_by(TABLE.c.id).limit(5 * LISTED_MAX))
    by_day: dict[str, list[Record]] = {}
    for row in rows:
        one = record_store.glimpse(row, READ)
        by_day.setdefault(str(one.values["planned_on"]), []).append(one)
    shown = {day: some if week else some[:A_DAY_MAX] for day, some in by_day.items()}
    flat = inspection_rows(reading, [one for some in shown.values() for one in some])
    listed = {row.id: row for row in flat}
    days = []
    for n in range((last - start).days + 1):
        day = start + timedelta(days=n)
        some = shown.get(day.isoformat(), [])
        days.append(
            AgendaDay(
                on=day,
                working=reading.services.calendar.is_working_day(day),
                inside=week or day.month == first.month,
                rows=tuple(listed[one.id] for one in some),
                left_out=len(by_day.get(day.isoformat(), ())) - len(some),
            )
        )
    return AgendaPage(
        view="week" if week else "month",
        first=first,
        weeks=tuple(tuple(days[n : n + 7]) for n in range(0, len(days), 7)),
        before=start - timedelta(days=7) if week else (first - timedelta(days=1)).replace(day=1),
        after=after,
        total=sum(len(some) for some in by_day.values()),
        may_plan=may_plan(reading),
    )


__all__ = ["PLANNED", "agenda_page", "inspection_rows", "inspections_page", "known_officers", "may_plan"]
