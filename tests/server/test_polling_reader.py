"""A reader that polls by cursor misses nothing while eight writers commit (PostgreSQL).

With a plain sequence as the cursor it does: rows become visible in another order than their numbers were
drawn in, and a reader that has gone past a number never comes back. The same workload with
`INSERT ... RETURNING nextval`, eight writers of 60 rows each, one transaction a row with a pause of up to
3 ms before its commit, and a reader asking for `id > last seen`, lost 242 of 480 rows when it was measured.
Here the head row is written last under one lock, and the reader never looks beyond it.
"""

from __future__ import annotations

import random
import threading
import time

import pytest

from schemas.drafting import Draft
from server.app import create_app
from server.commit.acts import act, new_id
from server.operations.installation import services as opened
from server.storage import feed_store, ledger_store
from server.storage.feed_store import Cursor
from server.wiring import Services
from tests.server.builders import Installation
from tests.server.phones import Visit, visit

WRITERS = 8
ROWS_EACH = 25


def write(services: Services, found: Visit, number: int) -> None:
    """Write through a door of one's own, as another server process would."""
    chance = random.Random(number)
    for _ in range(ROWS_EACH):
        values = {
            "inspection": found.inspection,
            "violation_code": "bed_hanging",
            "facts": "测试",
            "amount_fen": number,
            "origin": "on_site",
        }
        act(services, [Draft("create", "finding", new_id(services), values)], user=found.member)
        time.sleep(chance.random() / 500)


def read(installation: Installation, found: Visit, seen: list[str], done: threading.Event) -> None:
    """Poll by cursor like a phone, a small page at a time, until the writers are done and nothing is left."""
    services = installation.services
    cursor = Cursor("", -1, "")
    while True:
        last_round = done.is_set()
        with services.database.reading() as connection:
            head = ledger_store.head(connection, services.ledger.id).size - 1
            page = feed_store.page(
                connection,
                services.ledger.id,
                found.lead,
                after=cursor,
                head=head,
                types=["finding"],
                limit=7,
            )
        seen += [row.id for _, row in page]
        cursor = Cursor("", page[-1][0], page[-1][1].id) if page else Cursor("", head, "~")
        if last_round and not page:
            return


@pytest.mark.timeout(120)
def test_a_polling_reader_misses_none_of_eight_writers(installation):
    found = visit(installation.services)
    seen: list[str] = []
    done = threading.Event()
    reader = threading.Thread(target=read, args=(installation, found, seen, done))
    # One after the other: CPython 3.11 cannot compile routes in several threads at once.
    apps = [create_app(installation.services.config, now_ms=installation.clock) for _ in range(WRITERS)]
    writers = [threading.Thread(target=write, args=(opened(app), found, n)) for n, app in enumerate(apps)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    done.set()
    reader.join()
    for app in apps:
        opened(app).engine.dispose()
    assert len(seen) == len(set(seen)) == WRITERS * ROWS_EACH
