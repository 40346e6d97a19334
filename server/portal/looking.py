"""One look of an institution's user at one snapshot: its own records, and no way to others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Select

from server.access import own_institution
from server.keys.vault import VaultSession
from server.reminders import working_calendars
from server.reminders.calendar import Calendar
from server.storage import record_store
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.errors import NotFound
from sync.merge import Record


@dataclass(frozen=True)
class Look:
    """Who looks, for which institution, at which snapshot, in which language."""

    services: Services
    connection: Connection
    vault: VaultSession
    user: str
    institution: str
    locale: str = "zh_CN"

    @property
    def today(self) -> date:
        """The day it is in the ledger's zone."""
        return self.services.today()

    @cached_property
    def _calendars(self) -> working_calendars.Calendars:
        return working_calendars.calendars(self.connection, self.services)

    def calendar_of(self, region: str) -> Calendar:
        """Return the working days of a region, by which its deadlines are counted."""
        return self._calendars.of(region)

    def own(self, kind: str) -> Select[Any]:
        """Return a select over what this institution sees of one type."""
        return own_institution.own(self.services.ledger.id, self.institution, kind)

    def records(self, statement: Select[Any]) -> list[Record]:
        """Return the records of a select that began with `own`."""
        return record_store.query(self.connection, self.vault, statement)

    def one(self, kind: str, record: str) -> Record:
        """Return one of its own records; raises NotFound, for another institution's just as for none."""
        found = self.records(self.own(kind).where(TABLE.c.id == record))
        if not found:
            raise NotFound(item=record)
        return found[0]

    def of_case(self, kind: str, case: str) -> list[Record]:
        """Return its own records of a type that name a case, oldest first."""
        every = self.records(self.own(kind).order_by(TABLE.c.id))
        return [one for one in every if one.values.get("case") == case]

    def named(self, ids: Iterable[str | None]) -> dict[str, Record]:
        """Return what its own records name: its institution, a case's findings and their inspections."""
        return record_store.load(self.connection, self.vault, {each for each in ids if each})


@contextmanager
def looking_as(services: Services, user: str, locale: str = "zh_CN") -> Iterator[Look]:
    """Yield a look; raises NotAllowed for whoever belongs to no institution."""
    ledger = services.ledger.id
    with services.database.reading() as connection:
        institution = own_institution.institution_of(connection, ledger, user)
        vault = services.vault.session(connection, ledger)
        yield Look(services, connection, vault, user, institution, locale)
        vault.committed()
