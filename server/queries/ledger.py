"""The ledger's head and its newest entries, which name no content of the field."""

from __future__ import annotations

from server.console.pages.ledger import Cosigned, LedgerPage, Stamped
from server.queries.entries import entries_page
from server.queries.reading import Reading, moment
from server.storage import ledger_store, timestamp_store, witness_store

NEWEST = 20
STAMPS = 5


def ledger_page(reading: Reading) -> LedgerPage:
    """Return the head as signed and the newest entries, which tell what kind of thing happened and to nobody."""
    here = reading.services
    head = ledger_store.head(reading.connection, here.ledger.id)
    return LedgerPage(
        origin=here.ledger.origin,
        epoch=head.epoch,
        size=head.size,
        root=head.root.hex(),
        signed_at=moment(head.at),
        key_fingerprint=here.keyring.ledger_digest,
        checkpoint=head.note,
        address=here.config.url,
        entries=entries_page(reading).entries[:NEWEST],
        witnesses=_witnesses(reading, head.epoch),
        timestamps=_timestamps(reading, head.epoch),
    )


def _witnesses(reading: Reading, epoch: str) -> tuple[Cosigned, ...]:
    """Return who has cosigned heads of an epoch, and up to which size."""
    found = witness_store.cosigned_sizes(reading.connection, reading.services.ledger.id, epoch)
    return tuple(Cosigned(name=name, size=size) for name, size in sorted(found.items()))


def _timestamps(reading: Reading, epoch: str) -> tuple[Stamped, ...]:
    """Return the newest heads of an epoch that an authority has dated."""
    found = timestamp_store.newest_of(reading.connection, reading.services.ledger.id, epoch, STAMPS)
    return tuple(Stamped(size=size, at=moment(at)) for size, at in found)
