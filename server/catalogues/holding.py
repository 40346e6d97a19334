"""The catalogues of a ledger: those that were imported, and those that the program brings along."""

from __future__ import annotations

from sqlalchemy import Connection

from schemas.catalogues import content, shipped
from schemas.catalogues.choosing import Listed
from schemas.catalogues.content import Catalogue
from server.keys.vault import VaultSession
from server.storage import catalogue_store, record_store
from sync.errors import FileCorrupt, Malformed, NotCanonical


def listed(connection: Connection, vault: VaultSession) -> list[Listed]:
    """Return every catalogue that may hold; one that was withdrawn is not among them."""
    records = record_store.query(connection, vault, record_store.selected(vault.ledger, "catalogue"))
    known = {str(record.values["digest"]): record.version for record in records}
    headers = catalogue_store.headers(connection, vault.ledger, known)
    imported = [Listed(digest, header, known[digest]) for digest, header in sorted(headers.items())]
    return [*(one for one in shipped.in_use() if one.digest not in known), *imported]


def carried(connection: Connection, ledger: int, digest: str) -> Catalogue | None:
    """Return the content that a digest names, stored or shipped, checked against it; None where there is none.

    Raises FileCorrupt where what is stored is not what the digest names.
    """
    text = catalogue_store.text(connection, ledger, digest)
    if text is None:
        return shipped.by_digest(digest)
    try:
        return content.read(text, digest)
    except (Malformed, NotCanonical) as error:
        raise FileCorrupt(
            "the stored content of a catalogue is not what its digest names", item=digest
        ) from error
