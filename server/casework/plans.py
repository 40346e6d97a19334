"""What the desk does with plans of inspections: load, let `planning` decide, hand the drafts to the door."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection

from schemas.drafting import Draft
from server.access import scope
from server.access.duties import team_of
from server.casework import planning, recusing
from server.casework.handover import Handover
from server.casework.planning import PLANS_MAX, Crew, Plan
from server.commit.acts import act, new_id
from server.commit.submission import Result
from server.keys.vault import VaultSession
from server.rounds import censuses
from server.storage import record_store
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.errors import BadValue, NotFound
from sync.merge import Record

PLANNER = "supervisor"
"""Who plans inspections; any other is refused at the door."""


def crew_for(
    services: Services, connection: Connection, vault: VaultSession, user: str, places: Iterable[str]
) -> Crew:
    """Return the officers whom a supervisor can send: those of his region and below.

    places: institutions, and inspections that there are already, from which somebody may be recused
    """
    statement = scope.visible(connection, services.ledger.id, user, "user")
    known = {one.id: one for one in record_store.query(connection, vault, statement)}
    recused = {one: recusals(connection, vault, one) for one in set(places)}
    return Crew(known, recused, services.today())


def recusals(connection: Connection, vault: VaultSession, *places: str) -> frozenset[str]:
    """Return who keeps away from institutions or inspections (回避), from now on or soon."""
    return frozenset(str(one.values["user"]) for one in recusing.standing_over(connection, vault, places))


def plan(services: Services, user: str, wanted: Sequence[Plan]) -> list[str]:
    """Make inspections as drafts in one act, draw the officers of those that order it, and return their ids.

    Raises BadValue, NotFound, OfficerUnfit or NotAllowed and makes nothing.
    """
    if not 1 <= len(wanted) <= PLANS_MAX:
        raise BadValue(f"a plan names 1 to {PLANS_MAX} institutions", field="institutions")
    places = {one.institution for one in wanted}
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        seen = scope.visible(connection, services.ledger.id, user, "institution")
        found = connection.execute(seen.where(TABLE.c.id.in_(places)).with_only_columns(TABLE.c.id)).scalars()
        if missing := sorted(places - set(found)):
            raise NotFound("there is no such institution in your scope", item=missing[0])
        crew = crew_for(services, connection, vault, user, places)
    made = [(new_id(services), one) for one in wanted]
    act(services, [planning.decide_plan(one, record, crew) for record, one in made], user=user)
    if ordered := [record for record, one in made if one.draw_size is not None]:
        draw_officers(services, user, ordered)
    return [record for record, _ in made]


def draw_officers(services: Services, user: str, inspections: Sequence[str]) -> None:
    """Draw the officers of plans that wait for it, each by the seed of its own entry; again, nothing happens."""
    drafts: list[Draft] = []
    expect: dict[str, int] = {}
    with services.database.reading() as connection:
        ledger = services.ledger.id
        for one in _visible(services, connection, user, inspections).values():
            if planning.waits_for_draw(one):
                index = one.acts[0].index
                root = censuses.root_at(connection, ledger, index + 1)
                change = censuses.change_at(connection, ledger, index)
                drafts.append(planning.decide_draw(one, root, change))
                expect[one.id] = one.version
    if drafts:
        act(services, drafts, user=user, expect=expect)


def approve(services: Services, user: str, versions: Mapping[str, int | None]) -> None:
    """Approve plans in one act: the phones of their teams receive them at the next sync.

    versions: {inspection: the version that was looked at}, None where none was named
    Raises a Refusal and approves none.
    """
    with services.database.reading() as connection:
        found = _visible(services, connection, user, list(versions))
        vault = services.vault.session(connection, services.ledger.id)
        crew = crew_for(services, connection, vault, user, _places(found))
    drafts = [planning.decide_approval(user, one, crew) for one in found.values()]
    expect = {key: found[key].version if seen is None else seen for key, seen in versions.items()}
    act(services, drafts, user=user, expect=expect)


def reassign(services: Services, user: str, inspections: Sequence[str], giver: str, taker: str) -> None:
    """Send another officer in the place of one who cannot go, to all these inspections or to none."""
    with services.database.reading() as connection:
        found = _visible(services, connection, user, inspections)
        vault = services.vault.session(connection, services.ledger.id)
        crew = crew_for(services, connection, vault, user, _places(found))
    for officer in (giver, taker):
        if officer not in crew.users:
            raise NotFound("there is no such officer in your region", item=officer)
    wanted = Handover(crew.users[giver], crew.users[taker], leaves=True)
    drafts = [draft for one in found.values() for draft in planning.decide_reassignment(wanted, one, crew)]
    act(services, drafts, user=user, expect={key: one.version for key, one in found.items()})


@dataclass(frozen=True, kw_only=True)
class Handing:
    """Who hands a visit over to whom, by id, and why; leaves: the giver is no longer of the team."""

    giver: str
    taker: str
    reason: str
    leaves: bool = False


def hand_over(services: Services, user: str, inspection: str, wanted: Handing) -> Result:
    """Hand a visit over while it goes on; raises a Refusal and changes nothing where that may not be."""
    with services.database.reading() as connection:
        item = _visible(services, connection, user, [inspection])[inspection]
        vault = services.vault.session(connection, services.ledger.id)
        crew = crew_for(services, connection, vault, user, _places({item.id: item}))
        # Whoever hands over may be of another region by now; his visit is asked for, not he.
        team = record_store.load(connection, vault, team_of(item))
    giver, taker = team.get(wanted.giver), crew.users.get(wanted.taker)
    if giver is None:
        raise BadValue("whoever hands over is not of the visit's team", field="giver")
    if taker is None:
        raise NotFound("there is no such officer in your region", item=wanted.taker)
    drafts = planning.decide_handover(
        user,
        Handover(giver, taker, wanted.leaves),
        item,
        crew,
        reason=wanted.reason,
        decision_id=new_id(services),
    )
    return act(services, drafts, user=user, expect={item.id: item.version})


def days_of(first: date, count: int, per_day: int, working: Iterable[date]) -> list[date]:
    """Return a day for each of `count` visits, so many a day from the first working day on."""
    if per_day < 1:
        raise BadValue("one visit a day at least", field="per_day")
    found: list[date] = []
    for day in working:
        if len(found) >= count:
            break
        if day >= first:
            found += [day] * per_day
    return found[:count]


def _places(found: Mapping[str, Record]) -> set[str]:
    """Return what somebody may be recused from of these inspections: themselves, and their institutions."""
    return {str(one.values["institution"]) for one in found.values()} | set(found)


def _visible(
    services: Services, connection: Connection, user: str, inspections: Sequence[str]
) -> dict[str, Record]:
    """Return the inspections if the user may see all of them; raises BadValue or NotFound."""
    if not 1 <= len(inspections) <= PLANS_MAX:
        raise BadValue(f"choose 1 to {PLANS_MAX} inspections", field="inspections")
    vault = services.vault.session(connection, services.ledger.id)
    seen = scope.visible(connection, services.ledger.id, user, "inspection")
    records = record_store.query(connection, vault, seen.where(TABLE.c.id.in_(inspections)))
    found = {one.id: one for one in records}
    for key in inspections:
        if key not in found:
            raise scope.missing(connection, services.ledger.id, user, key)
    return {key: found[key] for key in inspections}
