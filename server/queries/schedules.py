"""Schedules of remote rounds, and who can be put on one."""

from __future__ import annotations

from collections.abc import Mapping

from server.access import scope
from server.console.pages import CallForm, Officer
from server.console.pages.schedules import ScheduleForm, ScheduleRow, SchedulesPage
from server.queries import people
from server.queries.calls import call_page
from server.queries.reading import TABLE, Reading
from server.rounds.calling import CALLER
from server.rounds.timetable import DAYS
from sync.merge import Record

SCHEDULES_MAX = 200


def schedules_page(reading: Reading, form: ScheduleForm) -> SchedulesPage:
    """Return the schedules of the reader's region, the newest first; the form for whoever calls rounds."""
    every = reading.visible("round_schedule").order_by(TABLE.c.id.desc()).limit(SCHEDULES_MAX)
    records = reading.records(every)
    places = reading.named(place for one in records for place in one.values.get("institutions", ()))
    names = people.officers(reading, {str(one.values["lead"]) for one in records})
    may = CALLER in scope.roles(reading.connection, reading.services.ledger.id, reading.user)
    chosen = CallForm(institutions=form.institutions)
    return SchedulesPage(
        rows=tuple(_row(one, places, names) for one in records),
        form=form,
        places=call_page(reading, chosen).places if may else (),
        may_make=may,
    )


def _row(one: Record, places: Mapping[str, Record], names: Mapping[str, Officer]) -> ScheduleRow:
    values = one.values
    until = values.get("until_minute")
    return ScheduleRow(
        id=one.id,
        kind=values["kind"],
        stage=str(one.stage),
        institutions=tuple(people.institution(places.get(place)) for place in sorted(values["institutions"])),
        weekdays=tuple(day for day in DAYS if day in values["weekdays"]),
        start=_clock(int(values["from_minute"])),
        end=_clock(int(until)) if until is not None else "",
        times_a_week=values.get("times_a_week"),
        method=values["draw_method"],
        size=values.get("draw_size"),
        led_by=names[str(values["lead"])].name,
    )


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
