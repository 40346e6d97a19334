"""Who hears of a deadline: the team, its supervisors and leaders, whoever stands in for them, less who is recused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import Connection

from schemas import regions
from schemas.records.recusal import STANDING
from server.casework import recusing
from server.keys.vault import VaultSession
from server.reminders.policies import Role
from server.storage import record_store
from sync.merge import VOIDED, Record
from sync.rules import NATION

Deputies = Mapping[tuple[str, str], Sequence[Record]]
"""{(who is away, role): who stands in}."""


def team(inspection: Record) -> list[str]:
    return sorted({inspection.values["lead"], *inspection.values.get("members", ())})


def recused(connection: Connection, vault: VaultSession, named: set[str]) -> dict[str, set[str]]:
    """Return who stays away from which of these institutions and inspections just now."""
    found: dict[str, set[str]] = {}
    for one in recusing.standing_over(connection, vault, named):
        if one.stage == STANDING:
            found.setdefault(one.values["about"], set()).add(one.values["user"])
    return found


def without(
    people: Mapping[str, Record], deputies: Deputies, away: Mapping[str, set[str]], *places: str
) -> tuple[Mapping[str, Record], Deputies]:
    """Return people and deputies less those who are recused from a case's institution or inspection."""
    gone = set().union(*(away.get(place, set()) for place in places))
    if not gone:
        return people, deputies
    left = {key: [one for one in some if one.id not in gone] for key, some in deputies.items()}
    return {key: one for key, one in people.items() if key not in gone}, left


def people(
    connection: Connection, vault: VaultSession, staff: set[str], above: set[str]
) -> dict[str, Record]:
    """Return the active users among `staff`, and those of every region around the cases."""
    people = record_store.load(connection, vault, staff)
    users = record_store.selected(vault.ledger, "user").where(record_store.TABLE.c.region.in_(sorted(above)))
    people.update({user.id: user for user in record_store.query(connection, vault, users)})
    return _active(people.values())


def _active(people: Iterable[Record]) -> dict[str, Record]:
    return {
        user.id: user
        for user in people
        if user.type == "user" and user.stage == "active" and user.life != VOIDED
    }


def deputies(
    connection: Connection, vault: VaultSession, people: Mapping[str, Record], above: set[str]
) -> Deputies:
    """Return who stands in for whom in which role just now, in the regions around the cases."""
    active = record_store.TABLE.c.stage == "active", record_store.TABLE.c.region.in_(sorted(above))
    found = record_store.query(
        connection, vault, record_store.selected(vault.ledger, "deputation").where(*active)
    )
    wanted = {one.values["deputy"] for one in found} - people.keys()
    known = {**people, **_active(record_store.load(connection, vault, wanted).values())}
    deputies: dict[tuple[str, str], list[Record]] = {}
    for one in found:
        for role in one.values["roles"]:
            if (deputy := known.get(one.values["deputy"])) is not None:
                deputies.setdefault((one.values["absent"], role), []).append(deputy)
    return deputies


def joined_by(deputies: Deputies, roles: Mapping[Role, list[Record]]) -> dict[Role, list[Record]]:
    """Return the recipients with whoever stands in for one of them, each once."""
    joined: dict[Role, list[Record]] = {}
    for role, users in roles.items():
        office = "leader" if role == "leader" else "supervisor"
        stand_ins = [one for user in users for one in deputies.get((user.id, office), ())]
        joined[role] = list({one.id: one for one in (*users, *stand_ins)}.values())
    return joined


def above(region: str) -> list[str]:
    """Return a region and all around it, the nearest first."""
    found: list[str] = []
    at: str | None = region
    while at is not None:
        found.append(at)
        at = regions.parent(at)
    return [*found, NATION]


def supervisors(region: str, owner_id: str, people: Mapping[str, Record]) -> dict[Role, list[Record]]:
    """Return who is above the inspectors: an owner or else the nearest supervisors, and so on up. owner_id: or ''"""
    around = above(region)
    desk = _with_role(people.values(), "supervisor", around)
    owner = people.get(owner_id)
    return {
        "supervisor": [owner] if owner is not None else _nearest(desk, around),
        "county_supervisor": _on_level(desk, "county"),
        "city_supervisor": _on_level(desk, "city"),
        "leader": _nearest(_with_role(people.values(), "leader", around), around),
    }


def _with_role(people: Iterable[Record], role: str, above: Sequence[str]) -> list[Record]:
    found = [u for u in people if role in u.values.get("roles", ()) and u.values["region"] in above]
    return sorted(found, key=lambda user: user.id)


def _nearest(users: list[Record], above: Sequence[str]) -> list[Record]:
    for region in above:
        if found := [user for user in users if user.values["region"] == region]:
            return found
    return []


def _on_level(users: list[Record], level: str) -> list[Record]:
    return [
        user
        for user in users
        if user.values["region"] != NATION and regions.level(user.values["region"]) == level
    ]
