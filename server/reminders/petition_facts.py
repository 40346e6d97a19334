"""Petitions as the engine knows clocks: who has one, who is above him, and what a message may tell of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime

from sqlalchemy import Connection

from schemas.records.petition import KINDS
from server.reminders import addressees, facts, standing_policies, working_calendars
from server.reminders.calendar import Calendar, working_days_left
from server.reminders.facts import Standing
from server.reminders.ladder import Deadline
from server.reminders.petition_messages import PetitionFacts
from server.reminders.policies import PETITION, Policy, Role
from server.storage import record_store
from server.wiring import Services
from sync.merge import VOIDED, Record

OPEN = ("received", "assigned", "handling")


def is_petition(record: Record) -> bool:
    """Return whether a record is a petition, and not a case."""
    return record.type == PETITION.name


def standings(connection: Connection, services: Services, petitions: Sequence[Record]) -> dict[str, Standing]:
    """Return by petition what its clock stands for: whoever has it is the inspector, the desk of its region above."""
    vault = services.vault.session(connection, services.ledger.id)
    staff = {str(one.values["owner"]) for one in petitions if one.values.get("owner")}
    above = {region for one in petitions for region in addressees.above(one.region)}
    people = addressees.people(connection, vault, staff, above)
    deputies = addressees.deputies(connection, vault, people, above)
    named = {str(one.values["institution"]) for one in petitions if one.values.get("institution")}
    away = addressees.recused(connection, vault, named)
    vault.committed()
    calendars = working_calendars.calendars(connection, services)
    policies = standing_policies.standing(connection, services)
    found = {}
    for one in petitions:
        around = addressees.without(people, deputies, away, str(one.values.get("institution", "")))
        policy = policies.of(one.region, PETITION.name)
        found[one.id] = _standing(services, one, calendars.of(one.region), policy, *around)
    return found


def _standing(
    services: Services,
    petition: Record,
    calendar: Calendar,
    policy: Policy,
    people: Mapping[str, Record],
    deputies: addressees.Deputies,
) -> Standing:
    owner = people.get(str(petition.values.get("owner", "")))
    roles: dict[Role, list[Record]] = {
        "inspector": [owner] if owner is not None else [],
        **addressees.joined_by(deputies, addressees.supervisors(petition.region, "", people)),
    }
    recipients, addresses = facts.reached(services, petition.region, roles)
    deadline = Deadline(
        case=petition.id,
        due_on=date.fromisoformat(petition.values["due_on"]),
        due_version=1,
        served_at=datetime.fromtimestamp(petition.values["received_at"] / 1000, UTC),
        zone=services.config.zone,
        calendar=calendar,
        policy=policy,
        recipients=recipients,
        closed=petition.stage not in OPEN or petition.life == VOIDED,
    )
    return Standing(deadline, petition, None, addresses)


def told(services: Services, standing: Standing, now: datetime) -> PetitionFacts:
    """Return what a message may tell of a petition at the instant `now`."""
    petition, deadline = standing.case, standing.deadline
    today = now.astimezone(deadline.zone).date()
    came = deadline.served_at.astimezone(deadline.zone).date()
    office = facts.office(services, petition.region)
    zh, en = KINDS[str(petition.values["kind"])]
    return PetitionFacts(
        bureau=office["bureau"],
        office=office["office"],
        phone=office["phone"],
        number=str(petition.values["number"]),
        kind={"zh_CN": zh, "en": en},
        due_on=deadline.due_on,
        today=today,
        working_days_left=working_days_left(deadline.due_on, today, deadline.calendar),
        provisional=bool(deadline.calendar.provisional_years(came, deadline.due_on)),
        link=f"{services.config.url}/petitions/{petition.id}",
    )


def find(connection: Connection, services: Services, petition: str) -> Standing | None:
    """Return what the clock of one petition stands for, None where there is none of this id."""
    vault = services.vault.session(connection, services.ledger.id)
    record = record_store.load(connection, vault, [petition]).get(petition)
    vault.committed()
    if record is None or not is_petition(record):
        return None
    return standings(connection, services, [record])[petition]
