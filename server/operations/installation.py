"""Making an installation: folders, keys, tables, an empty ledger; and opening one that is there."""

from __future__ import annotations

import os

from flask import Flask

from server.app import EXTENSION, create_app
from server.commit.founding import found_ledger
from server.config import Config
from server.keys import keyring
from server.storage import schema
from server.wiring import Clock, Random, Services

EPOCH_BYTES = 16


def initialise(
    config: Config, *, demo: bool = False, now_ms: Clock | None = None, random: Random = os.urandom
) -> Flask:
    """Make a new installation and return its application; raises LedgerStopped if there are keys already."""
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    keyring.create(config, random)
    app = create_app(config, now_ms=now_ms, random=random)
    here = services(app)
    schema.upgrade(here.engine)
    found_ledger(
        here.database,
        here.signer,
        origin=config.origin,
        epoch=random(EPOCH_BYTES).hex(),
        demo=demo,
        at=here.now_ms(),
    )
    return app


def services(app: Flask) -> Services:
    """Return the services of an application."""
    found = app.extensions[EXTENSION]
    assert isinstance(found, Services)
    return found
