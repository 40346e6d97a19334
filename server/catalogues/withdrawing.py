"""Withdrawing: a catalogue that was imported by mistake holds no longer; what names it already keeps it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from schemas.drafting import Draft
from server.storage import record_store
from sync.errors import BadValue, NotFound

if TYPE_CHECKING:
    from server.wiring import Services

DIGITS_MIN = 8


def withdraw(services: Services, digest: str) -> tuple[str, int]:
    """Void the record of an imported catalogue; return its id and the ledger entry.

    digest: of its content, or the first DIGITS_MIN or more digits where they say enough
    Raises NotFound, BadValue (too short, or of several).
    """
    from server.commit.acts import act

    if len(digest) < DIGITS_MIN:
        raise BadValue(f"name at least {DIGITS_MIN} digits", field="digest")
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        records = record_store.query(connection, vault, record_store.selected(vault.ledger, "catalogue"))
    found = [record for record in records if str(record.values["digest"]).startswith(digest)]
    if not found:
        raise NotFound("no imported catalogue has this digest; one that is shipped is replaced by an import")
    if len(found) > 1:
        raise BadValue("several catalogues begin so; name more digits", field="digest")
    result = act(services, [Draft("void", "catalogue", found[0].id)], kind="setting")
    return found[0].id, result.first
