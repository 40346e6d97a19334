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
from server.catalogues import naming
from server.catalogues.naming import Named
from server.portal import links
from server.reminders import addressees, offices, standing_policies, working_calendars
from server.reminders import calendar as working_days
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
from sync.merge import Record

NOT_SERVED, SERVED_STAGE = "assigned", "notified"
HEAD = "/head"
"""How a recipient ends that is the head of the institution before it."""
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
    """A case, or a petition, with its deadline as it stands now. addresses: by (recipient id, channel).

    institution: whose case it is; None of a petition: what it is about has no place in a message
    """

    deadline: Deadline
    case: Record
    institution: Record | None
    addresses: Mapping[tuple[str, str], str]

    @property
    def house(self) -> Record:
        """The institution of a case."""
        assert self.institution is not None, "a petition lies in no institution"
        return self.institution


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
    staff = {user for each in around.values() if each.type == "inspection" for user in addressees.team(each)}
    staff |= {record.values["owner"] for record in cases.values() if record.values.get("owner")}
    above = {region for each in clocks for region in addressees.above(each.region)}
    people = addressees.people(connection, vault, staff, above)
    deputies = addressees.deputies(connection, vault, people, above)
    away = addressees.recused(connection, vault, named)
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
            *addressees.without(people, deputies, away, clock.institution, case.root),
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
        institution_name=str(standing.house.values.get("name", standing.house.values["fixmedins_code"])),
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
    if recipient == standing.house.id + HEAD:
        # Acknowledging is the contact's, whose address the link is bound to.
        return f"{services.config.url}/portal/cases/{case.id}"
    if recipient != standing.house.id:
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
    deputies: addressees.Deputies,
) -> Standing:
    institution, inspection = around[clock.institution], around[case.values["inspection"]]
    roles: dict[Role, list[Record]] = {
        "institution_contact": [institution],
        "inspector": [people[user] for user in addressees.team(inspection) if user in people],
        **addressees.joined_by(
            deputies, addressees.supervisors(clock.region, case.values.get("owner") or "", people)
        ),
    }
    recipients, addresses = reached(services, clock.region, roles)
    if head := _head(institution):
        recipients["institution_head"] = (Recipient(institution.id + HEAD, frozenset(head)),)
        addresses |= {(institution.id + HEAD, channel): address for channel, address in head.items()}
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


def reached(
    services: Services, region: str, roles: Mapping[Role, Sequence[Record]]
) -> tuple[dict[str, tuple[Recipient, ...]], dict[tuple[str, str], str]]:
    """Return who is reached in which role, offices among them, and the address by (recipient, channel)."""
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
    _add_offices(services, region, recipients, addresses)
    return recipients, addresses


def _add_offices(
    services: Services,
    region: str,
    recipients: dict[str, tuple[Recipient, ...]],
    addresses: dict[tuple[str, str], str],
) -> None:
    """Let the nearest offices with a robot or a webhook hear of whatever an officer hears of, once a rung."""
    found: dict[str, set[str]] = {}
    for kind, at in offices.nearest(offices.known(services.config.channels_file), addressees.above(region)):
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


def of_institution(standing: Standing, recipient: str) -> bool:
    """Return whether a recipient is the institution's contact or its head."""
    return recipient.removesuffix(HEAD) == standing.house.id


def _head(institution: Record) -> dict[str, str]:
    """Return the addresses of an institution's head by channel, the first of the persons with that post.

    Where one of them is the contact's too, the contact hears of it: one message, not two.
    """
    contact = {address for _, address in _addresses(institution)}
    for one in institution.values.get("contacts") or ():
        if one.get("post") == "head":
            given = {EMAIL: str(one.get("email") or ""), SMS: mobile(one.get("phone")) or ""}
            return {way: address for way, address in given.items() if address and address not in contact}
    return {}


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
    cities = [each for each in addressees.above(region)[:-1] if regions.level(each) == "city"]
    city = regions.name(cities[0], language) if cities else ""
    words = {name: word.format(city=city) for name, word in OFFICE[language].items()}
    path = services.config.home / OFFICE_FILE
    own: Mapping[str, Any] = json.loads(path.read_text("utf-8")) if path.exists() else {}
    return {name: str(own.get(name) or word) for name, word in words.items()}
