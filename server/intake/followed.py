"""What follows at once from what a phone brought: its files are verified, its called rounds are drawn."""

from __future__ import annotations

import contextlib

from server.commit.submission import Result
from server.evidence import verify
from server.rounds import orders
from server.wiring import Services
from sync.errors import StorageDown


def follow(services: Services, result: Result) -> None:
    """See to the evidence and the rounds that a set brought or released; a crash before it is made good by sweeps."""
    moved = {**result.records, **result.released}
    fresh = {record.values["cipher_digest"] for record in moved.values() if record.type == "evidence"}
    # What was answered stands, whatever the store says: the scheduler's sweep settles what is left.
    with contextlib.suppress(StorageDown):
        for digest in sorted(fresh):
            verify.settle(services, digest)
    orders.ask(services, sorted(key for key, record in moved.items() if record.type == "ward_round"))
