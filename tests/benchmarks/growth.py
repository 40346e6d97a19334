"""What a change and a proof cost in a small ledger and in a large one, at the door, without a network."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from schemas.wire.change_set import read_manifest
from server.commit.submission import Push
from server.ledger import proofs
from server.storage import ledger_store
from sync.changes import CHANGES_MAX, ChangeSet
from tests.benchmarks.scene import Phone, Scene, SealedSet

BATCH = 25
PROOFS = 50


@dataclass(frozen=True)
class Cost:
    """What a ledger of one size asks for: ms for each change of a set of 25, ms for the proof of one entry."""

    change_ms: float
    proof_ms: float


def cost_by_size(
    here: Scene, sizes: Sequence[int], sets: int, told: Callable[[str], None]
) -> dict[int, Cost]:
    """Return {entries: what a change and a proof cost then, medians} for ledgers that have grown to these sizes."""
    phone = here.phones[0]
    found: dict[int, Cost] = {}
    for size in sizes:
        while (missing := size - _entries(here)) > 0:
            told(f"ledger growth: {size - missing} of {sizes[-1]} entries")
            _submit(here, phone, here.seal(phone, min(CHANGES_MAX, missing)))
        prepared = [here.seal(phone, BATCH) for _ in range(sets)]
        change = median(_submit(here, phone, one) for one in prepared) * 1000 / BATCH
        found[size] = Cost(change, median(_prove(here, size * n // PROOFS) for n in range(PROOFS)) * 1000)
    return found


def _prove(here: Scene, index: int) -> float:
    """Return the seconds that the proof of one entry takes, its reading from the database included."""
    began = time.perf_counter()
    with here.services.database.reading() as connection:
        proofs.inclusion(connection, here.services.ledger, index)
    return time.perf_counter() - began


def _entries(here: Scene) -> int:
    with here.services.database.reading() as connection:
        return ledger_store.head(connection, here.services.ledger.id).size


def _submit(here: Scene, phone: Phone, one: SealedSet) -> float:
    """Return the seconds from handing a set to the door to its durable receipt."""
    push = Push(phone.device, ChangeSet(read_manifest(one.jws), one.items), here.services.now_ms(), one.text)
    began = time.perf_counter()
    here.services.door.submit(push)
    return time.perf_counter() - began
