"""Making an installation: folders, keys, tables, an empty ledger; and opening one that is there."""

from __future__ import annotations

import os

from flask import Flask

from server.app import EXTENSION, create_app
from server.commit.founding import found_ledger
from server.config import Config
from server.keys import declared, keyring
from server.storage import schema
from server.storage.ledger_store import has_ledger
from server.wiring import Clock, Random, Services
from sync.errors import LedgerStopped

EPOCH_BYTES = 16


def initialise(
    config: Config, *, demo: bool = False, now_ms: Clock | None = None, random: Random = os.urandom
) -> Flask:
    """Make a new installation and return its application; raises LedgerStopped if there is one already.

    Keys that are there are never overwritten; where an earlier attempt broke off before its ledger was
    founded, they are used.
    """
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not (config.keys_dir / keyring.LEDGER_FILE).exists():
        keyring.create(config, random)
    app = create_app(config, now_ms=now_ms, random=random)
    here = services(app)
    schema.upgrade(here.engine)
    if is_founded(here):
        raise LedgerStopped(f"{config.home} holds a ledger already; nothing was done")
    found_ledger(
        here.database,
        here.signer,
        origin=config.origin,
        epoch=random(EPOCH_BYTES).hex(),
        demo=demo,
        at=here.now_ms(),
    )
    declared.declare(here)
    return app


def is_founded(here: Services) -> bool:
    """Return whether the installation has a ledger, whatever its name."""
    with here.database.reading() as connection:
        return has_ledger(connection)


def services(app: Flask) -> Services:
    """Return the services of an application."""
    found = app.extensions[EXTENSION]
    assert isinstance(found, Services)
    return found
