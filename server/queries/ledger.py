"""The ledger's head and its newest entries, which name no content of the field."""

from __future__ import annotations

from server.console.pages import LedgerEntry, LedgerPage
from server.queries.reading import Reading, moment
from server.storage import ledger_store
from sync import entries

NEWEST = 20


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
        entries=_newest(reading, head.size),
    )


def _newest(reading: Reading, size: int) -> tuple[LedgerEntry, ...]:
    first = max(0, size - NEWEST)
    lines = ledger_store.entry_lines(reading.connection, reading.services.ledger.id, first, NEWEST)
    found = [(first + n, entries.from_line(line)) for n, line in enumerate(lines)]
    return tuple(
        LedgerEntry(
            index=index,
            at=moment(entry.at),
            kind=entry.kind,
            type=entry.type or "",
            outcome=entries.entry_outcome(entry).verdict,
        )
        for index, entry in reversed(found)
    )
