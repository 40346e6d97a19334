"""What a change costs in a small ledger and in a large one, at the door, without a network."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from statistics import median

from schemas.wire.change_set import read_manifest
from server.commit.submission import Push
from server.storage import ledger_store
from sync.changes import CHANGES_MAX, ChangeSet
from tests.benchmarks.scene import Phone, Scene, SealedSet

BATCH = 25


def cost_by_size(
    here: Scene, sizes: Sequence[int], sets: int, told: Callable[[str], None]
) -> dict[int, float]:
    """Return {entries: median ms for each change of a set of 25} for ledgers that have grown to these sizes."""
    phone = here.phones[0]
    found: dict[int, float] = {}
    for size in sizes:
        while (missing := size - _entries(here)) > 0:
            told(f"ledger growth: {size - missing} of {sizes[-1]} entries")
            _submit(here, phone, here.seal(phone, min(CHANGES_MAX, missing)))
        prepared = [here.seal(phone, BATCH) for _ in range(sets)]
        found[size] = median(_submit(here, phone, one) for one in prepared) * 1000 / BATCH
    return found


def _entries(here: Scene) -> int:
    with here.services.database.reading() as connection:
        return ledger_store.head(connection, here.services.ledger.id).size


def _submit(here: Scene, phone: Phone, one: SealedSet) -> float:
    """Return the seconds from handing a set to the door to its durable receipt."""
    push = Push(phone.device, ChangeSet(read_manifest(one.jws), one.items), here.services.now_ms(), one.text)
    began = time.perf_counter()
    here.services.door.submit(push)
    return time.perf_counter() - began
