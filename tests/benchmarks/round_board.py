"""`python -m tests.benchmarks.round_board [--rounds N] [--postgres]`: how long the board of running rounds takes.

Calls so many remote rounds over the real door, and prints the median and the worst of some askings of the board, as a
page and as a program's answer, over the application itself without a network.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tests.benchmarks.first_page import TIMES, measure
from tests.rounds.town import desk, found_town
from tests.server.builders import install
from tests.services.postgres import PostgresServer

ROUNDS, BEDS = 50, 4
PAGES = ("/rounds/board", "/api/ward-rounds/board")


def print_table(folder: Path, database_url: str, rounds: int) -> None:
    """Measure on a fresh installation and print as a table of Markdown."""
    town = found_town(install(folder / "home", database_url), folder)
    for _ in range(rounds):
        town.call(method="random", size=BEDS, respond_minutes=60)
    chief = desk(town, "chief", "supervisor", "341500")
    engine = town.services.engine
    print(f"\n{engine.dialect.name}: {rounds} rounds of {BEDS} beds, {TIMES} askings\n")
    print("| Page | median ms | worst ms | bytes |\n|---|---:|---:|---:|")
    for path in PAGES:
        told = measure(chief, path)
        print(
            f"| `{told.path}` | {told.median_ms:.0f} | {told.worst_ms:.0f} | {told.size_bytes} |", flush=True
        )
    engine.dispose()


def main() -> None:
    """Measure on SQLite, and with `--postgres` on a server of PostgreSQL that this starts and stops."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.round_board", description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--postgres", action="store_true", help="measure on PostgreSQL instead of SQLite")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="wardledger-bench-") as folder:
        if not given.postgres:
            print_table(Path(folder), f"sqlite:///{folder}/ledger.sqlite", given.rounds)
            return
        with PostgresServer() as server:
            print_table(Path(folder), server.create_database(), given.rounds)


if __name__ == "__main__":
    main()
