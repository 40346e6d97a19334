"""Installations for tests: a fresh ledger on a given database, with a clock that the test moves."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy import create_engine, make_url

from server.accounts import credentials
from server.config import load
from server.operations.installation import initialise, services
from server.storage import schema
from server.wiring import Services
from tests.tiers import forbid_unmarked_installation

START_MS = 1_794_880_800_000
"""2026-11-17 10:00 in Shanghai, a Tuesday."""
ORIGIN = "ledger.test/luan"
URL = "http://wardledger.test"
FOUNDING = 4
"""Entries of a ledger to which nothing was done yet: its public keys."""

# A world has half a dozen people with passwords: hashed at full strength they cost more than all that they then do.
# tests/accounts puts the strength of the product back.
credentials.HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class _Templates(BytecodeCache):
    """Keeps templates compiled from one application to the next; each would compile them anew."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give a template its code, if it was kept; jinja compares the checksum of the source."""
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template's code."""
        self._kept[bucket.key] = bucket.bytecode_to_string()


TEMPLATES = _Templates()


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
    forbid_unmarked_installation()
    _begin_with_tables(database_url)
    clock = Clock()
    given = {
        "WARDLEDGER_HOME": str(home),
        "WARDLEDGER_DATABASE_URL": database_url,
        "WARDLEDGER_ORIGIN": ORIGIN,
        "WARDLEDGER_URL": URL,
        # Fuzzing and tables of cases ask as one phone, thousands of times; tests/limits sets limits of its own.
        "WARDLEDGER_RATE_DEVICE": "0",
        **settings,
    }
    app = initialise(load(given), demo=True, now_ms=None if real_time else clock)
    app.jinja_env.bytecode_cache = TEMPLATES
    return Installation(app, clock)


def lay_tables(url: str) -> None:
    """Bring an empty database to the newest revision, as the making of an installation does."""
    engine = create_engine(url)
    schema.upgrade(engine)
    engine.dispose()


def _begin_with_tables(url: str) -> None:
    """Let a new SQLite file begin as a copy of one that has all tables: hundreds of tests would each migrate it."""
    place = make_url(url)
    if place.get_backend_name() == "sqlite" and place.database and not Path(place.database).exists():
        Path(place.database).parent.mkdir(parents=True, exist_ok=True)
        Path(place.database).write_bytes(_empty_file())


@cache
def _empty_file() -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "empty.db"
        lay_tables(f"sqlite:///{path}")
        return path.read_bytes()
