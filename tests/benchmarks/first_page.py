"""`python -m tests.benchmarks.first_page [--records N] [--postgres]`: how long the desk's pages take over many records.

Prints the median and the worst of some askings of each page, over the application itself without a network. The
records are copies of one evidence item, written past the door: nothing is proven about them, they only lie there.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from tests.server.builders import install
from tests.server.desk_client import Desk
from tests.server.world import World, build
from tests.services.postgres import PostgresServer

RECORDS, TIMES = 100_000, 15
PAGES = ("/", "/evidence", "/findings", "/cases", "/rounds", "/records/evidence")
COLUMNS = """ledger, id, type, root, region, parent, natural_key, stage, life, version, open_conflicts,
         created_by, created_device, state, private"""
NUMBERS = {
    "sqlite": "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < :records)",
    "postgresql": "WITH numbers(n) AS (SELECT generate_series(1, CAST(:records AS integer)))",
}
PADDED = {"sqlite": "printf('%012d', n)", "postgresql": "lpad(CAST(n AS text), 12, '0')"}
COPY = """INSERT INTO record ({columns}) {numbers}
       SELECT ledger, substr(id, 1, 24) || {padded}, type, root, region, parent,
         substr(natural_key, 1, 52) || {padded}, CASE n % 50 WHEN 0 THEN stage ELSE 'approved' END, life, version + n,
         open_conflicts, created_by, created_device, state, private
       FROM record, numbers WHERE id = :id"""
READ = {"sqlite": "ANALYZE", "postgresql": "VACUUM ANALYZE record"}
"""What a database does by itself after a while: count what lies in each index, and note which pages all may see."""


@dataclass(frozen=True)
class Timing:
    """How long a page took, in milliseconds, and how large it is before compression."""

    path: str
    median_ms: float
    worst_ms: float
    size_bytes: int


def fill(world: World, records: int) -> None:
    """Lay so many copies of an evidence item beside it; every fiftieth waits for review."""
    engine = world.services.engine
    name = engine.dialect.name
    copy = COPY.format(columns=COLUMNS, numbers=NUMBERS[name], padded=PADDED[name])
    with engine.begin() as connection:
        connection.execute(text(copy), {"records": records, "id": world.evidence[0]})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(READ[name]))


def measure(desk: Desk, path: str, times: int = TIMES) -> Timing:
    """Return how long a page takes once it was asked for before."""
    size = len(desk.get(path).data)
    took = []
    for _ in range(times):
        began = time.perf_counter()
        assert desk.get(path).status_code == 200
        took.append((time.perf_counter() - began) * 1000)
    return Timing(path, statistics.median(took), max(took), size)


def print_table(folder: Path, database_url: str, records: int) -> None:
    """Measure on a fresh installation and print as a table of Markdown."""
    world = build(install(folder / "home", database_url))
    fill(world, records)
    desk = Desk(world, "supervisor")
    print(
        f"\n{world.services.engine.dialect.name}: {records} records of evidence, {TIMES} askings of each page\n"
    )
    print("| Page | median ms | worst ms | bytes |\n|---|---:|---:|---:|")
    for path in PAGES:
        told = measure(desk, path)
        print(
            f"| `{told.path}` | {told.median_ms:.0f} | {told.worst_ms:.0f} | {told.size_bytes} |", flush=True
        )
    world.services.engine.dispose()


def main() -> None:
    """Measure on SQLite, and with `--postgres` on a server of PostgreSQL that this starts and stops."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.first_page", description=__doc__)
    parser.add_argument("--records", type=int, default=RECORDS)
    parser.add_argument("--postgres", action="store_true", help="measure on PostgreSQL instead of SQLite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wardledger-bench-") as folder:
        if not given.postgres:
            print_table(Path(folder), f"sqlite:///{folder}/ledger.sqlite", given.records)
            return
        with PostgresServer() as server:
            print_table(Path(folder), server.create_database(), given.records)


if __name__ == "__main__":
    main()
