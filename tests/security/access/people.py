"""Who asks: people of every role, in the place and outside it, of the team and beside it."""

from __future__ import annotations

from dataclasses import dataclass

from schemas.drafting import Draft
from server.accounts import users
from server.casework import recusing
from server.casework.recusing import Wanted
from tests.server.world import PASSWORD, World

HERE, THERE = "here", "there"
"""Two places: one county with its inspection, and another one with its own."""
REGIONS = {HERE: "341502", THERE: "341503"}
DESK = frozenset({"supervisor", "second_reviewer", "legal_reviewer", "leader", "auditor"})


@dataclass(frozen=True)
class Person:
    """Somebody. team: the place to whose inspection he belongs; recused: from the institution of which place."""

    login: str
    role: str
    region: str = "341502"
    team: str = ""
    recused: str = ""

    @property
    def is_party(self) -> bool:
        """Whether he belongs to an institution: the desk is none of his."""
        return self.role == "institution_user"

    def sees(self, place: str, *, of_team: bool, of_admins: bool = False) -> bool:
        """Return whether he reaches what lies in a place; of_team: whether it lies in the place's inspection.

        of_admins: whether administrators see it too

        Said here anew, from the promise and not from the code: desk roles reach their region and all below it, a
        team its own inspection, nobody else anything.
        """
        reach = self.region[:4] if self.region.endswith("00") else self.region
        desk = DESK | {"admin"} if of_admins else DESK
        return (self.role in desk and REGIONS[place].startswith(reach)) or (of_team and self.team == place)


PEOPLE = (
    Person("supervisor", "supervisor"),
    Person("city", "supervisor", "341500"),
    Person("neighbour", "supervisor", "341503"),
    Person("auditor", "auditor", "341500"),
    Person("lead", "lead_inspector", team=HERE),
    Person("member", "inspector", team=HERE),
    Person("farlead", "lead_inspector", "341503", team=THERE),
    Person("farmember", "inspector", "341503", team=THERE),
    Person("both", "supervisor", team=HERE),
    Person("second", "second_reviewer"),
    Person("legal", "legal_reviewer"),
    Person("leader", "leader"),
    Person("admin", "admin"),
    Person("idle", "inspector"),
    Person("recused", "supervisor", recused=HERE),
    Person("away", "inspector", team=HERE, recused=HERE),
    Person("portal", "institution_user"),
)
"""`both` supervises the county and belongs to the team all the same: whoever made a thing does not decide on it.

`recused` supervises the county, `away` is of the team, and both stay away from its institution.
"""
BY_LOGIN = {person.login: person for person in PEOPLE}


def let_in(world: World) -> None:
    """Give access to those whom the small world does not know yet."""
    for number, person in enumerate(PEOPLE, start=70):
        if person.login in world.users:
            continue
        own = world.hospital if person.role == "institution_user" else None
        new = users.check(
            login=person.login,
            name=f"测试甲{number:03d}",
            roles=(person.role,),
            region=person.region,
            institution=own,
        )
        world.users[person.login], _ = users.enlist(world.services, new, PASSWORD)
    team = [world.users[person.login] for person in PEOPLE if person.recused and person.team]
    world.act(Draft("edit", "inspection", world.inspection, {}, add={"members": team}), by="supervisor")
    for person in PEOPLE:
        if person.recused:
            wanted = Wanted(world.users[person.login], world.hospital, "kinship")
            recusing.declare(world.services, world.users["city"], wanted)
