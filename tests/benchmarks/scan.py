"""`python -m tests.benchmarks.scan [--quick]`: what one scan of the reminders costs, by open cases and by due ones.

One case is opened through the door and copied in the database; of the copies so many want something now, the
others in ten days. Rows are counted where SQLite hands them over.
"""

from __future__ import annotations

import argparse
import tempfile
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import delete, event, insert, select, update

from server.reminders import facts, scan
from server.storage import deadline_store, outbox_store
from server.storage.record_store import TABLE as RECORDS
from server.wiring import Services
from sync.ids import named_id
from tests.reminders.served_case import bureau, served_case
from tests.server.builders import install

DEADLINES, OUTBOX = deadline_store.TABLE, outbox_store.TABLE
FULL_OPEN, QUICK_OPEN = (1_000, 10_000, 100_000), (1_000, 5_000)
FULL_DUE, QUICK_DUE = (0, 100, 1_000), (0, 100)
TEN_DAYS_MS = 10 * 86_400_000
CHUNK = 5_000


@dataclass(frozen=True)
class Cost:
    """One scan: how many cases were open and due, seconds, rows read, reminders queued, peak of memory in MB."""

    open: int
    due: int
    seconds: float
    rows: int
    queued: int
    peak_mb: float


def measured(opens: tuple[int, ...], dues: tuple[int, ...]) -> Iterator[Cost]:
    """Yield what each scan costs, the fewest open cases first."""
    with tempfile.TemporaryDirectory(prefix="wardledger-scan-") as folder:
        url = f"sqlite:///{Path(folder) / 'ledger.sqlite'}"
        made = install(Path(folder) / "home", url, WARDLEDGER_SMTP_URL="smtp://127.0.0.1:9")
        office = bureau(made)
        case = served_case(office)
        there = 1
        for count in opens:
            copy(made.services, case, there, count)
            there = count
            for due in dues:
                yield one(made.services, count, due)
        made.services.engine.dispose()


def copy(services: Services, case: str, start: int, stop: int) -> None:
    """Copy a case and its clock until there are `stop` of them."""
    with services.engine.begin() as connection:
        record = dict(connection.execute(select(RECORDS).where(RECORDS.c.id == case)).one()._mapping)
        clock = dict(connection.execute(select(DEADLINES).where(DEADLINES.c.case == case)).one()._mapping)
        for at in range(start, stop, CHUNK):
            ids = [named_id("benchmark", case, str(n)) for n in range(at, min(at + CHUNK, stop))]
            connection.execute(insert(RECORDS), [{**record, "id": one} for one in ids])
            connection.execute(insert(DEADLINES), [{**clock, "case": one} for one in ids])


def one(services: Services, count: int, due: int) -> Cost:
    """Return what a scan costs with so many open cases, of which so many are due."""
    wake(services, due)
    with counted(services) as rows:
        began = time.perf_counter()
        queued = scan.scan(services, services.now())
        seconds = time.perf_counter() - began
    wake(services, due)
    tracemalloc.start()
    scan.scan(services, services.now())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return Cost(count, due, seconds, rows[0], queued, peak / 1e6)


def wake(services: Services, due: int) -> None:
    """Let the first cases be due and the others in ten days, with nothing sent yet."""
    now = facts.unix_ms(services.now())
    with services.engine.begin() as connection:
        connection.execute(delete(OUTBOX))
        connection.execute(update(DEADLINES).values(next_at=now + TEN_DAYS_MS))
        first = select(DEADLINES.c.case).order_by(DEADLINES.c.case).limit(due)
        connection.execute(update(DEADLINES).where(DEADLINES.c.case.in_(first)).values(next_at=now))


@contextmanager
def counted(services: Services) -> Iterator[list[int]]:
    """Yield a list that holds how many rows were read while it was open."""
    seen = [0]

    def count(_cursor: Any, row: Any) -> Any:
        seen[0] += 1
        return row

    def taken(connection: Any, _record: Any, _proxy: Any) -> None:
        connection.row_factory = count

    def given_back(connection: Any, _record: Any) -> None:
        if connection is not None:
            connection.row_factory = None

    event.listen(services.engine, "checkout", taken)
    event.listen(services.engine, "checkin", given_back)
    try:
        yield seen
    finally:
        event.remove(services.engine, "checkout", taken)
        event.remove(services.engine, "checkin", given_back)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.scan", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="smaller counts")
    quick = parser.parse_args().quick
    table = Table(
        "open cases", "due", "seconds", "rows read", "queued", "peak MB", title="One scan of the reminders"
    )
    for cost in measured(QUICK_OPEN if quick else FULL_OPEN, QUICK_DUE if quick else FULL_DUE):
        numbers = (f"{cost.open:,}", f"{cost.due:,}", f"{cost.seconds:.3f}", f"{cost.rows:,}", f"{cost.queued:,}",
                   f"{cost.peak_mb:.1f}")  # fmt: skip
        table.add_row(*numbers)
    Console().print(table)


if __name__ == "__main__":
    main()
