"""`python -m tests.benchmarks.imports [--rows N]`: how long a census holds the ledger's lock, and what it costs.

Three imports of one city: everybody new, the same list again, every bed changed. `lock` is the time in
which no phone's set is committed; the rest needs no lock. For the lock without judging ahead, which is
what every other submission pays for its changes, the last column judges the same rows under the lock.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from rich.console import Console
from rich.table import Table

from server.commit import queue
from server.commit.queue import Committer
from server.commit.submission import Import
from server.demo import city, patients
from server.imports.census import import_census
from server.imports.institutions import import_institutions
from server.wiring import Services
from tests.benchmarks import usage
from tests.benchmarks.__main__ import POSTGRES, SQLITE, has_postgres, sqlite_databases
from tests.server.builders import install
from tests.services.postgres import PostgresServer

SEED, SCALE, DAY = 1, 0.5, date(2026, 11, 17)
HEAD = ("fixmedins_code", *patients.COLUMNS)
BED = HEAD.index("bed")
NUMBER = HEAD.index("mdtrt_id")


@dataclass(frozen=True)
class Figure:
    """One import: what it was, its rows, seconds in all, processor seconds, seconds under the lock."""

    what: str
    rows: int
    total_s: float
    cpu_s: float
    lock_s: float


def rows_of_a_city(count: int) -> list[list[str]]:
    """Return the rows of a census of several hospitals, in as many copies as it takes."""
    hospitals = sorted((one for one in city.institutions(SEED, SCALE) if one.beds), key=lambda one: -one.beds)
    rows = [
        [one.fixmedins_code, *row]
        for one in hospitals
        for row in csv.reader(city.census_csv(one.fixmedins_code, SEED, DAY).splitlines()[1:])
    ]
    copies = [
        [*row[:NUMBER], f"{row[NUMBER]}-{copy}", *row[NUMBER + 1 :]]
        for copy in range(1 + count // len(rows))
        for row in rows
    ]
    return copies[:count]


def write(path: Path, rows: list[list[str]]) -> Path:
    """Write the rows as a file to import."""
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    return path


@contextmanager
def locks(*, ahead: bool) -> Iterator[list[float]]:
    """Yield the seconds of each commit of an import; ahead: whether rows may be judged before the lock."""
    found: list[float] = []
    commit, look = Committer._commit, queue.look_ahead

    def timed(door: Committer, submissions: list[object]) -> object:
        began = time.perf_counter()
        try:
            return commit(door, submissions)  # type: ignore[arg-type]
        finally:
            if any(isinstance(one, Import) for one in submissions):
                found.append(time.perf_counter() - began)

    Committer._commit = timed  # type: ignore[assignment,method-assign]
    if not ahead:
        queue.look_ahead = lambda _database, _ledger, _vault, given: given  # type: ignore[attr-defined]
    yield found
    Committer._commit = commit  # type: ignore[method-assign]
    queue.look_ahead = look  # type: ignore[attr-defined]


def measure(
    services: Services, folder: Path, count: int, told: Callable[[str], None], *, ahead: bool
) -> list[Figure]:
    """Return the figures of three imports into a fresh ledger."""
    listed = folder / "institutions.csv"
    listed.write_text(city.institutions_csv(SEED, SCALE), "utf-8")
    import_institutions(services, listed)
    rows = rows_of_a_city(count)
    moved = [[*row[:BED], f"9{row[BED]}", *row[BED + 1 :]] for row in rows]
    found: list[Figure] = []
    for what, some in (("everybody new", rows), ("the same again", rows), ("every bed changed", moved)):
        told(what)
        path = write(folder / "census.csv", some)
        with locks(ahead=ahead) as seconds:
            began, busy = time.perf_counter(), time.process_time()
            report = import_census(services, path)
            total, cpu = time.perf_counter() - began, time.process_time() - busy
        found.append(Figure(what, report.rows, total, cpu, sum(seconds)))
    return found


def tables(console: Console, name: str, ahead: list[Figure], plain: list[Figure]) -> None:
    """Print the figures of one database."""
    table = Table(
        name, "rows", "total s", "CPU s", "lock s", "lock s, judged under it", title="Import of a census"
    )
    for one, other in zip(ahead, plain, strict=True):
        seconds = (one.total_s, one.cpu_s, one.lock_s, other.lock_s)
        table.add_row(one.what, f"{one.rows:,}", *(f"{value:.2f}" for value in seconds))
    console.print(table)


def main() -> None:
    """Measure on SQLite and, where it is installed, on PostgreSQL."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.imports", description=__doc__)
    parser.add_argument("--rows", type=int, default=20_000)
    count = parser.parse_args().rows
    console = Console()
    with tempfile.TemporaryDirectory(prefix="wardledger-imports-") as name:
        _compare(console, Path(name), SQLITE, sqlite_databases(Path(name)), count)
        if has_postgres():
            with PostgresServer() as server:
                _compare(console, Path(name), POSTGRES, server.create_database, count)
    console.print(f"{usage.machine()}; load average {usage.load_average():.2f}\n{usage.versions()}")


def _compare(console: Console, folder: Path, name: str, database: Callable[[], str], count: int) -> None:
    found: list[list[Figure]] = []
    for ahead in (True, False):
        home = folder / f"{name}-{'ahead' if ahead else 'plain'}"
        home.mkdir()
        installation = install(home / "home", database())
        with console.status(name) as status:
            found.append(
                measure(
                    installation.services,
                    home,
                    count,
                    lambda what, status=status: status.update(f"{name}: {what}"),  # type: ignore[misc]
                    ahead=ahead,
                )
            )
        installation.services.engine.dispose()
    tables(console, name, *found)


if __name__ == "__main__":
    main()
