"""PostgreSQL's own programs and schemas, as backing up and putting back need them."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
from pathlib import Path

from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo
from sqlalchemy import inspect, make_url
from sqlalchemy.sql.elements import quoted_name

from server.config import environment_for
from server.wiring import Services
from sync.errors import BackupUnsound, NotFound, StorageFull

DEBIAN_FOLDER = Path("/usr/lib/postgresql")
PUBLIC = "public"


def program(name: str) -> Path:
    """Return one of PostgreSQL's client programs, the newest that is here; raises NotFound."""
    debian = sorted(DEBIAN_FOLDER.glob(f"*/bin/{name}"), key=lambda path: float(path.parents[1].name))
    found = debian[-1] if debian else shutil.which(name)
    if found is None:
        raise NotFound(f"{name} is not on this machine; install PostgreSQL's client (postgresql-client)")
    return Path(found)


def address_of(services: Services) -> tuple[str, dict[str, str]]:
    """Return a program's word for the very address that the server connects to, and its environment.

    The password goes by the environment: no list of processes may show it.
    """
    url = make_url(services.config.database_url)
    _, known = services.engine.dialect.create_connect_args(url)
    options = {option.keyword.decode() for option in Conninfo.get_defaults()} - {"password"}
    words = {name: str(value) for name, value in known.items() if name in options}
    password = {"PGPASSWORD": str(known["password"])} if known.get("password") else {}
    return f"--dbname={make_conninfo(**words)}", {**environment_for(services.config.home), **password}


def run(services: Services, name: str, *words: str) -> None:
    """Run a client program on the installation's database; raises BackupUnsound with its last words, StorageFull."""
    address, environment = address_of(services)
    # In the language in which its last words are looked at.
    environment["LC_ALL"] = "C"
    # The program is PostgreSQL's own, its words are ours and the operator's settings.
    done = subprocess.run(  # noqa: S603
        [str(program(name)), *words, address], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        if os.strerror(errno.ENOSPC) in done.stderr:
            raise StorageFull
        told = done.stderr.strip().splitlines() or [str(done.returncode)]
        raise BackupUnsound(f"{name}: {told[-1]}")


def pg_restore(services: Services, dump: Path) -> None:
    """Restore the tables of a dump into the empty public schema, in one transaction."""
    words = ("--single-transaction", "--exit-on-error", "--no-owner", f"--schema={PUBLIC}")
    run(services, "pg_restore", *words, str(dump))


def put_aside(services: Services, wanted: str) -> str:
    """Rename the public schema, with all that is in it, and make a new empty one; returns the name it got."""
    program("pg_restore")
    with services.engine.connect() as connection:
        taken = set(inspect(connection).get_schema_names())
    names = (f"{wanted}_{n}" if n else wanted for n in range(10**6))
    name = next(each for each in names if each not in taken)
    _execute(
        services, f"ALTER SCHEMA {PUBLIC} RENAME TO {quoted_name(name, True)}", f"CREATE SCHEMA {PUBLIC}"
    )
    return name


def take_back(services: Services, name: str) -> None:
    """Undo `put_aside`: the new public schema goes, the old one comes back."""
    _execute(
        services,
        f"DROP SCHEMA {PUBLIC} CASCADE",
        f"ALTER SCHEMA {quoted_name(name, True)} RENAME TO {PUBLIC}",
    )


def drop(services: Services, name: str) -> None:
    """Drop what was put aside and holds nothing."""
    _execute(services, f"DROP SCHEMA {quoted_name(name, True)} CASCADE")


def _execute(services: Services, *statements: str) -> None:
    services.engine.dispose()
    with services.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    services.engine.dispose()
