"""Whether anything works on this installation: what serves holds a lock, what puts databases back wants it alone.

A lock of the file system goes with its process, however that ends, and with the workers that were forked from it.
"""

from __future__ import annotations

import contextlib
import fcntl
from collections.abc import Iterator

from sqlalchemy import text

from server.config import Config
from server.wiring import Services
from sync.errors import Refusal

FILE = "running.lock"


class StillRunning(Refusal):
    """A server or scheduler works on this installation; nothing was done."""

    code = "still_running"
    next = "Stop `wardledger serve` and `wardledger scheduler` on every node, then run the command again."


@contextlib.contextmanager
def working(config: Config) -> Iterator[None]:
    """Hold the installation as one of those that work on it; raises StillRunning while it is being put back."""
    with _held(config, fcntl.LOCK_SH, "the installation is being restored, recovered or upgraded"):
        yield


@contextlib.contextmanager
def alone(services: Services) -> Iterator[None]:
    """Hold the installation alone; raises StillRunning while a server or scheduler works on it, here or elsewhere."""
    with _held(services.config, fcntl.LOCK_EX, "a server or scheduler works on this installation"):
        _no_other_connection(services)
        yield


@contextlib.contextmanager
def _held(config: Config, kind: int, why: str) -> Iterator[None]:
    config.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (config.home / FILE).open("w") as lock:
        try:
            fcntl.flock(lock, kind | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise StillRunning(f"{why}; nothing was done") from error
        yield


def _no_other_connection(services: Services) -> None:
    """Ask a database server who else is connected: other nodes have locks of their own."""
    if services.engine.dialect.name == "sqlite":
        return
    services.engine.dispose()
    with services.engine.connect() as connection:
        others = connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        ).scalar_one()
    if others:
        raise StillRunning(f"{others} other connections to the database are open; nothing was done")
