"""What can be called: institutions with a census, and who of each could answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from sqlalchemy import Select, select

from schemas import regions
from server.access import scope
from server.console.pages import CallForm, CallPage, CallPlace
from server.console.pages.rounds import Foreseen
from server.queries import people
from server.queries.reading import TABLE, Reading, moment
from server.rounds import censuses, staff
from server.rounds.calling import CALLER, INSTITUTIONS_MAX
from sync.errors import NotAllowed
from sync.merge import Record


def call_page(reading: Reading, form: CallForm, foreseen: Mapping[str, Foreseen] | None = None) -> CallPage:
    """Return the form with the institutions of the reader's scope that have a census, INSTITUTIONS_MAX at most.

    foreseen: what a call would draw, by institution; raises NotAllowed for whoever calls no rounds at the desk.
    """
    ledger = reading.services.ledger.id
    if CALLER not in scope.roles(reading.connection, ledger, reading.user):
        raise NotAllowed(f"a {CALLER} calls rounds")
    listed = select(TABLE.c.parent).where(TABLE.c.ledger == ledger, TABLE.c.type == "census")
    every = reading.visible("institution").where(TABLE.c.id.in_(listed))
    statement = every.where(TABLE.c.region == form.region) if form.region else every
    places = reading.records(statement.order_by(TABLE.c.region, TABLE.c.natural_key).limit(INSTITUTIONS_MAX))
    able = staff.of(reading.connection, reading.vault, [place.id for place in places])
    names = people.officers(reading, {user for some in able.values() for user in some})
    found = []
    for place in places:
        # One query each: a bureau calls dozens of hospitals, and the newest census is not the last changed.
        census = censuses.newest(reading.connection, reading.vault, place.id)
        if census is not None:
            users = tuple((user, names[user].name) for user in able.get(place.id, ()))
            shown = _place(place, census, users, form, reading.locale)
            found.append(replace(shown, foreseen=(foreseen or {}).get(place.id)))
    return CallPage(
        places=tuple(found),
        form=form,
        regions=_regions(reading, every),
        left_out=max(0, reading.count(statement) - INSTITUTIONS_MAX),
    )


def _regions(reading: Reading, places: Select[Any]) -> tuple[tuple[str, str], ...]:
    """Return (code, name) of the regions in which institutions lie."""
    codes = reading.connection.execute(places.with_only_columns(TABLE.c.region).distinct()).scalars()
    return tuple((code, regions.name(code, reading.locale)) for code in sorted(codes))


def _place(
    place: Record, census: Record, users: tuple[tuple[str, str], ...], form: CallForm, locale: str
) -> CallPlace:
    return CallPlace(
        id=place.id,
        institution=people.institution(place),
        region=regions.name(place.region, locale),
        census_at=moment(int(census.values["taken_at"])),
        census_count=int(census.values["count"]),
        operators=users,
        operator=form.operators.get(place.id, ""),
        chosen=place.id in form.institutions,
    )
