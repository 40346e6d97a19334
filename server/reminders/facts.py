"""What the ladder and the messages must know of a case, read from the records.

Addresses are looked up here and handed on to the channel alone: outbox and ledger name who was reminded by
the id of the institution's or the user's record.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import Connection

from schemas import regions
from schemas.records.recusal import STANDING
from server.casework import recusing
from server.catalogues import naming
from server.catalogues.naming import Named
from server.keys.vault import VaultSession
from server.portal import links
from server.reminders import calendar as working_days
from server.reminders import offices, standing_policies, working_calendars
from server.reminders.channels import EMAIL
from server.reminders.in_app import IN_APP
from server.reminders.ladder import Deadline, Recipient
from server.reminders.messages import CaseFacts, Violation
from server.reminders.policies import INSTITUTION_ROLES, Role
from server.reminders.sms import SMS, mobile
from server.reminders.templates import WORDINGS, Language, Material
from server.reminders.working_calendars import Calendars
from server.storage import record_store
from server.storage.deadline_store import Clock
from server.wiring import Services
from sync.merge import VOIDED, Record
from sync.rules import NATION

NOT_SERVED, SERVED_STAGE = "assigned", "notified"
Deputies = Mapping[tuple[str, str], Sequence[Record]]
"""{(who is away, role): who stands in}."""
OFFICE_FILE = "office.json"
OFFICE: Mapping[Language, Mapping[str, str]] = {
    "zh_CN": {
        "bureau": "{city}医疗保障局",
        "office": "基金监管部门",
        "where": "{city}医疗保障局",
        "phone": "见限期整改通知书",
    },
    "en": {
        "bureau": "Healthcare Security Bureau of {city}",
        "office": "Fund supervision",
        "where": "Healthcare Security Bureau of {city}",
        "phone": "as on the notice",
    },
}
"""What stands in a message of the bureau itself until `office.json` in the home says it."""


@dataclass(frozen=True)
class Standing:
    """A case with its deadline as it stands now. addresses: by (recipient id, channel)."""

    deadline: Deadline
    case: Record
    institution: Record
    addresses: Mapping[tuple[str, str], str]


def unix_ms(at: datetime) -> int:
    """Return an aware datetime in Unix ms."""
    return round(at.timestamp() * 1000)


def instant_of(ms: int) -> datetime:
    """Return Unix ms as an aware datetime in UTC."""
    return datetime.fromtimestamp(ms / 1000, UTC)


def language_of(services: Services) -> Language:
    """Return the language of this installation's messages; Chinese if it names none that there is."""
    found: Language = "zh_CN"
    for known in WORDINGS:
        if known == services.config.language:
            found = known
    return found


def standings(connection: Connection, services: Services, clocks: Sequence[Clock]) -> dict[str, Standing]:
    """Return by case what each clock stands for; a case that is not served yet is left out."""
    vault = services.vault.session(connection, services.ledger.id)
    cases = record_store.load(connection, vault, [clock.case for clock in clocks])
    named = {record.values[name] for record in cases.values() for name in ("inspection", "institution")}
    around = record_store.load(connection, vault, named)
    staff = {user for each in around.values() if each.type == "inspection" for user in _team(each)}
    staff |= {record.values["owner"] for record in cases.values() if record.values.get("owner")}
    above = {region for each in clocks for region in _above(each.region)}
    people = _people(connection, vault, staff, above)
    deputies = _deputies(connection, vault, people, above)
    away = _recused(connection, vault, named)
    vault.committed()
    calendars = working_calendars.calendars(connection, services)
    policies = standing_policies.standing(connection, services)
    return {
        clock.case: _standing(
            services,
            calendars,
            policies,
            clock,
            case,
            around,
            *_without(people, deputies, away, clock.institution, case.root),
        )
        for clock in clocks
        if (case := cases.get(clock.case)) is not None and case.stage != NOT_SERVED
    }


def case_facts(connection: Connection, services: Services, standing: Standing, now: datetime) -> CaseFacts:
    """Return what a message may tell of a case at the instant `now`."""
    case, deadline = standing.case, standing.deadline
    vault = services.vault.session(connection, services.ledger.id)
    found = record_store.load(connection, vault, case.values.get("findings", ()))
    findings = [found[name] for name in sorted(found)]
    inspections = record_store.load(connection, vault, {each.root for each in findings})
    words = naming.named(connection, services.ledger.id, findings, inspections)
    today = now.astimezone(deadline.zone).date()
    served = deadline.served_at.astimezone(deadline.zone).date()
    short = case.id.rpartition("-")[2]
    return CaseFacts(
        institution_name=str(
            standing.institution.values.get("name", standing.institution.values["fixmedins_code"])
        ),
        case_number=short,
        notice_number=str(case.values.get("number") or short),
        violations=_violations(findings, words),
        materials=_materials(findings),
        due_on=deadline.due_on,
        today=today,
        working_days_left=working_days.working_days_left(deadline.due_on, today, deadline.calendar),
        provisional=bool(deadline.calendar.provisional_years(served, deadline.due_on)),
        link=f"{services.config.url}/cases/{case.id}",
        **office(services, case.region),
    )


def way(
    connection: Connection, services: Services, standing: Standing, *, recipient: str, address: str
) -> str:
    """Return where a recipient goes on: the case at the desk; for the institution's contact what is to acknowledge.

    Without a notice that waits for it, the contact is led to the case at the portal.
    """
    case = standing.case
    if recipient != standing.institution.id:
        return f"{services.config.url}/cases/{case.id}"
    vault = services.vault.session(connection, services.ledger.id)
    served = record_store.selected(services.ledger.id, "notice").where(
        record_store.TABLE.c.parent == recipient, record_store.TABLE.c.stage == "served"
    )
    # The one that was served last: one that replaces another is served after it.
    found = record_store.query(connection, vault, served.order_by(record_store.TABLE.c.version.desc()))
    notice = next((one for one in found if one.values.get("case") == case.id), None)
    if notice is None:
        return f"{services.config.url}/portal/cases/{case.id}"
    return links.url(services, notice.id, standing.deadline.due_version, address)


def _standing(
    services: Services,
    calendars: Calendars,
    policies: standing_policies.Standing,
    clock: Clock,
    case: Record,
    around: Mapping[str, Record],
    people: Mapping[str, Record],
    deputies: Deputies,
) -> Standing:
    institution, inspection = around[clock.institution], around[case.values["inspection"]]
    roles: dict[Role, list[Record]] = {
        "institution_contact": [institution],
        "inspector": [people[user] for user in _team(inspection) if user in people],
        **_joined_by(deputies, _supervisors(clock, case, people)),
    }
    addresses = {
        (record.id, channel): address
        for records in roles.values()
        for record in records
        for channel, address in _addresses(record)
    }
    recipients: dict[str, tuple[Recipient, ...]] = {
        role: tuple(
            Recipient(each.id, frozenset(channels))
            for each in records
            if (channels := [channel for reached, channel in addresses if reached == each.id])
        )
        for role, records in roles.items()
    }
    _add_offices(services, clock.region, recipients, addresses)
    zone = services.config.zone
    served = working_days.instant(date.fromisoformat(clock.served_on), time(0), zone)
    deadline = Deadline(
        case=clock.case,
        due_on=date.fromisoformat(clock.due_on),
        due_version=clock.due_version,
        served_at=max(served, instant_of(clock.opened_at)),
        zone=zone,
        calendar=calendars.of(clock.region),
        policy=policies.of(clock.region),
        recipients=recipients,
        closed=clock.closed,
        unacknowledged=case.stage == SERVED_STAGE,
    )
    return Standing(deadline, case, institution, addresses)


def _add_offices(
    services: Services,
    region: str,
    recipients: dict[str, tuple[Recipient, ...]],
    addresses: dict[tuple[str, str], str],
) -> None:
    """Let the nearest offices with a robot or a webhook hear of whatever an officer hears of, once a rung."""
    found: dict[str, set[str]] = {}
    for kind, at in offices.nearest(offices.known(services.config.channels_file), _above(region)):
        found.setdefault(at, set()).add(kind)
        addresses[offices.RECIPIENT + at, kind] = at
    told = tuple(Recipient(offices.RECIPIENT + at, frozenset(kinds)) for at, kinds in found.items())
    for role in recipients.keys() - INSTITUTION_ROLES:
        recipients[role] += told


def _addresses(record: Record) -> Iterator[tuple[str, str]]:
    """Yield (channel, address) for each way to reach a user or the contact of an institution."""
    contact = record.type == "institution"
    if email := record.values.get("contact_email" if contact else "email"):
        yield EMAIL, str(email)
    elif record.type == "user":
        # Who has an address reads what was mailed to him in his list as well: one message, not two.
        yield IN_APP, record.id
    if contact and (phone := mobile(record.values.get("contact_phone"))) is not None:
        yield SMS, phone


# -- who ------------------------------------------------------------------------------------------


def _team(inspection: Record) -> list[str]:
    return sorted({inspection.values["lead"], *inspection.values.get("members", ())})


def _recused(connection: Connection, vault: VaultSession, named: set[str]) -> dict[str, set[str]]:
    """Return who stays away from which of these institutions and inspections just now."""
    found: dict[str, set[str]] = {}
    for one in recusing.standing_over(connection, vault, named):
        if one.stage == STANDING:
            found.setdefault(one.values["about"], set()).add(one.values["user"])
    return found


def _without(
    people: Mapping[str, Record], deputies: Deputies, away: Mapping[str, set[str]], *places: str
) -> tuple[Mapping[str, Record], Deputies]:
    """Return people and deputies less those who are recused from a case's institution or inspection."""
    gone = set().union(*(away.get(place, set()) for place in places))
    if not gone:
        return people, deputies
    left = {key: [one for one in some if one.id not in gone] for key, some in deputies.items()}
    return {key: one for key, one in people.items() if key not in gone}, left


def _people(
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


def _deputies(
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


def _joined_by(deputies: Deputies, roles: Mapping[Role, list[Record]]) -> dict[Role, list[Record]]:
    """Return the recipients with whoever stands in for one of them, each once."""
    joined: dict[Role, list[Record]] = {}
    for role, users in roles.items():
        office = "leader" if role == "leader" else "supervisor"
        stand_ins = [one for user in users for one in deputies.get((user.id, office), ())]
        joined[role] = list({one.id: one for one in (*users, *stand_ins)}.values())
    return joined


def _above(region: str) -> list[str]:
    """Return a region and all around it, the nearest first."""
    found: list[str] = []
    at: str | None = region
    while at is not None:
        found.append(at)
        at = regions.parent(at)
    return [*found, NATION]


def _supervisors(clock: Clock, case: Record, people: Mapping[str, Record]) -> dict[Role, list[Record]]:
    """Return who is above the inspectors: the case's owner or else the nearest supervisors, and so on up."""
    above = _above(clock.region)
    supervisors = _with_role(people.values(), "supervisor", above)
    owner = people.get(case.values.get("owner") or "")
    return {
        "supervisor": [owner] if owner is not None else _nearest(supervisors, above),
        "county_supervisor": _on_level(supervisors, "county"),
        "city_supervisor": _on_level(supervisors, "city"),
        "leader": _nearest(_with_role(people.values(), "leader", above), above),
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


# -- what -------------------------------------------------------------------------------------------


def _violations(findings: Iterable[Record], words: Mapping[str, Named]) -> tuple[Violation, ...]:
    numbers: dict[str, int] = {}
    labels: dict[str, dict[str, str]] = {}
    for finding in findings:
        code = finding.values["violation_code"]
        numbers[code] = numbers.get(code, 0) + 1
        labels[code] = dict(zip(("zh_CN", "en"), words[finding.id].violation, strict=True))
    return tuple(Violation(code, labels[code], number) for code, number in sorted(numbers.items()))


def _materials(findings: Iterable[Record]) -> tuple[Material, ...]:
    owed = any(finding.values.get("amount_fen") for finding in findings)
    plain: tuple[Material, ...] = ("rectification_report", "proof_per_finding")
    return (*plain, "refund_receipt") if owed else plain


def office(services: Services, region: str) -> dict[str, str]:
    """Return the office that a message of a region names: bureau, office, where, phone."""
    language = language_of(services)
    cities = [each for each in _above(region)[:-1] if regions.level(each) == "city"]
    city = regions.name(cities[0], language) if cities else ""
    words = {name: word.format(city=city) for name, word in OFFICE[language].items()}
    path = services.config.home / OFFICE_FILE
    own: Mapping[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return {name: str(own.get(name) or word) for name, word in words.items()}
