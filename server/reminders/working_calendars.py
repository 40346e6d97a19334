"""The working days of each region as the records say: read once for as many regions as are asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

from sqlalchemy import Connection

from schemas.records.working_calendar import IN_FORCE
from server.reminders import calendar as working_days
from server.reminders.calendar import Calendar
from server.reminders.year_tables import YearTable, assemble
from server.storage import record_store
from server.storage.record_store import TABLE
from sync.merge import Record
from sync.rules import NATION

if TYPE_CHECKING:
    from server.wiring import Services

KIND = "working_calendar"
TABLES_MAX = 5_000
"""Region-years that are looked at: a province's counties for several years."""


@cache
def shipped() -> Calendar:
    """Return the working days of the tables that the program brings along."""
    table = resources.files("server.reminders") / "calendars" / "CN.json"
    return working_days.load(table.read_text(encoding="utf-8"))


class Calendars:
    """The calendar of any region on one day, each assembled once."""

    def __init__(self, tables: Sequence[YearTable], today: date):
        self.tables = tuple(tables)
        self.today = today
        self._known: dict[str, Calendar] = {}

    def of(self, region: str) -> Calendar:
        """Return the working days of a region."""
        if region not in self._known:
            self._known[region] = assemble(shipped(), self.tables, region, self.today)
        return self._known[region]


def calendars(connection: Connection, services: Services) -> Calendars:
    """Return the calendars as they stand: tables that are in force, and those that the program brings along."""
    found = [table_of(one) for one in records(connection, services, IN_FORCE)]
    return Calendars(found, services.today())


def of(services: Services, region: str) -> Calendar:
    """Return the working days of one region."""
    with services.database.reading() as connection:
        return calendars(connection, services).of(region)


def of_record(services: Services, record: str) -> Calendar:
    """Return the working days where a record lies; everywhere's, where there is no such record."""
    with services.database.reading() as connection:
        found = record_store.places(connection, services.ledger.id, [record])
        return calendars(connection, services).of(found[record].region if record in found else NATION)


def records(connection: Connection, services: Services, *stages: str) -> list[Record]:
    """Return the imported tables in some stages, all unless told, the newest last."""
    vault = services.vault.session(connection, services.ledger.id)
    every = record_store.selected(services.ledger.id, KIND)
    if stages:
        every = every.where(TABLE.c.stage.in_(stages))
    found = record_store.query(connection, vault, every.order_by(TABLE.c.id.desc()).limit(TABLES_MAX))
    vault.committed()
    return found[::-1]


def table_of(record: Record) -> YearTable:
    """Return what a record says of a year."""
    values = record.values
    return YearTable(
        record=record.id,
        region=str(values["region"]),
        year=int(values["year"]),
        valid_from=date.fromisoformat(values["valid_from"]),
        version=record.version,
        published=values["standing"] == "published",
        off=frozenset(map(date.fromisoformat, values.get("holidays", ()))),
        working=frozenset(map(date.fromisoformat, values.get("makeup_days", ()))),
    )
