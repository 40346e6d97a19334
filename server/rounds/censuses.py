"""Censuses as the ledger holds them: the newest of a hospital, who was on one, and the seed that it gives."""

from __future__ import annotations

from sqlalchemy import Connection, select

from schemas.records import RULES
from server.keys.vault import VaultSession
from server.rounds.roll import READ, Roll, is_on
from server.storage import ledger_store, record_store
from server.storage.record_store import TABLE, selected
from sync.as_of import as_of
from sync.entries import from_line
from sync.errors import NotFound
from sync.merge import Record
from sync.merkle import compact_range
from sync.tiles import nodes_from


def newest(connection: Connection, vault: VaultSession, institution: str) -> Record | None:
    """Return a hospital's newest census, None before its first."""
    statement = selected(vault.ledger, "census").where(TABLE.c.parent == institution)
    # A draw counts itself on its census, so the newest is the last made and not the last changed.
    found = record_store.query(connection, vault, statement)
    return max(found, key=index_of, default=None)


def index_of(census: Record) -> int:
    """Return the ledger entry of the import that a census came with."""
    return census.acts[0].index


def roll_at(connection: Connection, ledger: int, institution: str, index: int, day: str) -> Roll:
    """Return who was on a hospital's list of a day, as the ledger stood just after the entry `index`."""
    where = (TABLE.c.ledger == ledger, TABLE.c.parent == institution, TABLE.c.type == "encounter")
    found: Roll = []
    for row in connection.execute(select(TABLE).where(*where)):
        values = as_of(record_store.glimpse(row, READ), RULES["encounter"], READ, index)
        if values is not None and is_on(values, day):
            found.append((str(values["ward"]), row.id))
    return sorted(found)


def root_at(connection: Connection, ledger: int, size: int) -> bytes:
    """Return the root of the tree of the first `size` entries, from stored tiles; raises NotFound beyond the head."""
    if size > ledger_store.head(connection, ledger).size:
        raise NotFound(f"the ledger has fewer than {size} entries")
    return compact_range(nodes_from(ledger_store.tile_reader(connection, ledger)), size).root()


def change_at(connection: Connection, ledger: int, index: int) -> str:
    """Return the digest of the change line that an entry commits to; raises NotFound where there is no entry."""
    lines = ledger_store.entry_lines(connection, ledger, index, 1)
    if not lines:
        raise NotFound(f"the ledger has no entry {index}")
    return from_line(lines[0]).change
