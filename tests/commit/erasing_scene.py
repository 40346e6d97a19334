"""A city in which somebody may erase, and what a test looks for after an erasure: the plain words, everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import select

from server.accounts.users import check, enlist
from server.commit.acts import act
from server.commit.erasing import opened
from server.commit.submission import Erase, Result
from server.commit.work import QUARANTINE_PURPOSE
from server.storage import device_store, erased_store, record_store
from server.storage.erased_store import PRIVATE
from sync import lines
from sync.merge import Record
from tests.server.builders import Installation
from tests.server.pushing import City, live_through_much, user


@dataclass
class Bureau:
    """A city with a leader and a legal reviewer; finding: one that two phones worked on."""

    city: City
    leader: str
    reviewer: str
    finding: str

    @property
    def installation(self) -> Installation:
        """The installation."""
        return self.city.installation

    def erase(self, *records: str, **more: Any) -> Result:
        """Erase what is said of some records, on an order that overrides, unless said otherwise."""
        said = {"user": self.leader, "second": self.reviewer, "basis": "court_order", **more}
        services = self.installation.services
        self.installation.clock.advance(seconds=1)
        return services.door.submit(Erase(records=records or (self.finding,), at=services.now_ms(), **said))

    def record(self, key: str = "") -> Record:
        """Return a record as its row has it."""
        services = self.installation.services
        with services.database.reading() as connection:
            vault = services.vault.session(connection, services.ledger.id)
            return record_store.load(connection, vault, [key or self.finding])[key or self.finding]

    def private_lines(self) -> list[bytes]:
        """Return every private line that the database holds anywhere: beside bodies, in records, in quarantine."""
        services = self.installation.services
        ledger = services.ledger.id
        with services.database.reading() as connection:
            vault = services.vault.session(connection, ledger)
            found = [opened(vault, bytes(row.sealed)) for row in connection.execute(select(PRIVATE))]
            for row in record_store.everything(connection, ledger):
                if row.private:
                    found += vault.open(row.root, record_store.PURPOSE, bytes(row.private)).split(b"\n")
            for one in device_store.quarantined(connection, ledger):
                found += vault.open(one.device, QUARANTINE_PURPOSE, one.sealed).split(b"\n")
            return found

    def holds(self, words: str) -> bool:
        """Return whether some words stand anywhere in what the database keeps private."""
        return any(words.encode() in line for line in self.private_lines())

    def erased(self) -> set[str]:
        """Return the digests of what was erased."""
        services = self.installation.services
        with services.database.reading() as connection:
            return {one.digest for one in erased_store.everything(connection, services.ledger.id)}


def bureau_of(city: City) -> Bureau:
    """Give a city a leader and a legal reviewer; its finding is the one with the most acts, if it has any."""
    people = [
        user(city.installation, "boss", "测试甲901", "leader"),
        user(city.installation, "law", "测试甲902", "legal_reviewer"),
    ]
    act(city.installation.services, people, kind="setting")
    services = city.installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.query(connection, vault, record_store.selected(services.ledger.id, "finding"))
    most = max(found, key=lambda one: len(one.acts), default=None)
    return Bureau(city, people[0].record, people[1].record, most.id if most else "")


def lived_through(installation: Installation, folder: Path) -> Bureau:
    """Return a bureau in whose ledger nearly everything happened."""
    return bureau_of(live_through_much(installation, folder))


def digests(found: Iterable[bytes]) -> set[str]:
    """Return the digests of lines."""
    return {lines.digest(line) for line in found}


def with_logins(bureau: Bureau, *, facts: str) -> Bureau:
    """Return the bureau with two persons who erase by command, and a finding that reached it by phone."""
    for login, role in (("chief", "leader"), ("jurist", "legal_reviewer")):
        person = check(login=login, name="测试甲950", roles=[role], region="341500")
        enlist(bureau.installation.services, person, "correct horse 2026")
    draft = bureau.city.finding(facts=facts)
    bureau.city.phones[0].push(draft)
    bureau.finding = draft.record
    return bureau
