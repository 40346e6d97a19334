"""What is said of a file before a verdict: declared by its record, or partial once bytes of it have come.

Neither is written into the ledger: a file that comes in a hundred parts is not a hundred acts.
"""

from __future__ import annotations

from collections.abc import Container, Iterable

from sqlalchemy import Connection

from server.evidence.verify import ABANDONED
from server.storage import file_store
from server.wiring import Services
from sync.errors import StorageDown
from sync.merge import Record

DECLARED, PARTIAL = "declared", "partial"
UNDECIDED = (None, ABANDONED)


def arriving(services: Services, connection: Connection, items: Iterable[Record]) -> frozenset[str]:
    """Return the ciphers of these items that are on their way: an open upload holds bytes of them."""
    digests = {
        str(item.values["cipher_digest"]) for item in items if item.values.get("file_state") in UNDECIDED
    }
    ledger, now = services.ledger.id, services.now_ms()
    begun = file_store.on_their_way(connection, ledger, sorted(digests), now)
    try:
        return frozenset(upload.digest for upload in begun if services.files.offset(upload.token))
    except StorageDown:
        # A list is shown all the same; what it says of these files is then what their records say.
        return frozenset()


def shown(item: Record, on_their_way: Container[str]) -> str:
    """Return an item's state of file as people are told; on_their_way: what `arriving` found."""
    state = item.values.get("file_state")
    if state in UNDECIDED and item.values["cipher_digest"] in on_their_way:
        return PARTIAL
    return str(state or DECLARED)
