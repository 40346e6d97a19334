"""`python -m tests.benchmarks [--quick]`: measure, print the tables, write var/bench/latest.json.

Only what a run of this machine shows; nothing here asserts a goal. Where PostgreSQL is not installed its
part is left out, and said to be.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from tests.benchmarks import peers, report, usage
from tests.benchmarks.measure import Figures, NewDatabase, Told, measure
from tests.benchmarks.scale import FULL, QUICK, Scale
from tests.services.granian import ROOT
from tests.services.postgres import INSTALL, PostgresServer, programs
from tests.services.processes import ServiceFailed

SQLITE, POSTGRES = "SQLite", "PostgreSQL"
PREFIX = {SQLITE: "", POSTGRES: "pg_"}


def run(scale: Scale, told: Told, *, postgres: bool = True) -> dict[str, Figures]:
    """Return the figures by the database's name; postgres: whether to measure it too."""
    found: dict[str, Figures] = {}
    with tempfile.TemporaryDirectory(prefix="wardledger-bench-") as folder:
        found[SQLITE] = measure(scale, sqlite_databases(Path(folder)), lambda what: told(f"{SQLITE}: {what}"))
    if postgres:
        with PostgresServer() as server:
            new = server.create_database
            # Growing a ledger takes minutes, and what it shows does not depend on the database. The syncs that
            # a shim makes slow are this process's own; PostgreSQL syncs in its own processes.
            less = replace(scale, growth=(), slow_sync=False)
            found[POSTGRES] = measure(less, new, lambda what: told(f"{POSTGRES}: {what}"))
    return found


def sqlite_databases(folder: Path) -> NewDatabase:
    """Return a function that names another empty database in a folder at every call."""
    numbers = iter(range(1, 1000))
    return lambda: f"sqlite:///{folder / f'ledger-{next(numbers)}.sqlite'}"


def has_postgres() -> bool:
    """Say whether PostgreSQL's programs are on this machine."""
    try:
        programs()
    except ServiceFailed:
        return False
    return True


def body_of(scale: Scale, found: dict[str, Figures], began: float) -> dict[str, report.Value]:
    """Return the flat object of a run."""
    about: dict[str, report.Value] = {
        "machine": usage.machine(),
        "versions": usage.versions(),
        "measured_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "quick": scale is QUICK,
        "took_s": round(time.monotonic() - began, 1),
        "load_average": round(usage.load_average(), 2),
    }
    return report.flat(scale, {PREFIX[name]: figures for name, figures in found.items()}, about)


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller counts: under a minute on two cores")
    scale = QUICK if parser.parse_args().quick else FULL
    console = Console(width=None if Console().is_terminal else report.WIDTH)
    began = time.monotonic()
    postgres = has_postgres()
    with console.status("starting") as status:
        found = run(scale, status.update, postgres=postgres)
        beside = peers.measure(status.update) if scale.peers else {}
    body = body_of(scale, found, began) | {f"peer: {name}": figure for name, figure in beside.items()}
    report.tables(console, scale, found)
    if beside:
        console.print(report.peers(beside))
    if not postgres:
        console.print(f"PostgreSQL was not measured: {INSTALL}")
    path = report.write(body, ROOT)
    console.print(f"{body['machine']}; load average {body['load_average']}\n{body['versions']}")
    console.print(f"written to {path.relative_to(ROOT)} after {body['took_s']} s", highlight=False)


if __name__ == "__main__":
    main()
