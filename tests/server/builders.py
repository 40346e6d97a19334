"""Installations for tests: a fresh ledger on a given database, with a clock that the test moves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from server.config import load
from server.operations.installation import initialise, services
from server.wiring import Services

START_MS = 1_794_880_800_000
"""2026-11-17 10:00 in Shanghai, a Tuesday."""
ORIGIN = "ledger.test/luan"
URL = "http://wardledger.test"
FOUNDING = 4
"""Entries of a ledger to which nothing was done yet: its public keys."""


@dataclass
class Clock:
    """A clock that stands until the test moves it."""

    now: int = START_MS

    def __call__(self) -> int:
        return self.now

    def advance(self, *, seconds: float = 0, days: float = 0) -> None:
        """Move on."""
        self.now += int((seconds + days * 86_400) * 1000)


@dataclass
class Installation:
    """A fresh installation with an empty ledger."""

    app: Flask
    clock: Clock

    @property
    def services(self) -> Services:
        """The installation's services."""
        return services(self.app)


def install(home: Path, database_url: str, *, real_time: bool = False, **settings: str) -> Installation:
    """Make an installation in `home` on an empty database; its clock stands unless it runs in real time."""
    clock = Clock()
    given = {
        "WARDLEDGER_HOME": str(home),
        "WARDLEDGER_DATABASE_URL": database_url,
        "WARDLEDGER_ORIGIN": ORIGIN,
        "WARDLEDGER_URL": URL,
        **settings,
    }
    return Installation(initialise(load(given), demo=True, now_ms=None if real_time else clock), clock)
