"""What a call would draw, before anybody orders it: how many of how many, from which entry; never who."""

from __future__ import annotations

from collections.abc import Mapping

from server.access import scope
from server.console.pages.rounds import Foreseen
from server.queries.reading import TABLE, Reading
from server.rounds import censuses, local_rules, staff
from server.rounds.calling import CALLER, Call
from server.rounds.drawing import EVERYBODY
from server.rounds.orders import DAY_MS
from server.rounds.roll import in_wards
from sync.draw import SIZE_MAX
from sync.errors import BadValue, NotAllowed, NotFound
from sync.merge import Record


def foresee(reading: Reading, wanted: Call) -> Mapping[str, Foreseen]:
    """Return what a call would draw at each institution that it names, by record id; raises NotFound, NotAllowed.

    The seed needs the salted change line of the census's entry and a number that only the draw itself counts up,
    so what is told here is where it comes from, and nothing from which a sample could be drawn ahead.
    """
    if CALLER not in scope.roles(reading.connection, reading.services.ledger.id, reading.user):
        raise NotAllowed(f"a {CALLER} calls rounds")
    if wanted.method != EVERYBODY and wanted.size is None:
        raise BadValue("a random sample has a number", field="size")
    statement = reading.visible("institution").where(TABLE.c.id.in_(wanted.institutions))
    places = {one.id: one for one in reading.records(statement)}
    for key in wanted.institutions:
        if key not in places:
            raise NotFound("there is no such institution in your scope", item=key)
    able = staff.of(reading.connection, reading.vault, places)
    return {key: _at(reading, one, wanted, able.get(key, [])) for key, one in places.items()}


def _at(reading: Reading, place: Record, wanted: Call, able: list[str]) -> Foreseen:
    services, ledger = reading.services, reading.services.ledger.id
    census = censuses.newest(reading.connection, reading.vault, place.id)
    oldest = services.now_ms() - local_rules.of(services, place.region).census_days_max * DAY_MS
    if census is None or int(census.values["taken_at"]) < oldest:
        return Foreseen(fault="no_census")
    index = censuses.index_of(census)
    roll = censuses.roll_at(reading.connection, ledger, place.id, index, str(census.values["day"]))
    wards = in_wards(roll, wanted.wards)
    listed = sum(map(len, wards.values()))
    drawn = listed if wanted.method == EVERYBODY else min(listed, wanted.size or 0)
    named = wanted.operators.get(place.id) or (able[0] if len(able) == 1 else None)
    return Foreseen(
        listed=listed,
        wards=len(wards),
        drawn=drawn,
        entry=index,
        fault=_fault(listed, drawn, fit=named in able),
    )


def _fault(listed: int, drawn: int, *, fit: bool) -> str:
    """Return why such an order would wait, by `ward_round.FAULTS`, or ''."""
    if not fit:
        return "operator_unfit"
    if not listed:
        return "nobody_listed"
    return "too_many" if drawn > SIZE_MAX else ""
