"""One reader's look at one snapshot of the ledger's records."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Select, func, select

from server.access import may_see, scope
from server.keys.vault import VaultSession
from server.reminders import working_calendars
from server.reminders.calendar import Calendar
from server.rounds.local_rules import LocalRules, holding, known
from server.storage import grant_store, record_store
from server.storage.record_store import TABLE
from server.wiring import Services
from sync.errors import BadValue, Refusal
from sync.merge import Record
from sync.rules import NATION, Grants

PAGE_SIZE = 50
PAGES_MAX = 10_000
ANY_INDEX = 2**53
"""Grants are asked as they stand now: beyond every index."""


@dataclass(frozen=True)
class Reading:
    """A reader, a snapshot, and the language in which the few words of a query are given."""

    services: Services
    connection: Connection
    vault: VaultSession
    user: str
    locale: str = "zh_CN"

    def visible(self, *kinds: str) -> Select[Any]:
        """Return a select over the live records of some types that this reader may see."""
        ledger, grants = self.services.ledger.id, self.grants.rows
        return scope.visible(self.connection, ledger, self.user, *kinds, grants=grants)

    def records(self, statement: Select[Any]) -> list[Record]:
        """Return the records of a select that began with `visible`, as far as this reader may see them."""
        return [self.seen(one) for one in record_store.query(self.connection, self.vault, statement)]

    def named(self, ids: Iterable[str | None]) -> dict[str, Record]:
        """Return records that visible ones name, such as their users and institutions."""
        found = record_store.load(self.connection, self.vault, {each for each in ids if each})
        return {key: self.seen(one) for key, one in found.items()}

    def seen(self, record: Record) -> Record:
        """Return a record as this reader may see it: without its private fields where his role does not show them."""
        shown = may_see.private_fields(record, self.roles_over(record))
        return record if shown else may_see.without_private(record)

    def one(self, kind: str, record: str) -> Record:
        """Return a visible record; raises NotFound, also for one outside the reader's scope, or Recused."""
        found = self.records(self.visible(kind).where(TABLE.c.id == record))
        if not found:
            raise self.missing(record)
        return found[0]

    def ever(self, kind: str, record: str) -> Record:
        """Return a record that this reader may see, also one that was voided; raises NotFound or Recused."""
        reached = scope.reached(self.connection, self.services.ledger.id, self.user, kind)
        found = self.records(reached.where(TABLE.c.id == record))
        if not found:
            raise self.missing(record)
        return found[0]

    def missing(self, record: str) -> Refusal:
        """Return what tells this reader that a record is not there for him."""
        return scope.missing(self.connection, self.services.ledger.id, self.user, record)

    def count(self, statement: Select[Any]) -> int:
        """Return how many records a select yields."""
        counted = statement.with_only_columns(func.count(), maintain_column_froms=True)
        return int(self.connection.execute(counted).scalar_one())

    def by_stage(self, statement: Select[Any]) -> dict[str, int]:
        """Return how many records a select yields in each stage."""
        grouped = statement.with_only_columns(TABLE.c.stage, func.count(), maintain_column_froms=True)
        return {str(stage): n for stage, n in self.connection.execute(grouped.group_by(TABLE.c.stage))}

    def roles_over(self, record: Record) -> frozenset[str]:
        """Return the roles that the reader has over a record now."""
        return self.grants.roles(self.user, record.root, record.region, ANY_INDEX)

    @cached_property
    def grants(self) -> Grants:
        """What the reader was granted and still has."""
        return grant_store.granted(self.connection, self.services.ledger.id, self.user)

    @cached_property
    def local_rules(self) -> tuple[LocalRules, ...]:
        """What regions have laid down for their rounds."""
        return known(self.services.config.home)

    def fence(self, region: str) -> int:
        """Return how many metres from an institution's position its grounds reach in a region."""
        return holding(self.local_rules, region, self.today).fence_metres

    @cached_property
    def _calendars(self) -> working_calendars.Calendars:
        return working_calendars.calendars(self.connection, self.services)

    def calendar_of(self, region: str) -> Calendar:
        """Return the working days of a region."""
        return self._calendars.of(region)

    @property
    def own_calendar(self) -> Calendar:
        """The working days where none was chosen: those of the widest region of the reader's offices."""
        own = (grant.root for grant in self.grants.rows if grant.root.isdigit())
        return self.calendar_of(min(own, key=len, default=NATION))

    @property
    def today(self) -> date:
        """The day it is in the ledger's zone."""
        return self.services.today()


@contextmanager
def reading(services: Services, user: str, locale: str = "zh_CN") -> Iterator[Reading]:
    """Yield one reader's look at one snapshot."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        yield Reading(services, connection, vault, user, locale)
        vault.committed()


def page_number(text: str | None) -> int:
    """Return a page number from an address; raises BadValue for what is none."""
    if text is None or text == "":
        return 1
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= PAGES_MAX:
        raise BadValue(f"a page is a number from 1 to {PAGES_MAX}", field="page")
    return int(text)


def moment(unix_ms: int) -> datetime:
    """Return Unix ms as an aware UTC datetime."""
    return datetime.fromtimestamp(unix_ms / 1000, UTC)


def oldest_first() -> tuple[Any, Any]:
    """Return the order in which records last moved, by the ledger and never by a phone's clock."""
    return (TABLE.c.version, TABLE.c.id)


__all__ = ["PAGE_SIZE", "TABLE", "Reading", "moment", "oldest_first", "page_number", "reading", "select"]
