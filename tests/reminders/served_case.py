"""A served case in a fresh installation, and channels that fail as they are told."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from schemas.drafting import Draft
from server.commit.acts import MACHINE, act, new_id
from server.reminders.delivery import Delivery
from server.reminders.messages import Message
from server.reminders.policies import RECTIFICATION
from server.storage import ledger_store, outbox_store, record_store
from server.storage.outbox_store import Posted
from server.wiring import Services
from sync.merge import Record
from tests.server.builders import Installation

CONTACT, LEAD, SUPERVISOR = "contact@hospital.example", "lead@bureau.example", "supervisor@bureau.example"
SECRETS = ("测试乙002", "测试病人丙003", "住院号20260001", "测试甲001", "测试联系人丁004", "0564-7654321")
"""Names and free text of the records below, none of which a message may hold."""


@dataclass
class Bureau:
    """An institution of Jin'an district, an inspector who leads, a supervisor of the city; all demo data."""

    installation: Installation
    institution: str = ""
    lead: str = ""
    supervisor: str = ""
    inspection: str = ""

    @property
    def services(self) -> Services:
        return self.installation.services

    @property
    def now(self) -> datetime:
        return self.services.now()

    def decide(self, *drafts: Draft, user: str | None = None) -> None:
        act(self.services, drafts, user=user or self.supervisor)

    def edit(self, kind: str, record: str, user: str | None = None, **values: Any) -> None:
        """Change some fields of a record from the version it has."""
        with self.services.database.reading() as connection:
            head = ledger_store.head(connection, self.services.ledger.id)
        base = (head.epoch, self.record(record).version)
        self.decide(Draft("edit", kind, record, values, base=base), user=user)

    def other_supervisor(self) -> str:
        """Return a second supervisor of the same region, whom nobody knew before."""
        other = new_id(self.services)
        values = {"login": "other", "display_name": "测试甲009", "region": "341500"}
        act(self.services, [Draft("create", "user", other, values, add={"roles": ["supervisor"]})])
        return other

    def record(self, record: str) -> Record:
        with self.services.database.reading() as connection:
            vault = self.services.vault.session(connection, self.services.ledger.id)
            return record_store.load(connection, vault, [record])[record]

    def reminders(self) -> list[Mapping[str, Any]]:
        """Return the reminder records in the order of the ledger."""
        with self.services.database.reading() as connection:
            vault = self.services.vault.session(connection, self.services.ledger.id)
            every = record_store.selected(self.services.ledger.id, "reminder")
            found = record_store.query(connection, vault, every)
        return [record.values for record in sorted(found, key=lambda record: record.version)]

    def entries(self) -> list[dict[str, Any]]:
        """Return the ledger's entries of the kind `reminder`."""
        with self.services.database.reading() as connection:
            every = ledger_store.all_entries(connection, self.services.ledger.id)
            told = [json.loads(line) for _, line, _ in every]
        return [entry for entry in told if entry["kind"] == "reminder"]

    def outbox(self, case: str) -> list[Posted]:
        with self.services.database.reading() as connection:
            return outbox_store.of_case(connection, self.services.ledger.id, case)


def bureau(installation: Installation, contact_email: str | None = CONTACT, number: int = 1) -> Bureau:
    """Make a bureau with an inspection on site."""
    services = installation.services
    made = Bureau(installation, *(new_id(services) for _ in range(4)))
    institution = {
        "fixmedins_code": f"H341502{number:05d}",
        "name": f"六安市测试第{number:03d}医院",
        "kind": "hospital",
        "region": "341502",
        "contact_name": SECRETS[4],
        "contact_phone": SECRETS[5],
    }
    if contact_email:
        institution["contact_email"] = contact_email
    lead = {"login": f"lead{number}", "display_name": SECRETS[0], "region": "341502", "email": LEAD}
    supervisor = {
        "login": f"supervisor{number}",
        "display_name": SECRETS[3],
        "region": "341500",
        "email": SUPERVISOR,
    }
    made.decide(
        Draft("create", "institution", made.institution, institution),
        Draft("create", "user", made.lead, lead, add={"roles": ["inspector"]}),
        Draft("create", "user", made.supervisor, supervisor, add={"roles": ["supervisor"]}),
        user=MACHINE,
    )
    inspection = {
        "kind": "routine_check",
        "mode": "open",
        "institution": made.institution,
        "lead": made.lead,
        "planned_on": "2026-11-16",
        "stage": {"from": "draft", "to": "approved"},
    }
    made.decide(
        Draft("create", "inspection", made.inspection, inspection, add={"members": [made.lead]}),
    )
    return made


def served_case(
    bureau: Bureau, *, due_on: str = "2026-12-08", acknowledged: bool = True, **changes: Any
) -> str:
    """Open a case with one finding, served on Tuesday 17 November 2026 and acknowledged, due 15 working days later."""
    services = bureau.services
    finding, case = new_id(services), new_id(services)
    found = {
        "inspection": bureau.inspection,
        "violation_code": "bed_hanging",
        "facts": f"患者{SECRETS[1]}（{SECRETS[2]}）不在床",
        "amount_fen": 123_456,
        "origin": "on_site",
    }
    bureau.decide(Draft("create", "finding", finding, found, add={"persons": [SECRETS[1]]}), user=bureau.lead)
    values = {
        "inspection": bureau.inspection,
        "institution": bureau.institution,
        "number": "LA-2026-15",
        "served_on": "2026-11-17",
        "working_days": 15,
        "due_on": due_on,
        "due_version": 1,
        "stage": {"from": "assigned", "to": "notified"},
        **changes,
    }
    values = {name: value for name, value in values.items() if value is not None}
    bureau.decide(Draft("create", "rectification_case", case, values, add={"findings": [finding]}))
    if acknowledged and "stage" not in changes:
        step = {"stage": {"from": "notified", "to": "rectifying"}}
        bureau.decide(Draft("edit", "rectification_case", case, step))
    return case


def shipped_rungs() -> tuple[Mapping[str, Any], ...]:
    """Return the ladder that the program brings along, as somebody would lay it down."""
    return tuple(
        {"name": one.name, "roles": one.roles, "channels": one.channels, "task": one.task}
        for one in RECTIFICATION.rungs
    )


@dataclass
class FakeChannel:
    """A channel that keeps what it is given and answers as it is told.

    answer: what it says to the next message, until it is changed; raising: what it raises after keeping it
    """

    answer: Delivery = field(default_factory=lambda: Delivery("sent", "250"))
    raising: BaseException | None = None
    kept: list[tuple[str, Message, str]] = field(default_factory=list)
    before: Callable[[], None] | None = None

    def send(self, address: str, message: Message, *, name: str, at: datetime) -> Delivery:
        if self.before is not None:
            self.before()
        self.kept.append((address, message, name))
        if self.raising is not None:
            raise self.raising
        return replace(self.answer)

    @property
    def addresses(self) -> list[str]:
        return [address for address, _, _ in self.kept]
