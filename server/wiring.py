"""What the shell is made of, built once: clock, randomness, keys, database, the door, files, channels."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from server.commit.queue import Committer
from server.commit.signer import Signer
from server.config import Config
from server.keys import keyring
from server.keys.keyring import Keyring
from server.keys.vault import Vault
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

    @cached_property
    def database(self) -> Database:
        """The database with its two kinds of transaction."""
        return Database(self.engine)

    @cached_property
    def keyring(self) -> Keyring:
        """The key files; raises LedgerStopped naming what is missing."""
        return keyring.read(self.config)

    @cached_property
    def vault(self) -> Vault:
        """Encryption at rest."""
        return Vault(self.keyring.keks, self.random)

    @cached_property
    def signer(self) -> Signer:
        """The signer with its own record."""
        return Signer(self.keyring.ledger, self.config.signer_file)

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
