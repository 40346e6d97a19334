"""What a reader may take away of the record that a page shows."""

from __future__ import annotations

from server.access import may_take
from server.console.pages.bundles import BundleOffer
from server.queries.reading import Reading
from sync.merge import Record


def bundle_offer(reading: Reading, kind: str, record: Record) -> BundleOffer | None:
    """Return the bundle that a reader may take of a record, or None."""
    roles = reading.roles_over(record)
    if not may_take.public_part(roles):
        return None
    return BundleOffer(kind=kind, id=record.id, private=may_take.private_part(roles))
