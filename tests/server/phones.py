"""Phones for tests: the reference phone, enrolled at an installation, on the test's own clock."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import httpx

from mobile_stub.fleet import HARDNESS, PIN
from mobile_stub.phone import Phone
from schemas.drafting import Draft
from server.accounts.invites import invite
from server.commit.acts import act, new_id
from server.storage import record_store
from server.wiring import Services
from tests.server.builders import START_MS, Clock, Installation

REGION = "341502"


@dataclass
class PhoneClock:
    """A phone's clocks, right as long as the installation's clock is."""

    now: Clock
    session: str = "test-session"

    def wall_ms(self) -> int:
        """Return the installation's time."""
        return self.now()

    def mono_ms(self) -> int:
        """Return ms since the installation began."""
        return self.now() - START_MS


@dataclass(frozen=True)
class Visit:
    """An approved inspection with a sampled ward round, its people and in-patients (record ids)."""

    institution: str
    supervisor: str
    lead: str
    member: str
    inspection: str
    ward_round: str
    encounters: tuple[str, ...]


def user(services: Services, login: str, role: str, region: str = REGION) -> str:
    """Make a user without a password."""
    made = new_id(services)
    values = {
        "login": login,
        "display_name": f"测试{login}",
        "region": region,
        "email": f"{login}@example.test",
    }
    act(services, [Draft("create", "user", made, values, add={"roles": [role]})], kind="setting")
    return made


def visit(services: Services, *, beds: int = 4, number: int = 1) -> Visit:
    """Make a hospital, its people and in-patients, an approved inspection and a sampled round."""
    institution, inspection, ward_round = (new_id(services) for _ in range(3))
    people = [user(services, f"{word}{number}", role) for word, role in (
        ("supervisor", "supervisor"), ("lead", "lead_inspector"), ("member", "inspector"),
    )]  # fmt: skip
    place = {
        "fixmedins_code": f"H341502{90000 + number}",
        "name": f"六安市测试第{number:03d}医院",
        "kind": "hospital",
        "region": REGION,
        "contact_email": f"contact{number}@example.test",
        "position": {
            "lat_e7": 317_500_000, "lon_e7": 1_165_000_000, "accuracy_m": 10, "provider": "gps", "mock": False,
        },
    }  # fmt: skip
    encounters = tuple(new_id(services) for _ in range(beds))
    listed = [
        Draft("create", "encounter", one, {
            "institution": institution, "mdtrt_id": f"M{number}-{n}", "name": f"测试病人{n:03d}", "ward": "W11",
            "bed": str(1101 + n), "admitted_on": "2026-11-10",
        })
        for n, one in enumerate(encounters)
    ]  # fmt: skip
    act(services, [Draft("create", "institution", institution, place), *listed], kind="setting")
    planned = {
        "kind": "routine_check", "mode": "open", "institution": institution, "lead": people[1],
        "planned_on": "2026-11-17", "stage": {"from": "draft", "to": "approved"},
    }  # fmt: skip
    rounds = {
        "inspection": inspection, "mode": "bedside", "trigger": "plan", "sample_method": "all_listed",
        "stage": {"from": "planned", "to": "sampled"},
    }  # fmt: skip
    act(
        services,
        [
            Draft("create", "inspection", inspection, planned, add={"members": people[1:]}),
            Draft(
                "create", "ward_round", ward_round, rounds, add={"wards": ["W11"], "sample": list(encounters)}
            ),
        ],
        user=people[0],
    )
    return Visit(institution, people[0], people[1], people[2], inspection, ward_round, encounters)


def client(installation: Installation) -> httpx.Client:
    """Return a client that speaks to the application without a network."""
    return httpx.Client(transport=httpx.WSGITransport(app=installation.app))


def enrol(
    installation: Installation,
    home: Path,
    who: str,
    *,
    real_time: bool = False,
    supersedes: str | None = None,
) -> Phone:
    """Enrol a phone of a user and open it; in real time it speaks to a server process over the network.

    supersedes: the device whose place it takes
    """
    services = installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        record = record_store.load(connection, vault, [who])[who]
    ticket = invite(services, record, supersedes=supersedes)
    if real_time:
        return Phone.enrol(home, ticket, PIN, hardness=HARDNESS)
    clock = PhoneClock(installation.clock)
    return Phone.enrol(home, ticket, PIN, clock=clock, client=client(installation), hardness=HARDNESS)


def team_on_site(installation: Installation, folder: Path) -> tuple[Visit, Phone, Phone]:
    """Return a visit that is under way, the lead's phone and the member's phone, both synced."""
    found = visit(installation.services)
    lead = enrol(installation, folder / "lead", found.lead)
    member = enrol(installation, folder / "member", found.member)
    assert lead.sync().clean
    lead.step(found.inspection, "on_site")
    assert lead.sync().clean
    assert member.sync().clean
    return found, lead, member
