"""A small city with one hospital's census, its people, and their phones: what tests of rounds stand on."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from mobile_stub.phone import Phone
from schemas.drafting import Draft
from server.accounts import users
from server.commit.acts import act, new_id
from server.imports.census import import_census
from server.imports.importing import Report
from server.imports.institutions import import_institutions
from server.rounds.calling import Call, order
from server.storage import ledger_store, record_store
from server.wiring import Services
from sync.merge import Record
from tests.imports import files
from tests.imports.files import DAY, HOSPITAL, OTHER
from tests.server.builders import Installation
from tests.server.desk_client import Desk
from tests.server.phones import enrol
from tests.server.world import PASSWORD

MINUTE_MS = 60_000
WARDS = ("W11", "W12")


@dataclass
class Town:
    """Record ids by what they are; two hospitals, each with one user who answers for it."""

    installation: Installation
    folder: Path
    hospital: str
    other: str
    supervisor: str
    lead: str
    member: str
    operator: str
    other_operator: str
    census: Report
    users: dict[str, str] = field(default_factory=dict)

    @property
    def services(self) -> Services:
        """The installation's services."""
        return self.installation.services

    def record(self, record: str) -> Record:
        """Return a record as it stands."""
        return records(self.services, [record])[record]

    def of_type(self, kind: str) -> list[Record]:
        """Return the live records of a type, by id."""
        with self.services.database.reading() as connection:
            vault = self.services.vault.session(connection, self.services.ledger.id)
            statement = record_store.selected(self.services.ledger.id, kind).order_by(record_store.TABLE.c.id)
            return record_store.query(connection, vault, statement)

    def patients(self, hospital: str = "") -> dict[str, Record]:
        """Return the in-patients of a hospital by id."""
        place = hospital or self.hospital
        return {one.id: one for one in self.of_type("encounter") if one.root == place}

    def call(self, **wanted: Any) -> str:
        """Let the supervisor call the hospital, everybody on its list unless said otherwise."""
        given = {"institutions": (self.hospital,), "method": "everybody", **wanted}
        return order(self.services, self.supervisor, Call(**given))[0]

    def pass_minutes(self, minutes: float) -> None:
        """Move the clock on."""
        self.installation.clock.advance(seconds=60 * minutes)

    def phone(self, who: str) -> Phone:
        """Return an enrolled phone of a user, synced once."""
        phone = enrol(self.installation, self.folder / f"phone-{who}", who)
        assert phone.sync().clean
        return phone

    def size(self) -> int:
        """Return the number of ledger entries."""
        with self.services.database.reading() as connection:
            return ledger_store.head(connection, self.services.ledger.id).size

    def bring_census(self, day: date = DAY, **more: Any) -> Report:
        """Import the hospital's list of a day."""
        path = files.census(self.folder / f"census-{day}-{self.size()}.csv", day=day)
        return import_census(self.services, path, HOSPITAL.fixmedins_code, **more)


def records(services: Services, ids: list[str]) -> dict[str, Record]:
    """Return some records as they stand."""
    with services.database.reading() as connection:
        return record_store.load(connection, services.vault.session(connection, services.ledger.id), ids)


def desk(town: Town, login: str, role: str, region: str, **more: str) -> Desk:
    """Let somebody new sign in at the desk; his user is `town.users[login]`."""
    new = users.check(login=login, name=f"测试{login}", roles=(role,), region=region, **more)
    town.users[login], _ = users.enlist(town.services, new, PASSWORD)
    return Desk(town, login)


def person(services: Services, login: str, role: str, region: str, **more: str) -> str:
    """Make a user without a password."""
    made = new_id(services)
    values = {"login": login, "display_name": f"测试{login}", "region": region, **more}
    act(services, [Draft("create", "user", made, values, add={"roles": [role]})], kind="setting")
    return made


def found_town(installation: Installation, folder: Path) -> Town:
    """Return a town on a fresh installation."""
    services = installation.services
    import_institutions(services, files.institutions(folder / "institutions.csv"))
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        codes = [HOSPITAL.fixmedins_code, OTHER.fixmedins_code]
        places = record_store.by_natural_key(connection, vault, "institution", codes)
    hospital, other = (places[code].id for code in codes)
    region = HOSPITAL.region
    return Town(
        installation=installation,
        folder=folder,
        hospital=hospital,
        other=other,
        supervisor=person(services, "supervisor", "supervisor", "341500"),
        lead=person(services, "lead", "lead_inspector", region),
        member=person(services, "member", "inspector", region),
        operator=person(services, "ward", "institution_user", region, institution=hospital),
        other_operator=person(services, "otherward", "institution_user", OTHER.region, institution=other),
        census=import_census(services, _two_hospitals(folder / "census.csv")),
    )


def _two_hospitals(path: Path) -> Path:
    """Write the hospital's list, and of a large one's the first two wards."""
    files.city_census(path, [HOSPITAL, OTHER])
    rows = files.rows_of(path.read_text("utf-8-sig"))
    few = [row for row in rows if row["fixmedins_code"] == HOSPITAL.fixmedins_code or row["ward"] in WARDS]
    return files.write(path, few)


def inspection(town: Town, *, hospital: str = "", stage: str = "on_site") -> str:
    """Make an inspection of the hospital with the town's lead and member, at a stage."""
    services, made = town.services, new_id(town.services)
    values = {
        "kind": "routine_check", "mode": "open", "institution": hospital or town.hospital, "lead": town.lead,
        "planned_on": "2026-11-17", "stage": {"from": "draft", "to": "approved"},
    }  # fmt: skip
    act(services, [Draft("create", "inspection", made, values, add={"members": [town.member]})],
        user=town.supervisor)  # fmt: skip
    if stage == "on_site":
        step = {"stage": {"from": "approved", "to": "on_site"}}
        act(services, [Draft("edit", "inspection", made, step)], user=town.lead)
    return made
