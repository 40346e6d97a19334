"""Who and what the demo starts with: institutions, users, a week of inspections, two hospitals' in-patients."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from schemas import regions
from schemas.drafting import Draft
from server.accounts.credentials import add_password, hashed, login_hash
from server.accounts.users import NewUser, enlist, new_password
from server.commit.acts import act, new_id
from server.demo import city
from server.demo.city import Institution, PlannedInspection, User
from server.imports.census import import_census
from server.imports.institutions import import_institutions
from server.storage import record_store
from server.wiring import Services
from sync.merge import Record

SEED = 20260101
BATCH = 100
BEDS = range(20, 51)


@dataclass(frozen=True)
class Login:
    """Somebody who may sign in at the demo's desk."""

    role: str
    login: str
    password: str
    user: str


@dataclass(frozen=True)
class Task:
    """One ward round of the day: on whose phone, of which inspection, in which ward."""

    user: str
    inspection: str
    ward_round: str


@dataclass(frozen=True)
class Cast:
    """The day's work: the logins, and three phones' rounds; the first two are one team."""

    logins: tuple[Login, ...]
    supervisor: str
    tasks: tuple[Task, Task, Task]
    institutions: int
    users: int
    inspections: int
    patients: int


@dataclass(frozen=True)
class Town:
    """The city without its work. ids: of users by login; checker: another supervisor, who checks closings."""

    institutions: tuple[Institution, ...]
    people: tuple[User, ...]
    ids: Mapping[str, str]
    logins: tuple[Login, ...]
    supervisor: str
    checker: str


def settle(services: Services, folder: Path, scale: float = 1.0) -> Town:
    """Fill a fresh ledger with the demo city's institutions and users; scale: how much of the city."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "institutions.csv"
    path.write_text(city.institutions_csv(SEED, scale), "utf-8-sig")
    import_institutions(services, path)
    people = city.users(SEED)
    ids, logins = _users(services, people)
    supervisor = next(one.user for one in logins if one.role == "supervisor")
    above = (ids[one.login] for one in people if (one.role, one.region) == ("supervisor", regions.CITY))
    checker = next(user for user in above if user != supervisor)
    return Town(tuple(city.institutions(SEED, scale)), tuple(people), ids, logins, supervisor, checker)


def bring_on(services: Services, folder: Path, day: date, town: Town) -> Cast:
    """Plan the week around `day` and order the rounds of its morning."""
    monday = day - timedelta(days=day.weekday())
    week = city.week_of_inspections(SEED, town.institutions, town.people, monday)
    records = places_of(services, [plan.institution for plan in week])
    inspections = _plan(services, week, town.ids, records, town.supervisor)
    tasks, patients = _todays_rounds(services, folder, day, week, inspections, town.ids, town.supervisor)
    logins = (_inspector(services, town.people, town.ids, tasks[0].user), *town.logins)
    return Cast(logins, town.supervisor, tasks, len(town.institutions), len(town.people), len(week), patients)


def _users(services: Services, people: list[User]) -> tuple[dict[str, str], tuple[Login, ...]]:
    """Return {login: user id} and the demo logins: the first of each role that has a desk."""
    ids: dict[str, str] = {}
    logins: list[Login] = []
    wanted = ["supervisor", "second_reviewer", "leader", "auditor", "admin"]
    drafts: list[Draft] = []
    for one in people:
        if one.role in wanted:
            wanted.remove(one.role)
            new = NewUser(one.login, one.display_name, (one.role,), "341500", one.email)
            ids[one.login], password = enlist(services, new)
            logins.append(Login(one.role, one.login, password, ids[one.login]))
            continue
        if one.role == "institution_user":
            continue
        ids[one.login] = new_id(services)
        values = {
            "login": one.login,
            "display_name": one.display_name,
            "region": one.region,
            "email": one.email,
        }
        drafts.append(Draft("create", "user", ids[one.login], values, add={"roles": [one.role]}))
    for at in range(0, len(drafts), BATCH):
        act(services, drafts[at : at + BATCH], kind="setting")
    return ids, tuple(logins)


def _inspector(services: Services, people: Sequence[User], ids: Mapping[str, str], user: str) -> Login:
    """Give the first of today's inspectors a password too: at the desk he sees the inspections that are his."""
    one = next(person for person in people if ids.get(person.login) == user)
    password = new_password(services)
    key = login_hash(services.keyring.pepper, one.login)
    secret = hashed(password)
    with services.engine.execution_options(immediate=True).begin() as connection:
        add_password(connection, services.ledger.id, login=key, user=user, password_hash=secret)
    return Login(one.role, one.login, password, user)


def places_of(services: Services, codes: list[str]) -> dict[str, str]:
    """Return {code: record id} of institutions."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.by_natural_key(connection, vault, "institution", sorted(set(codes)))
    return {code: record.id for code, record in found.items()}


def case_of(services: Services, inspection: str) -> Record:
    """Return the rectification case of an inspection that has one."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        where = record_store.TABLE.c.root == inspection
        statement = record_store.selected(services.ledger.id, "rectification_case").where(where)
        (found,) = record_store.query(connection, vault, statement)
    return found


def _plan(
    services: Services,
    week: list[PlannedInspection],
    ids: Mapping[str, str],
    places: dict[str, str],
    supervisor: str,
) -> list[str]:
    """Return the ids of the week's inspections, approved by the supervisor."""
    made = [new_id(services) for _ in week]
    drafts = [
        Draft(
            "create",
            "inspection",
            record,
            {
                "kind": plan.kind,
                "mode": plan.mode,
                "institution": places[plan.institution],
                "lead": ids[plan.lead],
                "planned_on": plan.planned_on.isoformat(),
                "stage": {"from": "draft", "to": "approved"},
            },
            add={"members": [ids[login] for login in plan.members]},
        )
        for plan, record in zip(week, made, strict=True)
    ]
    for at in range(0, len(drafts), BATCH):
        act(services, drafts[at : at + BATCH], user=supervisor)
    return made


def _todays_rounds(
    services: Services,
    folder: Path,
    day: date,
    week: list[PlannedInspection],
    inspections: list[str],
    ids: Mapping[str, str],
    supervisor: str,
) -> tuple[tuple[Task, Task, Task], int]:
    """Order three rounds for today: two wards of one hospital for a team of two, one ward of another."""
    # Today's visits first; a day without two large hospitals borrows one of the week.
    nearest = sorted(zip(week, inspections, strict=True), key=lambda one: one[0].planned_on != day)
    fit = [(plan, record, wards) for plan, record in nearest if (wards := _fit_wards(plan, day))]
    first = next(one for one in fit if len(one[2]) >= 2)
    team = {first[0].lead, *first[0].members}
    second = next(one for one in fit if not team & {one[0].lead, *one[0].members})
    pair = (first[0].lead, next(login for login in first[0].members if login != first[0].lead))
    tasks: list[Task] = []
    patients = 0
    for (plan, inspection, wards), users in ((first, pair), (second, (second[0].lead,))):
        path = folder / f"census-{plan.institution}.csv"
        path.write_text(city.census_csv(plan.institution, SEED, day), "utf-8-sig")
        patients += import_census(services, path, plan.institution).rows
        for login, ward in zip(users, wards, strict=False):
            ward_round = _order(services, inspection, ward, supervisor)
            tasks.append(Task(ids[login], inspection, ward_round))
    return (tasks[0], tasks[1], tasks[2]), patients


def _fit_wards(plan: PlannedInspection, day: date) -> list[str]:
    """Return the visit's wards that have as many in-patients today as a round takes."""
    if not plan.wards:
        return []
    rows = csv.DictReader(city.census_csv(plan.institution, SEED, day).splitlines())
    listed = Counter(row["ward"] for row in rows)
    return [ward for ward in plan.wards if listed[ward] in BEDS]


def _order(services: Services, inspection: str, ward: str, supervisor: str) -> str:
    """Return a new round over every listed bed of a ward."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        parent = record_store.load(connection, vault, [inspection])[inspection]
        where = record_store.TABLE.c.parent == parent.values["institution"]
        statement = record_store.selected(services.ledger.id, "encounter").where(where)
        listed = [r for r in record_store.query(connection, vault, statement) if r.values["ward"] == ward]
    ward_round = new_id(services)
    values = {
        "inspection": inspection,
        "mode": "bedside",
        "trigger": "plan",
        "initiator": supervisor,
        "census_count": len(listed),
        "census_at": services.now_ms(),
        "sample_method": "all_listed",
        "stage": {"from": "planned", "to": "sampled"},
    }
    add = {"wards": [ward], "sample": sorted(record.id for record in listed)}
    act(services, [Draft("create", "ward_round", ward_round, values, add=add)], user=supervisor)
    return ward_round
