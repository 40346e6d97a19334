"""What the shell is made of, built once: clock, randomness, keys, database, the door, files, channels."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from server.commit.queue import Committer
from server.commit.signer import Signer
from server.config import Config
from server.keys.keyring import Keyring, Keyrings
from server.keys.vault import Vault
from server.limits import rates
from server.limits.rates import Rates
from server.reminders import calendar
from server.reminders.calendar import Calendar
from server.storage import ledger_store
from server.storage.database import Database
from server.storage.files import FileStore, open_store
from server.storage.ledger_store import Ledger
from sync.errors import LedgerStopped

CALENDARS = Path(__file__).parent / "reminders" / "calendars"
Random = Callable[[int], bytes]
Clock = Callable[[], int]


def system_clock() -> int:
    """Return Unix ms."""
    return time.time_ns() // 1_000_000


def demo_clock(path: Path) -> Clock:
    """Return a clock that runs beside the system's by the offset that a file holds: for demo ledgers only."""

    def now() -> int:
        try:
            offset = int(json.loads(path.read_text())["offset_ms"])
        except (OSError, ValueError, KeyError, TypeError):
            offset = 0
        return system_clock() + offset

    return now


@dataclass
class Services:
    """Everything that views, commands and the scheduler need; tests hand in their own clock and randomness."""

    config: Config
    engine: Engine
    now_ms: Clock = system_clock
    random: Random = os.urandom
    pins: set[str] = field(default_factory=set)
    """Digests of older ledger keys that this ledger is known to have had; see server.keys.served.is_pin."""

    @cached_property
    def database(self) -> Database:
        """The database with its two kinds of transaction."""
        return Database(self.engine)

    @cached_property
    def _keyrings(self) -> Keyrings:
        return Keyrings(self.config)

    @property
    def keyring(self) -> Keyring:
        """The key files as they stand now; raises LedgerStopped naming what is missing."""
        return self._keyrings.now()

    @cached_property
    def vault(self) -> Vault:
        """Encryption at rest."""
        return Vault(lambda: self.keyring.keks, self.random)

    @cached_property
    def signer(self) -> Signer:
        """The signer with its own record."""
        return Signer(lambda: self.keyring.signers, self.config.signer_file)

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger that this process serves."""
        with self.database.reading() as connection:
            found = ledger_store.find_ledger(connection, self.config.origin)
        if self.config.clock_file and not found.demo:
            raise LedgerStopped("WARDLEDGER_CLOCK_FILE is for demo ledgers only")
        return found

    @cached_property
    def door(self) -> Committer:
        """The one door to the ledger."""
        return Committer(
            self.database,
            self.ledger,
            signer=self.signer,
            vault=self.vault,
            now_ms=self.now_ms,
            wait_ms=self.config.commit_wait_ms,
        )

    @cached_property
    def rates(self) -> Rates:
        """How often each phone and address may ask this process."""
        return rates.rates(self.config)

    @cached_property
    def files(self) -> FileStore:
        """Where cipher files lie."""
        return open_store(self.config)

    @cached_property
    def calendar(self) -> Calendar:
        """The working days of the region."""
        return calendar.load((CALENDARS / "CN.json").read_text("utf-8"))

    def now(self) -> datetime:
        """Return the present instant, aware, in UTC."""
        return datetime.fromtimestamp(self.now_ms() / 1000, UTC)

    def today(self) -> date:
        """Return the day that it is where the bureau is."""
        return self.now().astimezone(self.config.zone).date()
