"""A real PostgreSQL server on loopback, with a fresh database for every test that asks."""

from __future__ import annotations

import functools
import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psycopg
from psycopg import sql

from tests.services.processes import LOOPBACK, ServiceFailed, free_port, start, stop, tail, wait_until

OWNER = "wardledger"
STARTED_SECONDS_MAX = 30
DEBIAN_FOLDER = Path("/usr/lib/postgresql")
INSTALL = "PostgreSQL's initdb is not on this machine; on Debian: apt-get install postgresql"
# PostgreSQL refuses to run as root, so root lends it one of these accounts.
UNPRIVILEGED = ("postgres", "nobody")


@functools.cache
def programs() -> Path:
    """Return the folder of the newest initdb and postgres; raises ServiceFailed when there is none."""
    debian = sorted(DEBIAN_FOLDER.glob("*/bin/initdb"), key=lambda path: float(path.parents[1].name))
    if debian:
        return debian[-1].parent
    found = shutil.which("initdb")
    if found is None:
        raise ServiceFailed(INSTALL)
    return Path(found).resolve().parent


class PostgresServer:
    """A server of its own in a temporary folder; a context manager, gone without a trace afterwards."""

    def __init__(self, *, fsync: bool = True, settings: dict[str, str] | None = None):
        """Prepare a server; nothing runs before `start`.

        fsync: off makes commits volatile and quicker, for tests that never pull the plug
        settings: further lines for postgresql.conf
        """
        self.port = free_port()
        durability = "on" if fsync else "off"
        self.settings = {
            "listen_addresses": f"'{LOOPBACK}'",
            "port": str(self.port),
            "fsync": durability,
            "synchronous_commit": durability,
            "full_page_writes": durability,
            "max_connections": "60",
            "shared_buffers": "'64MB'",
            "timezone": "'UTC'",
            "log_min_messages": "warning",
        } | (settings or {})
        self.user = _unprivileged_user()
        self._numbers = itertools.count(1)
        self._templates: dict[str, str] = {}
        self._folder: Path | None = None
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """Return where the server's own words are kept."""
        assert self._folder is not None, "start the server first"
        return self._folder / "log"

    def start(self) -> Self:
        """Make the data folder unless it is there, start, and return once connections are taken."""
        bin_folder = programs()
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="wardledger-postgres-"))
            self._make_cluster(bin_folder)
        data = self._folder / "data"
        self._process = start(
            [bin_folder / "postgres", "-D", data, "-k", self._folder],
            log=self.log,
            user=self.user,
            cwd=self._folder,
        )
        wait_until(self.is_ready, self._process, log=self.log, seconds=STARTED_SECONDS_MAX, what="PostgreSQL")
        return self

    def is_ready(self) -> bool:
        """Say whether the server takes connections."""
        try:
            self._administer()
        except psycopg.OperationalError:
            return False
        return True

    def kill(self) -> None:
        """End the server as a power cut would; `start` recovers what was committed."""
        assert self._process is not None, "start the server first"
        # SIGQUIT: every backend dies at once and nothing is flushed, but the shared memory is released.
        stop(self._process, by=signal.SIGQUIT)
        self._process = None

    def stop(self) -> None:
        """End the server and remove its folder; harmless when it never ran."""
        if self._process is not None:
            stop(self._process, by=signal.SIGINT)
            self._process = None
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def create_database(self, *, template: str | None = None) -> str:
        """Return the URL of a new database, empty or a copy of what `make_template` made."""
        name = f"test_{next(self._numbers)}"
        source = self._templates[template] if template else "template0"
        self._administer(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source))
        )
        return self.url(name)

    def make_template(self, name: str, prepare: Callable[[str], object]) -> None:
        """Let `prepare(url)` fill a database once, which `create_database(template=name)` then copies.

        `prepare` must have closed its connections when it returns: a database in use cannot be copied.
        """
        if name not in self._templates:
            url = self.create_database()
            prepare(url)
            self._templates[name] = url.rpartition("/")[2]

    def drop_database(self, url: str) -> None:
        """Remove a database, with whoever is still connected to it."""
        name = url.rpartition("/")[2]
        self._administer(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def url(self, name: str) -> str:
        """Return the address of a database in SQLAlchemy's form."""
        return f"postgresql+psycopg://{OWNER}@{LOOPBACK}:{self.port}/{name}"

    def _administer(self, statement: sql.Composed | None = None) -> None:
        with psycopg.connect(
            host=LOOPBACK,
            port=self.port,
            user=OWNER,
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        ) as connection:
            if statement is not None:
                connection.execute(statement)

    def _make_cluster(self, bin_folder: Path) -> None:
        assert self._folder is not None
        if self.user is not None:
            account = pwd.getpwnam(self.user)
            os.chown(self._folder, account.pw_uid, account.pw_gid)
        data = self._folder / "data"
        options = ["--auth=trust", f"--username={OWNER}", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"]
        initdb = start(
            [bin_folder / "initdb", "-D", data, *options],
            log=self.log,
            user=self.user,
            cwd=self._folder,
        )
        if initdb.wait(STARTED_SECONDS_MAX) != 0:
            raise ServiceFailed(f"initdb failed:\n{tail(self.log)}")
        with (data / "postgresql.auto.conf").open("a", encoding="utf-8") as configuration:
            configuration.writelines(f"{name} = {value}\n" for name, value in self.settings.items())

    def __enter__(self) -> Self:
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _unprivileged_user() -> str | None:
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise ServiceFailed(f"PostgreSQL does not run as root, and none of {UNPRIVILEGED} is an account here")
