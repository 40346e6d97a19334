"""Files that an institution sent from the portal and named nowhere: kept as long as an upload lives, then dropped.

A phone's file may come weeks before its record, so nothing of a phone's is dropped here. What an institution sends it
names within the hour, or never: its page was left, or its act was refused. The bytes go in two steps a day apart, so
that whoever names the file between the check and the commit still finds it: naming marks it in the same transaction.
"""

from __future__ import annotations

from server.storage import file_store, record_store
from server.storage.file_store import Upload
from server.wiring import Services

USER = "user"
SWEEP_MAX = 200
GRACE_MS = 24 * 60 * 60 * 1000
"""Between the step that gives a file up and the one that drops its bytes."""


def give_up(services: Services, over: Upload) -> None:
    """Give up the file of an upload whose time is over, where people sent it alone and no record names it."""
    ledger = services.ledger.id
    if not services.files.has(over.digest):
        return
    with services.database.writing(ledger) as connection:
        owners = file_store.owners(connection, ledger, over.digest)
        known = record_store.places(connection, ledger, owners)
        if all(one in known and known[one].type == USER for one in owners):
            file_store.give_up(connection, ledger, over.digest, services.now_ms())


def sweep(services: Services) -> int:
    """Drop files that were given up a day ago and that nobody has named or sent since; return how many."""
    ledger, before = services.ledger.id, services.now_ms() - GRACE_MS
    with services.database.reading() as connection:
        over = file_store.given_up(connection, ledger, before, SWEEP_MAX)
    dropped = 0
    for digest in over:
        with services.database.writing(ledger) as connection:
            gone = file_store.forget_given_up(connection, ledger, digest)
        if gone:
            services.files.discard(digest)
            dropped += 1
    return dropped
